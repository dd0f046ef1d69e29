"""Trees of photos and videos: who and what they show, and why the rest is left out."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk.errors import DataError
from ptk.sources.tree import Tree
from ptk.types import MediaFile, Skipped


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def told(place: Path) -> list[tuple[str, str, str]]:
    return [(one.identity, one.photo, one.expression) for one in Tree().find(place) if isinstance(one, MediaFile)]


def left_out(place: Path) -> dict[str, str]:
    return {one.path: one.reason for one in Tree().find(place) if isinstance(one, Skipped)}


def test_a_tree_has_a_folder_a_person_and_a_photo_an_expression(tmp_path: Path) -> None:
    touch(tmp_path, "ann/smile.jpg", "ann/neutral.PNG", "bob/bob_smile.webp")
    assert told(tmp_path) == [
        ("ann", "ann_neutral", "neutral"),
        ("ann", "ann_smile", "smile"),
        ("bob", "bob_smile", "smile"),
    ]


def test_files_name_the_person_then_the_expression_after_the_last_underscore(tmp_path: Path) -> None:
    touch(tmp_path, "001_neutral.jpg", "mary_ann_smile2.jpg", "zoe.jpg", "li_smile_2.jpg")
    assert told(tmp_path) == [
        ("001", "001_neutral", "neutral"),
        ("li", "li_smile_2", "smile"),
        ("mary_ann", "mary_ann_smile2", "smile"),
        ("zoe", "zoe", ""),
    ]


def test_videos_lie_where_photos_do_and_show_no_one_expression(tmp_path: Path) -> None:
    touch(tmp_path, "ann.mp4", "bob_talking.MOV", "bob_laughing.webm", "eve/clip1.mkv", "eve/smile.jpg")
    assert told(tmp_path) == [
        ("ann", "ann", ""),
        ("bob", "bob_laughing", ""),
        ("bob", "bob_talking", ""),
        ("eve", "eve_clip1", ""),
        ("eve", "eve_smile", "smile"),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ann.jpg", ("ann", "ann", "")),
        ("ann_smile.jpg", ("ann", "ann_smile", "smile")),
        ("ann_clip.mp4", ("ann", "ann_clip", "")),
        ("notes.txt", None),
    ],
)
def test_one_file_is_a_source_too(name: str, expected: tuple[str, str, str] | None, tmp_path: Path) -> None:
    file = touch(tmp_path, name, "other.jpg") / name
    assert told(file) == ([expected] if expected else [])
    assert left_out(file) == ({} if expected else {"notes.txt": "is no photo or video, going by its suffix"})


@pytest.mark.parametrize(
    "name",
    "IMG_1234 DSC_0001 20240131_120000 PXL_20240131_120000123.MP IMG_E1234 IMG_1234-edited _DSC0001 ann_1".split(),
)
def test_numbered_files_are_people_of_their_own(name: str, tmp_path: Path) -> None:
    touch(tmp_path, f"{name}.jpg")
    assert told(tmp_path) == [(name, name, "")]


@pytest.mark.parametrize("name", ["IMG_1234", "20240131", "DSC01234", "P1010123"])
def test_what_a_camera_calls_its_photos_is_no_expression(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"ann/{name}.jpg")
    assert told(tmp_path) == [("ann", f"ann_{name}", "")]


def test_whatever_is_left_out_is_listed_with_the_reason(tmp_path: Path) -> None:
    touch(tmp_path, "ann/smile.jpg", "ann/notes.txt", "ann/raw/deep.jpg", "list.csv", ".DS_Store", "ann/._smile.jpg")
    assert left_out(tmp_path) == {
        "ann/notes.txt": "is no photo or video, going by its suffix",
        "ann/raw": "is a folder in a person's folder; files lie one level down, `pattern` tells another way",
        "list.csv": "is no photo or video, going by its suffix",
    }


def test_links_in_circles_pipes_and_sockets_are_listed_and_nothing_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = touch(tmp_path / "photos", "ann/smile.jpg")
    (place / "self.jpg").symlink_to("self.jpg")
    (place / "lost.jpg").symlink_to("nowhere.jpg")
    (place / "here").symlink_to(".")
    (place / "above").symlink_to(tmp_path)
    (place / "again").symlink_to("ann")
    (place / "ann" / "up").symlink_to(place)
    os.mkfifo(place / "pipe.jpg")
    monkeypatch.chdir(place)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.jpg")
        reasons = left_out(place)
    assert told(place) == [("ann", "ann_smile", "smile")]
    assert sorted(reasons) == ["above", "again", "ann/up", "here", "lost.jpg", "pipe.jpg", "self.jpg", "socket.jpg"]
    assert all("link" in reasons[name] for name in ("above", "again", "ann/up", "here", "lost.jpg", "self.jpg"))
    assert all("pipe, socket or device" in reasons[name] for name in ("pipe.jpg", "socket.jpg"))


def test_links_to_photos_and_to_people_elsewhere_are_followed(tmp_path: Path) -> None:
    elsewhere = touch(tmp_path / "elsewhere", "neutral.jpg", "x.jpg")
    place = touch(tmp_path / "photos", "ann/smile.jpg")
    (place / "bob").symlink_to(elsewhere)
    (place / "eve_smile.jpg").symlink_to(elsewhere / "x.jpg")
    assert [identity for identity, _, _ in told(place)] == ["ann", "bob", "bob", "eve"]


def test_a_pipe_as_the_source_is_listed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "clip.mp4")
    assert left_out(tmp_path / "clip.mp4") == {"clip.mp4": "is no file, but a pipe, socket or device"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folders_that_cannot_be_read_are_listed(tmp_path: Path) -> None:
    touch(tmp_path, "ann/smile.jpg", "bob/smile.jpg")
    (tmp_path / "bob").chmod(0)
    try:
        assert left_out(tmp_path) == {"bob": "cannot be read (permission denied)"}
    finally:
        (tmp_path / "bob").chmod(0o700)


@pytest.mark.parametrize("name", [b"\xff\xfe_smile.jpg", "a\u2028b_smile.jpg".encode(), b"a\nb_smile.jpg"])
def test_names_that_a_manifest_cannot_hold_are_listed(tmp_path: Path, name: bytes) -> None:
    touch(tmp_path, "ann_smile.jpg")
    open(bytes(tmp_path) + b"/" + name, "wb").close()  # noqa: PTH123 (a Path of bytes there is none)
    ((path, reason),) = left_out(tmp_path).items()
    assert [identity for identity, _, _ in told(tmp_path)] == ["ann"]
    assert reason == "its name has characters that cannot be printed; rename it"
    assert path.isprintable()
    path.encode()


def test_names_in_other_scripts_are_names(tmp_path: Path) -> None:
    touch(tmp_path, "李明_smile.jpg", "Ольга/улыбка.jpg", "می\u200cنا_smile.jpg", "👩\u200d🚀_smile.jpg")
    assert {identity for identity, _, _ in told(tmp_path)} == {"李明", "Ольга", "می\u200cنا", "👩\u200d🚀"}


def test_a_name_is_one_name_however_its_accents_are_written(tmp_path: Path) -> None:
    touch(tmp_path, "Zoe\u0301_smile.jpg", "Zo\u00e9_neutral.jpg")
    assert {identity for identity, _, _ in told(tmp_path)} == {"Zo\u00e9"}


def test_names_too_long_for_a_data_set_are_listed(tmp_path: Path) -> None:
    touch(tmp_path, f"{'a' * 120}/{'b' * 120}.jpg", "ann_smile.jpg")
    assert list(left_out(tmp_path).values()) == [
        "its name would be longer than 200 bytes in the data set; rename it"  # a file name holds 255
    ]


def test_folders_that_hold_no_photos_are_refused_in_one_line(tmp_path: Path) -> None:
    touch(tmp_path, "readme.txt")
    for folder, said in (
        (tmp_path, r"no photos or videos here.*readme\.txt is no photo"),
        (tmp_path / "no", "no such file"),
    ):
        with pytest.raises(DataError, match=said) as caught:
            Tree().find(folder)
        assert str(caught.value).startswith(str(folder))
        assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(names=st.lists(st.text("ab_-2", min_size=1, max_size=6), min_size=1, max_size=8, unique=True))
def test_every_file_is_found_or_listed(names: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = touch(tmp_path_factory.mktemp("any"), *(f"{name}.jpg" for name in names), "notes.md")
    found = Tree().find(folder)
    assert len(found) == len(names) + 1
    assert len({one.photo for one in found if isinstance(one, MediaFile)}) == len(names)
