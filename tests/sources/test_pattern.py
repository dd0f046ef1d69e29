"""Names that follow a pattern of one's own."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.errors import DataError
from ptk.sources.pattern import Pattern
from ptk.types import MediaFile, Skipped


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("{identity}_{expression}.jpg", "mary_ann_smile.JPG", {"mary_ann_smile": ("mary_ann", "smile")}),
        ("{identity}_{expression}", "deep/down/ann_Smile2.png", {"ann_Smile2": ("ann", "smile")}),
        ("{identity}_{shot}", "Aaron_Eckhart_0001.jpg", {"Aaron_Eckhart_0001": ("Aaron_Eckhart", "")}),
        ("{identity}/{expression}/{shot}", "ann/happy/01.jpg", {"ann_happy_01": ("ann", "happy")}),
        ("{identity}/{identity}{expression}S", "AF01/AF01ANS.JPG", {"AF01_AF01ANS": ("AF01", "an")}),
        ("*/{identity}.{expression}", "2024/ann.smile.webp", {"2024_ann.smile": ("ann", "smile")}),
        ("{}-{expression}-{identity}.*", "x-03-ann.mp4", {"x-03-ann": ("ann", "03")}),
        ("{identity}[{expression}]", "ann[smile].jpg", {"ann[smile]": ("ann", "smile")}),
        ("./{identity}", "ann.jpg", {"ann": ("ann", "")}),
        ("{identity}{}", "李明.jpg", {"李明": ("李明", "")}),
    ],
)
def test_fields_are_read_from_names(pattern, name, expected, touch, media):
    assert media(Pattern(pattern).find(touch([name]))) == expected


def test_what_does_not_match_is_listed_with_the_pattern(touch, media, left_out):
    place = touch(["ann_smile.jpg", "ann_smile.png", "zoe.jpg", "notes.txt", ".hidden_x.jpg"])
    found = Pattern("{identity}_{expression}.jpg").find(place)
    assert list(media(found)) == ["ann_smile"]
    assert left_out(found) == {
        "ann_smile.png": "does not match the pattern {identity}_{expression}.jpg",
        "notes.txt": "is no photo or video, going by its suffix",
        "zoe.jpg": "does not match the pattern {identity}_{expression}.jpg",
    }


def test_a_pattern_with_slashes_is_held_against_the_whole_path(touch, media):
    place = touch(["ann/smile.jpg", "old/ann/smile.jpg", "smile.jpg"])
    assert media(Pattern("{identity}/{expression}").find(place)) == {"ann_smile": ("ann", "smile")}


def test_one_file_is_held_against_its_name(touch, media):
    place = touch(["ann_smile.jpg"])
    assert media(Pattern().find(place / "ann_smile.jpg")) == {"ann_smile": ("ann", "smile")}


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{expression}.jpg", r"does not say who is shown; put \{identity\} in the pattern"),
        ("", r"put \{identity\} in the pattern"),
        ("{identity}_{mood}", r"no such field: \{mood\}; there are \{identity\}, \{expression\}, \{shot\}"),
        ("{identity}_{expression", "a brace has no partner"),
        ("{identity}}_x", "a brace has no partner"),
        ("{{identity}}", "a brace has no partner"),
    ],
)
def test_a_bad_pattern_is_refused_in_one_line(pattern, said):
    with pytest.raises(DataError, match=said) as caught:
        Pattern(pattern)
    assert "\n" not in str(caught.value)


def test_nothing_that_matches_is_an_error_with_the_pattern(touch):
    with pytest.raises(DataError, match=r"no photos or videos that match the pattern \{identity\}_\{expression\}"):
        Pattern().find(touch(["zoe.jpg"]))


def test_links_in_circles_end(touch, media):
    place = touch(["ann/ann_smile.jpg"])
    (place / "ann" / "up").symlink_to(place)
    (place / "loop").symlink_to("loop")
    found = Pattern().find(place)
    assert list(media(found)) == ["ann_smile"]
    assert [one.path for one in found if isinstance(one, Skipped)] == ["ann/up", "loop"]


def test_folders_outside_that_several_links_lead_to_are_searched_once(touch, media, tmp_path):
    place = touch(["ann_smile.jpg"])
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "bob_smile.jpg").touch()
    (outside / "back").symlink_to(outside)
    for name in ("first", "second"):
        (place / name).symlink_to(outside)
    found = Pattern().find(place)
    assert list(media(found)) == ["ann_smile", "bob_smile"]
    assert [one.path for one in found if isinstance(one, Skipped)] == ["first/back", "second"]


@settings(deadline=None)
@given(pattern=st.text("{}*/._a", max_size=8).map("{}{{identity}}".format) | st.text(max_size=20))
def test_any_text_is_a_pattern_or_refused(pattern, tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    (folder / "a_a.jpg").touch()
    try:
        (found,) = Pattern(pattern).find(folder)
    except DataError as error:
        assert str(error)
    else:
        assert isinstance(found, MediaFile)
