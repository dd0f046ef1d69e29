"""Folders of people at several ages: what is found under which names, and why the rest is not."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ptk
from ptk_aging.ages import Ages


def tree(place, *names):
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).touch()
    return place


def found(place):
    """What is found: path -> the names in the data set, or the reason why it is skipped."""
    told = {}
    for one in Ages().find(place):
        if isinstance(one, ptk.MediaFile):
            told[one.path.relative_to(place).as_posix()] = (one.identity, one.domain, one.expression, one.photo)
        else:
            told[one.path] = one.reason
    return told


def test_people_as_folders(tmp_path):
    names = (
        "ann/old_neutral_2.jpg",
        "ann/photo.jpg",
        "ann/young.JPG",
        "ann/young_smile.png",
        "p07/Old_closed-mouth.jpg",
    )
    assert found(tree(tmp_path, *names)) == {
        "ann/old_neutral_2.jpg": ("ann", "old", "neutral", "ann_old_neutral_2"),
        "ann/photo.jpg": ("ann", "photo", "", "ann_photo"),
        "ann/young.JPG": ("ann", "young", "", "ann_young"),
        "ann/young_smile.png": ("ann", "young", "smile", "ann_young_smile"),
        "p07/Old_closed-mouth.jpg": ("p07", "old", "closed-mouth", "p07_Old_closed-mouth"),
    }


def test_ages_as_folders(tmp_path):
    names = ("Young/ann.jpg", "old/ann_smile.jpg", "old/mary lou_3.jpg", "old/p07_neutral_2.jpg", "photo/ann_2.webp")
    assert found(tree(tmp_path, *names)) == {
        "Young/ann.jpg": ("ann", "young", "", "ann_young"),
        "old/ann_smile.jpg": ("ann", "old", "smile", "ann_old_smile"),
        "old/mary lou_3.jpg": ("mary lou", "old", "", "mary lou_old_3"),
        "old/p07_neutral_2.jpg": ("p07", "old", "neutral", "p07_old_neutral_2"),
        "photo/ann_2.webp": ("ann", "photo", "", "ann_photo_2"),
    }


def test_both_layouts_give_a_photo_the_same_names(tmp_path):
    names = found(tree(tmp_path, "ann/old_smile_2.jpg", "old/ann_smile_2.jpg"))
    assert names["ann/old_smile_2.jpg"] == names["old/ann_smile_2.jpg"] == ("ann", "old", "smile", "ann_old_smile_2")


def test_a_name_typed_on_two_systems_is_one_person(tmp_path):
    tree(tmp_path, "Jos\u00e9/old.jpg", "young/Jose\u0301.jpg")
    assert {one.identity for one in Ages().find(tmp_path)} == {"Jos\u00e9"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("old.jpg", "lies in nobody's folder; photos lie as ann/young.jpg"),
        ("ann/middle.jpg", "is named after no age"),
        ("ann/older.jpg", "is named after no age"),
        ("ann/old_IMG_1234.jpg", "is named after no age"),
        ("old/young.jpg", "can be read in two ways; call nobody young"),
        ("old/IMG_1234.jpg", "is named after nobody (a camera's number?)"),
        ("old/1234.jpg", "is named after nobody (a camera's number?)"),
        ("old/_.jpg", "is named after nobody (a camera's number?)"),
        ("ann/old.txt", "is no photo, going by its suffix"),
        ("ann/old.mp4", "is no photo, going by its suffix"),
        ("ann/nested/old.jpg", "is a folder two levels down"),
        ("a\\b/old.jpg", "its name holds a path; rename it"),
        ("an\nn/old.jpg", "its name has characters that cannot be printed; rename it"),
        ("n" * 90 + "/old.jpg", "its name is longer than 80 bytes; rename it"),
    ],
)
def test_the_rest_is_listed_with_the_reason(tmp_path, name, reason):
    told = found(tree(tmp_path, "ann/photo.jpg", name))
    assert len(told) == 2
    skipped = [text for text in told.values() if isinstance(text, str)]
    assert len(skipped) == 1
    assert skipped[0].startswith(reason)


def test_hidden_files_are_passed_over(tmp_path):
    assert list(found(tree(tmp_path, "ann/old.jpg", "ann/.young.jpg", ".trash/old.jpg", ".ptk-aging.json"))) == [
        "ann/old.jpg"
    ]


def test_links_lead_to_nothing_twice_and_nothing_hangs(tmp_path):
    tree(tmp_path / "here", "ann/old.jpg")
    tree(tmp_path / "there", "old.jpg")
    (tmp_path / "here/circle").symlink_to(tmp_path / "here")
    (tmp_path / "here/again").symlink_to(tmp_path / "here/ann")
    (tmp_path / "here/bob").symlink_to(tmp_path / "there")
    (tmp_path / "here/ann/young.jpg").symlink_to(tmp_path / "nowhere.jpg")
    os.mkfifo(tmp_path / "here/ann/photo.jpg")
    linked = "is a link to a folder that is searched anyway, or to one above"
    assert found(tmp_path / "here") == {
        "again": linked,
        "ann/old.jpg": ("ann", "old", "", "ann_old"),
        "ann/photo.jpg": "is no file that can be read",
        "ann/young.jpg": "is no file that can be read",
        "bob/old.jpg": ("bob", "old", "", "bob_old"),
        "circle": linked,
    }


def test_one_file_alone_is_named_by_its_folder_too(tmp_path):
    tree(tmp_path, "ann/old_smile.jpg")
    [one] = Ages().find(tmp_path / "ann/old_smile.jpg")
    assert (one.identity, one.domain, one.expression) == ("ann", "old", "smile")


def test_a_place_that_is_none_is_refused_in_a_line(tmp_path):
    with pytest.raises(ptk.DataError, match="missing: cannot be read"):
        Ages().find(tmp_path / "missing")
    with pytest.raises(ptk.DataError, match=r"no photos of people at several ages here; photos lie as ann/young\.jpg"):
        Ages().find(tree(tmp_path, "ann/smile.jpg"))


_NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(_NAMES, st.sampled_from(["photo", "Young", "old_a", "old_1", ""]), _NAMES)
def test_any_names_are_found_or_listed_never_an_accident(first, age, last):
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        tree(place, "zoe/old.jpg")
        for name in ((first, f"{age}_{last}.jpg"), (age or "old", f"{last}.png")):
            if not {".", ".."} & set(name) and name[0] != "zoe":
                tree(place, "/".join(name))
        for one in Ages().find(place):
            if isinstance(one, ptk.Skipped):
                assert one.path.isprintable()
                continue
            assert one.path.is_file()
            assert one.domain in ("photo", "young", "old")
            for name in (one.identity, one.photo, one.expression or "unknown"):
                assert name.strip(" .")
                assert name.isprintable()
                assert not set(name) & set("/\\")
                assert len(name.encode()) <= 200
