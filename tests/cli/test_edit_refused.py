"""``ptk edit`` with what it cannot use: one line on stderr that names it, and nothing is left behind."""

import json
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from safetensors.torch import save_file
from skimage import data

from ptk.recipe.weights import write_weights
from untrained import RECIPE


def needs_mediapipe() -> None:
    pytest.importorskip("mediapipe", reason="the detector is an extra")


def test_landmarks_of_a_smaller_copy_edit_no_thin_air(
    refused: Callable[..., str], photo: Path, weights: Path, landmarks: Path, tmp_path: Path
) -> None:
    needs_mediapipe()
    content = json.loads(landmarks.read_text())
    content["points"] = (np.array(content["points"]) / 2).tolist()  # width and height are those of the photo
    landmarks.write_text(json.dumps(content))
    said = refused(photo, "--landmarks", landmarks, "--weights", weights, "-o", tmp_path / "out.png")
    assert "the landmarks are 0.50 times as large as the face in the photo" in said


def test_photos_that_cannot_be_read(refused: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("not a photo\n" * 100)
    noise = np.random.default_rng(0).integers(0, 255, (200, 200, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "whole.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:20_000])
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    header = b"IHDR" + struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    huge = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    (tmp_path / "huge.png").write_bytes(huge + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT")))
    frames = [Image.fromarray(np.roll(noise, shift)) for shift in (0, 1)]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    for name, reason in (
        ("none.jpg", "no such file"),
        ("text.jpg", "is not an image that ptk reads"),
        ("cut.jpg", "cannot be read as an image (damaged or cut short)"),
        ("dot.png", "1 x 1 pixels are too small"),
        ("huge.png", "has more than 100 megapixels"),
        ("film.gif", "holds 2 frames or pages"),
    ):
        assert refused(tmp_path / name).startswith(f"{tmp_path / name}: {reason}")


def test_nobody_to_edit(refused: Callable[..., str], weights: Path, tmp_path: Path) -> None:
    needs_mediapipe()
    path = tmp_path / "coffee.png"
    Image.fromarray(data.coffee()).save(path)
    assert refused(path, "--weights", weights) == (
        f"{path}: no face found (tried mediapipe68); crop closer or pass --landmarks"
    )


def test_faces_that_cannot_be_chosen(refused: Callable[..., str], photo: Path, landmarks: Path) -> None:
    assert refused(photo, "--face", "left") == "a face is chosen by a number from 1 on, largest or all, not by left"
    assert refused(photo, "--face", "0").endswith("not by 0")
    said = refused(photo, "--landmarks", landmarks, "--face", "all")
    assert said.startswith(f"--landmarks {landmarks}: belongs to one face")


def test_landmarks_that_cannot_be_used(refused: Callable[..., str], photo: Path, landmarks: Path) -> None:
    whole = json.loads(landmarks.read_text())
    other = {**whole["photo"], "sha256": "0" * 64}
    broken = [[*whole["points"][:5], [float("nan"), 1.0], *whole["points"][6:]], whole["points"][:67]]
    for text, reason in (
        (json.dumps(whole)[:300], "line 1 is not JSON"),
        (json.dumps({**whole, "schema": "labelme/5"}), 'its "schema" is "labelme/5"'),
        (json.dumps({**whole, "photo": other}), f"belongs to another file than {photo}"),
        (json.dumps({**whole, "points": broken[0]}), "holds NaN"),
        (json.dumps({**whole, "points": broken[1]}), "has 67 points, not 68"),
    ):
        landmarks.write_text(text)
        assert refused(photo, "--landmarks", landmarks).startswith(f"{landmarks}: {reason}")


def test_where_its_own_weights_are_missing_it_says_so(
    refused: Callable[..., str], photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ptk.editing.loading.SHIPPED", tmp_path / "weights")
    assert "ptk's own weights are missing" in refused(photo)


def test_weights_that_cannot_be_used(refused: Callable[..., str], photo: Path, weights: Path, tmp_path: Path) -> None:
    cut, text, foreign = (tmp_path / f"{name}.safetensors" for name in ("cut", "text", "foreign"))
    cut.write_bytes(weights.read_bytes()[:-100])
    text.write_text("weights\n")
    save_file({"weight": torch.zeros(3)}, foreign)
    assert refused(photo, "--weights", tmp_path / "none.safetensors").startswith(f"{tmp_path / 'none.safetensors'}: no")
    assert refused(photo, "--weights", cut).startswith(f"{cut}: not a whole safetensors file")
    assert refused(photo, "--weights", text).startswith(f"{text}: not a whole safetensors file")
    assert refused(photo, "--weights", foreign).startswith(f"{foreign}: safetensors, but not weights of ptk")


def test_weights_of_another_recipe(refused: Callable[..., str], photo: Path, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    metadata = {"recipe": yaml.safe_load(RECIPE), "data": {"detector": ""}, "plugins": ["ptk 0.1.0"]}
    write_weights(path, {"generator.weight": torch.zeros(3)}, metadata)
    assert refused(photo, "--weights", path).startswith(f"{path}: its tensors do not fit its recipe")


def test_an_unknown_style_is_answered_with_the_known(refused: Callable[..., str], photo: Path, weights: Path) -> None:
    said = refused(photo, "--weights", weights, "--style", "oil")
    assert said.startswith("style oil: no such style; there are ")


def test_an_unknown_detector(refused: Callable[..., str], photo: Path, weights: Path) -> None:
    assert refused(photo, "--weights", weights, "--detector", "mtcnn").startswith("no such detector: mtcnn")


def test_a_detector_whose_extra_is_missing(
    refused: Callable[..., str], photo: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe", None)
    said = refused(photo, "--weights", weights)
    assert said.startswith("detector mediapipe68 needs packages that are not installed: pip install ")


def test_the_photo_itself_is_not_overwritten(refused: Callable[..., str], photo: Path, weights: Path) -> None:
    assert refused(photo, "--weights", weights, "-o", photo).startswith(f"{photo}: is the photo itself")
    out = photo.with_suffix(".heic")
    assert refused(photo, "--weights", weights, "-o", out).startswith(f"{out}: photos are not written as .heic")


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits")
def test_a_full_disk_leaves_nothing_behind(refused: Callable[..., str], photo: Path, weights: Path) -> None:
    """A limit on file sizes fails a write in its middle, as a full disk does."""
    import resource
    import signal

    needs_mediapipe()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        said = refused(photo, "--weights", weights, "--expression", "smile")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert said.startswith(f"{photo.with_name('astronaut.ptk.png')}: cannot be written (file too large)")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("film.mp4", "photo.png"), "film.mp4: is a video, and edited alone"),
        (("film.mp4", "--landmarks", "edited.json"), "--landmarks edited.json: belongs to one photo"),
        (("film.mov", "--face", "all"), "--face all: of a video one face is followed"),
        (("film.webm", "--from", "sketch"), "--from sketch: videos are edited as photos are"),
    ],
)
def test_what_films_have_not_is_refused_before_they_are_read(
    refused: Callable[..., str], words: tuple, said: str
) -> None:
    assert refused(*words).startswith(said)
