"""A second run does what is new or changed, and gives what a first one would have given."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.dataset.journal import journal
from ptk.dataset.manifest import UNFINISHED, read_manifest
from ptk.errors import DataError, OutputError
from ptk.prepare.prepare import Prepared, parse_styles, prepare

PORTRAIT = Image.fromarray(data.astronaut()[:300, 80:380])


def put(path: Path, angle: float = 0, picture: Image.Image = PORTRAIT) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.rotate(angle, Image.Resampling.BICUBIC).save(path)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for number, name in enumerate(("ann/neutral.jpg", "ann/smile.jpg", "bob/neutral.jpg")):
        put(folder / name, 5 * number)
    return folder


def make(photos: Path, out: Path, styles: str = "", size: int = 64) -> Prepared:
    return prepare([photos], out, size=size, styles=parse_styles(styles.split()), workers=1)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def folders(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_dir()}


def test_nothing_new_means_nothing_done(photos: Path, tmp_path: Path) -> None:
    first = make(photos, tmp_path / "set", "sketch")
    before = content(tmp_path / "set")
    second = make(photos, tmp_path / "set", "sketch")
    assert (first.made, second.made) == (6, 0)
    assert second.entries == first.entries
    assert content(tmp_path / "set") == before


def another_style(photos: Path, out: Path) -> int:
    return make(photos, out, "sketch watercolor").made


def a_style_less(photos: Path, out: Path) -> int:
    return make(photos, out).made


def a_photo_more(photos: Path, out: Path) -> int:
    put(photos / "cat" / "smile.jpg", -10)
    return make(photos, out, "sketch").made


def a_photo_less(photos: Path, out: Path) -> int:
    (photos / "bob" / "neutral.jpg").unlink()
    return make(photos, out, "sketch").made


def a_photo_changed(photos: Path, out: Path) -> int:
    put(photos / "ann" / "smile.jpg", 20)
    return make(photos, out, "sketch").made


def a_person_renamed(photos: Path, out: Path) -> int:
    (photos / "bob").rename(photos / "rob")
    return make(photos, out, "sketch").made


def another_size(photos: Path, out: Path) -> int:
    return make(photos, out, "sketch", size=96).made


def an_image_lost(photos: Path, out: Path) -> int:
    next((out / "images" / "sketch").rglob("*.jpg")).unlink()
    return make(photos, out, "sketch").made


def an_image_damaged(photos: Path, out: Path) -> int:
    image = next((out / "images" / "photo").rglob("*.jpg"))
    image.write_bytes(image.read_bytes()[:-50])
    return make(photos, out, "sketch").made


def lists_lost(photos: Path, out: Path) -> int:
    (out / "manifest.jsonl").unlink()
    (out / "dataset.json").unlink()
    return make(photos, out, "sketch").made


@pytest.mark.parametrize(
    ("change", "made"),
    [
        (another_style, 3),  # of three photos
        (a_style_less, 0),
        (a_photo_more, 2),  # and its sketch
        (a_photo_less, 0),
        (a_photo_changed, 2),
        (a_person_renamed, 2),
        (another_size, 6),
        (an_image_lost, 1),
        (an_image_damaged, 2),  # the sketch is made from the photo
        (lists_lost, 0),
    ],
)
def test_a_change_costs_what_it_must_and_ends_where_a_first_run_would(
    change: Callable[[Path, Path], int], made: int, photos: Path, tmp_path: Path
) -> None:
    make(photos, tmp_path / "set", "sketch")
    assert change(photos, tmp_path / "set") == made
    if change in (another_style, a_style_less, another_size):
        change(photos, tmp_path / "fresh")
    else:
        make(photos, tmp_path / "fresh", "sketch")
    assert content(tmp_path / "set") == content(tmp_path / "fresh")
    assert folders(tmp_path / "set") == folders(tmp_path / "fresh")


def test_a_picture_as_style_counts_by_what_it_shows(photos: Path, tmp_path: Path) -> None:
    picture = tmp_path / "stars.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (64, 64, 3), np.uint8)).save(picture)
    assert make(photos, tmp_path / "set", f"night={picture}").made == 6
    assert make(photos, tmp_path / "set", f"night={picture}").made == 0
    Image.new("RGB", (64, 64), "red").save(picture)
    assert make(photos, tmp_path / "set", f"night={picture}").made == 3


def test_a_run_that_is_interrupted_goes_on_behind_what_it_did(photos: Path, tmp_path: Path) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare([photos], tmp_path / "set", size=64, workers=1, progress=interrupt)
    with pytest.raises(DataError, match="not finished"):
        read_manifest(tmp_path / "set")
    assert make(photos, tmp_path / "set").made == 1
    make(photos, tmp_path / "fresh")
    assert content(tmp_path / "set") == content(tmp_path / "fresh")


def test_a_manifest_never_lists_images_that_are_being_replaced(photos: Path, tmp_path: Path) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    make(photos, tmp_path / "set")
    put(photos / "cat" / "smile.jpg", -10)
    with pytest.raises(KeyboardInterrupt):
        prepare([photos], tmp_path / "set", size=64, workers=1, progress=interrupt)
    assert len(read_manifest(tmp_path / "set")) == 3  # a photo more takes nothing from those that are listed
    with pytest.raises(KeyboardInterrupt):
        prepare([photos], tmp_path / "set", size=96, workers=1, progress=interrupt)
    with pytest.raises(DataError, match="not finished"):
        read_manifest(tmp_path / "set")


@pytest.mark.parametrize(
    "damage", [b"{", b'{"source": "ann/smile.jpg", "k', b"\xff\xfe\n", b"null\n", b'{"source": 3}\n']
)
def test_a_damaged_journal_costs_time_only(damage: bytes, photos: Path, tmp_path: Path) -> None:
    make(photos, tmp_path / "set")
    before = content(tmp_path / "set")
    journal = tmp_path / "set" / "sources.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + damage)
    assert make(photos, tmp_path / "set").made == 2
    assert content(tmp_path / "set") == before


def test_two_runs_at_once_do_not_mix(photos: Path, tmp_path: Path) -> None:
    def again(what: str, done: int, total: int) -> None:
        with pytest.raises(OutputError, match="another `prepare` is at work here"):
            make(photos, tmp_path / "set")

    prepare([photos], tmp_path / "set", size=64, workers=1, progress=again)
    assert len(read_manifest(tmp_path / "set")) == 3


def test_a_run_that_may_not_begin_leaves_the_other_ones_journal(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    with journal(tmp_path / "set"):  # which has made nothing yet
        with pytest.raises(OutputError, match="another `prepare`"):
            make(photos, tmp_path / "set")
        assert (tmp_path / "set" / UNFINISHED).exists()


FULL_DISK = """
import resource, sys
from ptk.__main__ import main

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
    main()
"""


@pytest.mark.parametrize(
    "room", [0, 2500, pytest.param(5000, marks=pytest.mark.slow)]
)  # nothing, the journal, the images
def test_a_full_disk_is_one_line_and_the_next_run_goes_on(photos: Path, tmp_path: Path, room: int) -> None:
    make(photos, tmp_path / "whole", "sketch")
    script = tmp_path / "full.py"
    script.write_text(FULL_DISK)
    words = ["prepare", str(photos), "--out", str(tmp_path / "set"), "--size", "64", "--styles", "sketch"]
    done = subprocess.run([sys.executable, str(script), str(room), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("ptk: ")
    assert done.stderr.count("\n") == 1, done.stderr
    assert "cannot be" in done.stderr
    make(photos, tmp_path / "set", "sketch")
    assert content(tmp_path / "set") == content(tmp_path / "whole")
