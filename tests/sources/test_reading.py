"""What was read from names is said, and what looks misread is warned of."""

from pathlib import Path

import pytest

from ptk.sources.reading import describe_reading, warn_of_reading
from ptk.sources.tree import Tree


def read(folder: Path, names: list[str]) -> list:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return Tree().find(folder)


def test_the_first_names_are_told_with_who_and_what_they_show(tmp_path: Path) -> None:
    media = read(tmp_path, ["ann_smile.jpg", "bob.jpg", "subject12_angry_left.png", "zoe_neutral.jpg"])
    assert describe_reading(media) == (
        "read from names: ann_smile.jpg -> person ann, expression smile; bob.jpg -> person bob; "
        "subject12_angry_left.png -> person subject12_angry, expression left, ..."
    )
    assert describe_reading([]) == ""


@pytest.mark.parametrize("views", [["left"], ["left", "right", "front"]])
def test_people_who_are_called_as_expressions_are_get_a_warning(tmp_path: Path, views: list[str]) -> None:
    """With three views each, no photo is a person of its own, and one person still becomes four."""
    words = ["angry", "happy", "neutral", "sad"]
    names = [f"subject{who}_{word}_{view}.png" for who in (1, 2) for word in words for view in views]
    [warning] = warn_of_reading(read(tmp_path, names))
    assert warning.startswith("8 of 8 people are called as an expression is, such as subject1_angry: if they are 2, ")
    assert '`pattern` "{identity}_{expression}_{shot}"' in warning


def test_photos_that_are_each_a_person_get_a_warning(tmp_path: Path) -> None:
    [warning] = warn_of_reading(read(tmp_path, [f"IMG_{number}.jpg" for number in range(1000, 1010)]))
    assert warning.startswith("10 people in 10 photos: nearly every photo is a person of its own")


@pytest.mark.parametrize(
    "names",
    [
        [f"{who}/{word}.jpg" for who in ("ann", "bob") for word in ("smile", "neutral")],
        [f"{who}_{word}.jpg" for who in ("mary_ann", "bob") for word in ("smile", "neutral", "sad")],
        [f"{number}.jpg" for number in range(3)],  # too few to tell
        [f"clip{number}.mp4" for number in range(9)],  # a video has many frames of its person
    ],
)
def test_what_is_read_as_it_was_meant_gets_none(tmp_path: Path, names: list[str]) -> None:
    assert not list(warn_of_reading(read(tmp_path, names)))
