"""``ptk edit`` with words, with somebody else's expression, and with many photos."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.dataset.manifest import SAMPLE
from ptk.faces.images import read_photo
from ptk.faces.landmarks import read_landmarks
from untrained import write_untrained

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a small network that has learned nothing, but sees landmarks."""
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    return write_untrained(tmp_path_factory.mktemp("weights") / "untrained.safetensors")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "astronaut.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    return Path(shutil.copy(SAMPLE / "images" / "p02_surprise.jpg", tmp_path / "other.jpg"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two people's photos and one that shows nobody."""
    (tmp_path / "album" / "family").mkdir(parents=True)
    for place, name in (("", "p02_neutral"), ("family", "p07_neutral")):
        shutil.copy(SAMPLE / "images" / f"{name}.jpg", tmp_path / "album" / place / f"{name}.jpg")
    Image.fromarray(data.coffee()).save(tmp_path / "album" / "coffee.png")
    return tmp_path / "album"


def test_words_move_the_face(ptk: Run, photo: Path, weights: Path, tmp_path: Path) -> None:
    results = []
    for name, words in (("still", ()), ("none", ("--expression", "smile=0")), ("smile", ("--expression", "smile=0.7"))):
        out = tmp_path / f"{name}.png"
        same = f"{photo}: nothing to change; {out} is the photo as it was\n"
        said = "" if name == "smile" else same
        assert ptk("edit", photo, "--weights", weights, "-o", out, *words) == (0, f"{out}\n", said)
        results.append(read_photo(out).pixels)
    np.testing.assert_array_equal(results[0], results[1])
    assert (results[0] != results[2]).any()


def test_landmarks_moved_by_words_give_the_same_edit(ptk: Run, photo: Path, weights: Path, tmp_path: Path) -> None:
    words = ("--expression", "smile=-0.5,brows_up")
    assert ptk("landmarks", photo, "-o", tmp_path / "moved.json", *words)[0] == 0
    assert ptk("landmarks", photo, "-o", tmp_path / "found.json")[0] == 0
    moved, found = (read_landmarks(tmp_path / name, read_photo(photo)) for name in ("moved.json", "found.json"))
    assert (moved.points[[19, 24], 1] < found.points[[19, 24], 1] - 1).all()  # brows
    ptk("edit", photo, "--weights", weights, "-o", tmp_path / "a.png", *words)
    ptk("edit", photo, "--weights", weights, "-o", tmp_path / "b.png", "--landmarks", tmp_path / "moved.json")
    one, two = (read_photo(tmp_path / name).pixels.astype(int) for name in ("a.png", "b.png"))
    assert np.abs(one - two).max() <= 2  # the JSON has two decimals


def test_another_s_expression_is_said_and_taken_over(
    ptk: Run, photo: Path, other: Path, weights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    code, printed, said = ptk("edit", photo, "--expression-from", other, "--weights", weights, "-o", out)
    assert (code, printed) == (0, f"{out}\n")
    assert said.startswith(f"{other}: ")
    assert "surprise=" in said
    ptk("edit", photo, "--weights", weights, "-o", tmp_path / "still.png")
    assert (read_photo(out).pixels != read_photo(tmp_path / "still.png").pixels).any()


def test_a_part_of_another_s_expression_is_taken_over_by_each_photo(
    ptk: Run, folder: Path, other: Path, weights: Path, tmp_path: Path
) -> None:
    (folder / "coffee.png").unlink()
    results = {}
    for parts in ("", ":brows", ":brows=0"):
        out = tmp_path / f"edited{parts}"
        asked = ("edit", folder, "--expression-from", f"{other}{parts}", "--weights", weights, "-o", out)
        code, printed, said = ptk(*asked)
        assert (code, len(printed.splitlines()), said.count("surprise=")) == (0, 2, 1)
        results[parts] = [read_photo(out / name).pixels for name in ("p02_neutral.jpg", "family/p07_neutral.jpg")]
    for whole, brows, none in zip(*results.values(), strict=True):
        assert (whole != brows).any()
        assert (brows != none).any()


def test_mistakes_are_said_before_anything_is_loaded(ptk: Run, photo: Path, other: Path, folder: Path) -> None:
    nowhere = photo.with_name("none.safetensors")
    for arguments, reason in (
        (("--expression", "smiel=1"), "--expression smiel=1: there is no such word; did you mean smile?"),
        (("--expression", "smile=9"), "--expression smile=9: the strength of smile goes from -1 to 1.5"),
        (("--landmarks", "a.json", "--expression", "smile"), "--landmarks and --expression both say where the points"),
        (("--landmarks", "a.json", "--expression-from", other), "--landmarks and --expression-from both say where"),
        (("--expression-from", photo.with_name("no.jpg")), f"{photo.with_name('no.jpg')}: no such file"),
        (
            ("--expression-from", f"{photo}:moth"),
            f"--expression-from {photo}:moth: there is no part moth; did you mean",
        ),
        ((folder, "--expression", "smile"), "several photos need a folder for their results: give --out FOLDER"),
        ((folder, "--landmarks", "a.json"), "--landmarks a.json: belongs to one photo"),
        ((folder, "-o", folder), f"{folder / 'coffee.png'}: is a photo itself, which ptk never overwrites"),
    ):
        code, printed, said = ptk("edit", photo, *arguments, "--weights", nowhere)
        assert (code, printed) == (1, "")
        assert said.startswith(f"ptk: {reason}")
        assert said.count("\n") == 1


def test_somebody_in_particular_must_have_the_expression(ptk: Run, photo: Path, weights: Path, tmp_path: Path) -> None:
    Image.fromarray(data.coffee()).save(tmp_path / "coffee.png")
    said = ptk("edit", photo, "--expression-from", tmp_path / "coffee.png", "--weights", weights)[2]
    assert said.startswith(f"ptk: {tmp_path / 'coffee.png'}: no face found (tried mediapipe68)")


def test_expressions_are_read_as_the_words_were_learned(ptk: Run, photo: Path, other: Path, weights: Path) -> None:
    """By dlib's landmarks everybody would seem to frown."""
    pytest.importorskip("dlib", reason="the detector is an extra")
    said = ptk("edit", photo, "--expression-from", other, "--weights", weights, "--detector", "dlib68")[2]
    assert said.startswith(
        f"ptk: --expression-from {other}: expressions are read as mediapipe68 sees faces, not dlib68"
    )


def test_a_folder_is_edited_and_what_failed_is_said_at_the_end(
    ptk: Run, folder: Path, weights: Path, tmp_path: Path
) -> None:
    out = tmp_path / "edited"
    words = ("edit", folder, "--out", out, "--expression", "smile=0.7", "--weights", weights)
    code, printed, said = ptk(*words)
    results = [out / "family" / "p07_neutral.jpg", out / "p02_neutral.jpg"]
    assert code == 1
    assert printed == "".join(f"{path}\n" for path in results)
    lines = said.splitlines()
    assert lines[0].startswith(f"ptk: {folder / 'coffee.png'}: no face found")
    assert lines[1:] == ["ptk: 1 of 3 photos could not be edited, the others are"]
    assert all(read_photo(path).width == 256 for path in results)
    (folder / "coffee.png").unlink()
    code, printed, said = ptk(*words)  # again: results are replaced
    assert (code, said) == (0, "")
    assert len(printed.splitlines()) == 2


def test_words_need_no_torch() -> None:
    code = "import sys, ptk.cli.edit, ptk.editing.batch, ptk.editing.loading; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
