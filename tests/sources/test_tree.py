from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.data.sources import find_sources
from ptk.errors import DataError


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def told(folder: Path) -> list[tuple[str, str, str]]:
    return [(source.identity, source.photo, source.expression) for source in find_sources(folder)[0]]


def test_a_tree_has_a_folder_a_person_and_a_photo_an_expression(tmp_path: Path) -> None:
    touch(tmp_path, "ann/smile.jpg", "ann/neutral.PNG", "bob/bob_smile.webp")
    assert told(tmp_path) == [
        ("ann", "ann_neutral", "neutral"),
        ("ann", "ann_smile", "smile"),
        ("bob", "bob_smile", "smile"),
    ]


def test_files_name_the_person_then_the_expression_after_the_last_underscore(tmp_path: Path) -> None:
    touch(tmp_path, "001_neutral.jpg", "mary_ann_smile2.jpg", "zoe.jpg")
    assert told(tmp_path) == [
        ("001", "001_neutral", "neutral"),
        ("mary_ann", "mary_ann_smile2", "smile"),
        ("zoe", "zoe", ""),
    ]


@pytest.mark.parametrize("name", ["IMG_1234", "20240131", "DSC01234", "P1010123"])
def test_what_a_camera_calls_its_photos_is_no_expression(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"ann/{name}.jpg")
    assert told(tmp_path) == [("ann", f"ann_{name}", "")]


def test_photos_of_one_name_are_told_apart(tmp_path: Path) -> None:
    touch(tmp_path, "a/b_c.jpg", "a/b_c.png", "a_b/c.jpg", "A_b/c.jpg")
    names = [photo for _, photo, _ in told(tmp_path)]
    assert len({name.casefold() for name in names}) == 4  # also where file names have no upper and lower case


def test_whatever_is_left_out_is_listed_with_the_reason(tmp_path: Path) -> None:
    touch(tmp_path, "ann/smile.jpg", "ann/notes.txt", "ann/raw/deep.jpg", "list.csv", ".DS_Store", "ann/._smile.jpg")
    _, skipped = find_sources(tmp_path)
    assert {one.path: one.reason for one in skipped} == {
        "ann/notes.txt": "is no photo, going by its suffix",
        "ann/raw": "is a folder in a person's folder; photos lie one level down",
        "list.csv": "is no photo, going by its suffix",
    }


@pytest.mark.parametrize("name", [b"\xff\xfe_smile.jpg", "a\u2028b_smile.jpg".encode(), b"a\nb_smile.jpg"])
def test_names_that_a_manifest_cannot_hold_are_listed(tmp_path: Path, name: bytes) -> None:
    touch(tmp_path, "ann_smile.jpg")
    open(bytes(tmp_path) + b"/" + name, "wb").close()  # noqa: PTH123 (a Path of bytes there is none)
    sources, (skipped,) = find_sources(tmp_path)
    assert [source.identity for source in sources] == ["ann"]
    assert "cannot be printed" in skipped.reason
    skipped.path.encode()


def test_folders_that_hold_no_photos_are_refused_in_one_line(tmp_path: Path) -> None:
    file = touch(tmp_path, "readme.txt") / "readme.txt"
    for folder, said in ((tmp_path, "no photos here"), (file, "not a folder"), (tmp_path / "no", "no such file")):
        with pytest.raises(DataError, match=said) as caught:
            find_sources(folder)
        assert str(caught.value).startswith(str(folder))
        assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(names=st.lists(st.text("ab_-2", min_size=1, max_size=6), min_size=1, max_size=8, unique=True))
def test_every_file_is_found_or_listed_and_no_name_comes_twice(
    names: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = touch(tmp_path_factory.mktemp("any"), *(f"{name}.jpg" for name in names), "notes.md")
    sources, skipped = find_sources(folder)
    assert len(sources) + len(skipped) == len(names) + 1
    assert len({source.photo for source in sources}) == len(sources)
