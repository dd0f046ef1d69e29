"""A folder a domain, as CycleGAN's and StarGAN's data sets have it."""

import pytest

from ptk.errors import DataError
from ptk.sources.folders import Folders
from ptk.types import MediaFile, Skipped


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def told(place):
    return [(one.photo, one.domain, one.split) for one in Folders().find(place) if isinstance(one, MediaFile)]


def left_out(place):
    return {one.path: one.reason for one in Folders().find(place) if isinstance(one, Skipped)}


def test_every_folder_is_a_domain_and_every_picture_somebody_else(tmp_path):
    touch(tmp_path, "horse/1.jpg", "horse/fields/2.png", "zebra/1.jpg", ".cache/3.jpg")
    assert told(tmp_path) == [("horse_1", "horse", ""), ("horse_fields_2", "horse", ""), ("zebra_1", "zebra", "")]
    found = [one for one in Folders().find(tmp_path) if isinstance(one, MediaFile)]
    assert [one.identity for one in found] == [one.photo for one in found]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            ["trainA/1.jpg", "trainB/1.jpg", "testA/1.jpg", "testB/2.jpg"],
            [("test_A_1", "A", "test"), ("test_B_2", "B", "test"), ("train_A_1", "A", "train"),
             ("train_B_1", "B", "train")],
        ),
        (
            ["train/angry/1.jpg", "train/happy/1.jpg", "val/angry/1.jpg"],
            [("train_angry_1", "angry", "train"), ("train_happy_1", "happy", "train"),
             ("test_angry_1", "angry", "test")],
        ),
        (["train_summer/1.jpg", "test_summer/1.jpg"],
         [("test_summer_1", "summer", "test"), ("train_summer_1", "summer", "train")]),
        (["trains/1.jpg", "buses/1.jpg"], [("buses_1", "buses", ""), ("trains_1", "trains", "")]),
        (["testA/1.jpg", "testB/1.jpg"], [("testA_1", "testA", ""), ("testB_1", "testB", "")]),
    ],
)  # fmt: skip
def test_published_layouts_give_the_split_and_others_none(tmp_path, names, expected):
    assert told(touch(tmp_path, *names)) == expected


def test_one_name_in_two_formats_becomes_two(tmp_path):
    assert told(touch(tmp_path, "a/1.jpg", "a/1.png")) == [("a_1", "a", ""), ("a_1-2", "a", "")]


def test_what_is_left_out_is_told(tmp_path):
    touch(tmp_path, "a/1.jpg", "a/notes.txt", "a/b.mp4", "loose.jpg", "my zebras/1.jpg")
    assert left_out(tmp_path) == {
        "a/b.mp4": "is a video; take pictures out of it first",
        "a/notes.txt": "is no photo or video, going by its suffix",
        "loose.jpg": "lies in no folder of a domain; move it into one",
        "my zebras": "is no name of a domain; rename it with letters, digits, _, - and .",
    }


def test_a_place_without_pictures_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(DataError, match="no pictures here; each domain has a folder of its own"):
        Folders().find(tmp_path)
    with pytest.raises(DataError):
        Folders().find(tmp_path / "none")
