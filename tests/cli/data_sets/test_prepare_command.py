"""``ptk prepare`` from the command line."""

import functools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from ptk.dataset.manifest import read_manifest

PORTRAIT = Image.fromarray(data.astronaut()[:300, 80:380])


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ptk_prepare(ptk: Run) -> Run:
    return functools.partial(ptk, "prepare")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for person in ("ann", "bob"):
        PORTRAIT.save(folder / f"{person}_smile.jpg")
    Image.new("RGB", (200, 200), "skyblue").save(folder / "cat_neutral.png")
    (folder / "notes.txt").touch()
    return folder


def test_a_folder_of_photos_becomes_a_data_set(ptk_prepare: Run, photos: Path, tmp_path: Path) -> None:
    status, said, listed = ptk_prepare(photos, "--out", tmp_path / "set", "--size", 64, "--styles", "sketch")
    assert status == 0, listed
    assert re.fullmatch(
        re.escape(str(tmp_path / "set")) + r": 2 people \(1 to train, 1 to test\), 2 photos, "
        r"4 images in photo, sketch, 2 skipped\n"
        r"4 images made in \d+ s, [\d.]+ a second by \d workers?: .*stylising.*writing.*\n",
        said,
    )
    assert "2 not used" in listed
    assert re.search(r"cat_neutral\.png\W+no face found", listed)
    assert re.search(r"notes\.txt\W+is no photo or video", listed)
    assert len(read_manifest(tmp_path / "set")) == 4


def test_mistakes_are_one_line(ptk_prepare: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    for arguments, wrong in (
        ((tmp_path / "empty", "--out", tmp_path / "set"), "no photos or videos here"),
        ((tmp_path / "none", "--out", tmp_path / "set"), "cannot be read (no such file or directory)"),
        ((photos, "--out", photos), "lies in the folder of photos"),
        ((photos, "--out", tmp_path), "not made by ptk prepare"),
        ((photos, "--out", tmp_path / "file" / "set"), "cannot be read or written (not a directory)"),
        (
            (photos / "notes.txt", "--out", tmp_path / "set"),
            "no photos or videos here; notes.txt: is no photo or video",
        ),
        ((photos, "--out", tmp_path / "set", "--as", "tre"), "did you mean tree?"),
        ((photos, "--out", tmp_path / "set", "--as", "tree", "--pattern", "{identity}"), "leave one of them out"),
        ((photos, "--out", tmp_path / "set", "--styles", "skecth"), "did you mean sketch?"),
        ((photos, "--out", tmp_path / "set", "--styles", "mine=nowhere.jpg"), "nowhere.jpg: no such file"),
        ((photos, "--out", tmp_path / "set", "--detector", "dlib86"), "did you mean dlib68?"),
    ):
        status, said, line = ptk_prepare(*arguments)
        assert (status, said) == (1, "")
        assert line.startswith("ptk: ")
        assert line.count("\n") == 1, line
        assert wrong in line
    assert not (tmp_path / "set").exists()


def test_the_same_command_again_finds_nothing_to_do(ptk_prepare: Run, photos: Path, tmp_path: Path) -> None:
    ptk_prepare(photos, "--out", tmp_path / "set", "--size", 64)
    status, said, _ = ptk_prepare(photos, "--out", tmp_path / "set", "--size", 64)
    assert status == 0
    assert re.search(r"\nnothing was new or changed, [\d.]+ s\n$", said)


def test_several_places_and_single_files_make_one_set(ptk_prepare: Run, photos: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    PORTRAIT.rotate(5).save(more / "ann_neutral.jpg")
    PORTRAIT.rotate(9).save(tmp_path / "dan_sad.jpg")
    status, said, listed = ptk_prepare(photos, more, tmp_path / "dan_sad.jpg", "--out", tmp_path / "set", "--size", 64)
    assert status == 0
    assert "3 people" in said
    assert "photos/cat_neutral.png" in listed  # with several places, each file says whose it is
    assert {(entry.identity, entry.expression) for entry in read_manifest(tmp_path / "set")} == {
        ("ann", "smile"), ("ann", "neutral"), ("bob", "smile"), ("dan", "sad"),
    }  # fmt: skip


def test_a_pattern_says_how_files_are_named(ptk_prepare: Run, tmp_path: Path) -> None:
    (tmp_path / "shoot").mkdir()
    for name in ("smile-of-ann.jpg", "frown-of-bob.jpg", "other.jpg"):
        PORTRAIT.save(tmp_path / "shoot" / name)
    words = ("--pattern", "{expression}-of-{identity}", "--out", tmp_path / "set", "--size", 64)
    status, said, listed = ptk_prepare(tmp_path / "shoot", *words)
    assert (status, said.count("2 people")) == (0, 1)
    assert "other.jpg" in listed
    assert {(entry.identity, entry.expression) for entry in read_manifest(tmp_path / "set")} == {
        ("ann", "smile"), ("bob", "frown"),
    }  # fmt: skip


def test_shards_are_written_beside_the_set(ptk_prepare: Run, photos: Path, tmp_path: Path) -> None:
    words = ("--out", tmp_path / "set", "--size", 64, "--shards", tmp_path / "shards")
    status, said, _ = ptk_prepare(photos, *words)
    assert status == 0
    assert said.endswith(f"{tmp_path / 'shards'}: 2 shards (1 to train, 1 to test)\n")
    assert (tmp_path / "shards" / "shards.json").exists()
