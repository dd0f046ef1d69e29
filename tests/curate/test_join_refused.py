"""What cannot be one set: sets made otherwise, that share somebody, or are not whole; and places that are taken."""

import pytest

from ptk.curate.join import join
from ptk.dataset.manifest import MANIFEST, UNFINISHED, read_manifest
from ptk.errors import DataError, OutputError
from small_sets import DESCRIBED, change, describe, make_set


@pytest.mark.parametrize(
    ("said", "what", "option"),
    [
        ({"size": 96}, "the side of an image in pixels is 96, in {left} it is 64", "`size`"),
        ({"size": 0}, "the side of an image in pixels is unknown, in {left} it is 64", "`size`"),
        ({"margin": 0.125}, "the margin is 0.125, in {left} it is 0.0", "`margin`"),
        ({"detector": "dlib68"}, "the detector is dlib68, in {left} it is mediapipe68", "`detector`"),
        (
            {"domains": [*DESCRIBED["domains"], {"name": "wave"}]},
            "the domain wave is made by wave, in {left} it is not there",
            "`styles`",
        ),
        (
            {"domains": [DESCRIBED["domains"][0], {"name": "sketch", "options": {"lines": 3}}]},
            'the domain sketch is made by sketch with {{"lines": 3}}, in {left} it is made by sketch with',
            "`styles`",
        ),
        (
            {"domains": DESCRIBED["domains"][:1]},
            "the domain sketch is made nobody knows how, in {left} it is made by sketch",
            "`styles`",
        ),
    ],
)
def test_sets_that_were_made_otherwise_are_refused_with_the_option_to_mend_it(left, right, out, said, what, option):
    describe(right, **said)
    with pytest.raises(DataError) as raised:
        join([left, right], out)
    words = str(raised.value)
    assert words.startswith(f"{right}: {what.format(left=left)}")
    assert words.endswith(f"; make one again by `prepare`, with the {option} of the other")
    assert "\n" not in words
    assert not out.parent.exists()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"identity": "ann"}, "the person ann is in {left}, too; if these are two people, rename one"),
        ({"photo": "bob_1"}, "the photo bob_1 is in {left}, too"),
        ({"image": "images/photo/./Ann/ann_0.jpg"}, "the image images/photo/./Ann/ann_0.jpg is in {left}, too"),
    ],
)
def test_a_name_that_two_sets_share_is_refused(left, right, out, fields, said):
    change(right, **fields)
    image = right / read_manifest(right)[0].image
    image.parent.mkdir(exist_ok=True)
    image.touch()
    with pytest.raises(DataError) as raised:
        join([left, right], out)
    assert str(raised.value).startswith(f"{right}: {said.format(left=left)}")
    assert not out.parent.exists()


def test_many_shared_people_are_one_line(left, out, tmp_path):
    again = make_set(tmp_path / "again", {"bob": ("p00", "train"), "ann": ("p01", "test")})
    with pytest.raises(DataError, match=r"again: the person bob and 1 more are in .*left, too; .*prepare both sources"):
        join([left, again], out)


def test_a_set_that_is_not_whole_is_refused(left, right, out):
    image = right / read_manifest(right)[2].image
    content = image.read_bytes()
    image.unlink()
    with pytest.raises(DataError, match=f"^{image}: is missing; `check` tells what is wrong with {right}$"):
        join([left, right], out)
    image.write_bytes(content)
    (right / UNFINISHED).touch()
    with pytest.raises(DataError, match=f"^{right}: `prepare` was interrupted"):
        join([left, right], out)
    (right / UNFINISHED).unlink()
    (right / MANIFEST).write_text("{}\n")
    with pytest.raises(DataError, match=f"^{right / MANIFEST}:1: not a line"):
        join([left, right], out)
    assert not out.parent.exists()


def test_two_sets_are_needed_and_only_they_can_be_trained_on(left, right, out):
    for folders in ([left], [left, right, right.parent / "right"]):
        with pytest.raises(DataError, match="these are not two sets or more; name different folders"):
            join(folders, out)
    with pytest.raises(DataError, match=f"^`all_train` {out}: is none of the sets to join"):
        join([left, right], out, all_train=[left, out])


def test_the_set_goes_into_a_new_folder_or_an_empty_one(left, right, out, tmp_path):
    for place, why in ((left / "both", "lies in a set to join"), (left, "is there already")):
        with pytest.raises(OutputError, match=f"^{place}: {why}"):
            join([left, right], place)
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("nowhere")
    for name in ("file", "link"):
        with pytest.raises(OutputError, match=f"{name}: is there already; name a new folder with `out`$"):
            join([left, right], tmp_path / name)
    out.mkdir(parents=True)
    join([left, right], out)
    before = (out / MANIFEST).read_bytes()
    with pytest.raises(OutputError, match="is there already"):
        join([right, left], out)
    assert (out / MANIFEST).read_bytes() == before
