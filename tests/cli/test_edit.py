"""``ptk edit`` from the command line: an edit on the way there, one line on stderr where something is wrong."""

import functools
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

from ptk.faces.expressions import vocabulary
from ptk.faces.images import read_photo
from ptk.recipe.weights import write_weights
from untrained import RECIPE, write_untrained

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ptk_edit(ptk: Run) -> Run:
    return functools.partial(ptk, "edit")


@pytest.fixture
def refused(ptk_edit: Run, tmp_path: Path) -> Callable[..., str]:
    """`ptk edit` that must fail: its one line on stderr, once nothing new is found in the folder."""

    def run(*arguments: object) -> str:
        before = sorted(tmp_path.iterdir())
        code, printed, said = ptk_edit(*arguments)
        assert (code, printed) == (1, "")
        assert said.startswith("ptk: ")
        assert said.count("\n") == 1
        assert "Traceback" not in said
        assert sorted(tmp_path.iterdir()) == before
        return said.removeprefix("ptk: ").rstrip("\n")

    return run


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a small network that has learned nothing."""
    return write_untrained(tmp_path_factory.mktemp("weights") / "untrained.safetensors")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "astronaut.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


@pytest.fixture
def landmarks(tmp_path: Path, photo: Path) -> Path:
    """What people edit: here a mean face at rest in place of the astronaut's."""
    points = vocabulary().rest * 58 + (225, 103)  # eye distance and middle of the eyes, in pixels
    content = {
        "schema": "ptk.landmarks/1",
        "topology": "ibug68",
        "photo": {"width": 512, "height": 512, "sha256": read_photo(photo).sha256},
        "detector": "mediapipe68",
        "points": points.tolist(),
    }
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(content))
    return path


def needs_mediapipe() -> None:
    pytest.importorskip("mediapipe", reason="the detector is an extra")


def test_an_edit_is_written_beside_the_photo(ptk_edit: Run, photo: Path, weights: Path) -> None:
    needs_mediapipe()
    before = photo.read_bytes()
    code, printed, said = ptk_edit(photo, "--weights", weights, "--style", "sketch", "--device", "cpu")
    assert (code, said) == (0, "")
    result = photo.with_name("astronaut.ptk.png")
    assert printed == f"{result}\n"
    assert photo.read_bytes() == before
    edited = read_photo(result).pixels
    assert (edited[80:160, 190:260] != data.astronaut()[80:160, 190:260]).mean() > 0.5  # the face
    np.testing.assert_array_equal(edited[300:], data.astronaut()[300:])
    assert b"compositeWithTrainedAlgorithmicMedia" in result.read_bytes()


def test_landmarks_move_the_face(ptk_edit: Run, photo: Path, weights: Path, landmarks: Path, tmp_path: Path) -> None:
    needs_mediapipe()
    for name, extra in (("still.png", ()), ("moved.png", ("--landmarks", landmarks))):
        code, _, said = ptk_edit(photo, "--weights", weights, "-o", tmp_path / name, "--device", "cpu", *extra)
        same = f"{photo}: nothing to change; {tmp_path / name} is the photo as it was\n"
        assert (code, said) == (0, "" if extra else same)
    assert (read_photo(tmp_path / "still.png").pixels != read_photo(tmp_path / "moved.png").pixels).any()


def test_landmarks_that_look_wrong_are_forced(
    ptk_edit: Run, refused: Callable[..., str], photo: Path, weights: Path, landmarks: Path, tmp_path: Path
) -> None:
    needs_mediapipe()
    content = json.loads(landmarks.read_text())
    content["points"][48] = [2, 2]
    landmarks.write_text(json.dumps(content))
    out = tmp_path / "out.png"
    words = (photo, "--landmarks", landmarks, "--weights", weights, "-o", out)
    said = refused(*words)
    assert said.startswith(f"{photo}: point 48, right corner of the mouth, moved by ")
    assert said.endswith("; put it back, or find them again in this photo (ptk landmarks), or force it")
    assert ptk_edit(*words, "--force") == (0, f"{out}\n", said.removesuffix(", or force it") + "\n")


def test_landmarks_of_a_smaller_copy_edit_no_thin_air(
    refused: Callable[..., str], photo: Path, weights: Path, landmarks: Path, tmp_path: Path
) -> None:
    needs_mediapipe()
    content = json.loads(landmarks.read_text())
    content["points"] = (np.array(content["points"]) / 2).tolist()  # width and height are those of the photo
    landmarks.write_text(json.dumps(content))
    said = refused(photo, "--landmarks", landmarks, "--weights", weights, "-o", tmp_path / "out.png")
    assert "the landmarks are 0.50 times as large as the face in the photo" in said


def test_a_photo_that_stands_on_its_head(
    ptk_edit: Run, refused: Callable[..., str], photo: Path, weights: Path, tmp_path: Path
) -> None:
    """Refused for movements, whoever's they are; a style alone needs none."""
    needs_mediapipe()
    turned, out = tmp_path / "turned.png", tmp_path / "out.png"
    Image.fromarray(np.ascontiguousarray(data.astronaut()[::-1, ::-1])).save(turned)
    for words in ((turned, "--expression", "smile"), (photo, "--expression-from", turned)):
        said = refused(*words, "--weights", weights, "-o", out)
        assert said.startswith(f"{turned}: the face stands on its head")
    assert ptk_edit(turned, "--style", "sketch", "--weights", weights, "-o", out)[::2] == (0, "")


def test_a_format_is_chosen_by_its_suffix(ptk_edit: Run, photo: Path, weights: Path, tmp_path: Path) -> None:
    needs_mediapipe()
    assert ptk_edit(photo, "--weights", weights, "-o", tmp_path / "result.webp")[0] == 0
    assert Image.open(tmp_path / "result.webp").format == "WEBP"


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


@pytest.mark.parametrize("kind", ["CMYK.jpg", "I;16.png", "P.png"])
def test_photos_of_other_kinds_of_pixels(ptk_edit: Run, weights: Path, tmp_path: Path, kind: str) -> None:
    needs_mediapipe()
    mode, suffix = kind.split(".")
    image = Image.fromarray(data.astronaut())
    if mode == "I;16":
        image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    elif mode == "P":
        image = image.quantize(255)
        image.info["transparency"] = 254
    else:
        image = image.convert(mode)
    path = tmp_path / f"photo.{suffix}"
    image.save(path)
    code, printed, said = ptk_edit(path, "--weights", weights, "--expression", "smile")
    assert (code, said) == (0, f"{path}: has 16 bits a channel, the result has 8\n" if mode == "I;16" else "")
    result = read_photo(Path(printed.strip()))
    assert (result.alpha is not None) == (mode == "P")


def test_a_sketch_is_not_taken_for_a_photo(
    ptk_edit: Run, refused: Callable[..., str], photo: Path, weights: Path, tmp_path: Path
) -> None:
    needs_mediapipe()
    sketch = tmp_path / "sketch.png"
    assert ptk_edit(photo, "--weights", weights, "--style", "sketch", "-o", sketch)[0] == 0
    assert refused(sketch, "--weights", weights, "--style", "sketch") == (
        f"{sketch}: is in the style sketch already, made by ptk; give the photo it was made of"
    )
    odd = (
        f"{sketch}: is in the style sketch, made by ptk, not a photo; no way back is known, so it is edited as it is\n"
    )
    said = ptk_edit(sketch, "--weights", weights, "-o", tmp_path / "moved.png")[2]
    assert said.startswith(odd)
    said = ptk_edit(sketch, photo, "--weights", weights, "--out", tmp_path / "both")[2]
    assert said.startswith(odd)


def test_nobody_to_edit(refused: Callable[..., str], weights: Path, tmp_path: Path) -> None:
    needs_mediapipe()
    path = tmp_path / "coffee.png"
    Image.fromarray(data.coffee()).save(path)
    assert refused(path, "--weights", weights) == (
        f"{path}: no face found (tried mediapipe68); crop closer or pass --landmarks"
    )


def test_several_and_nobody_says_which(
    refused: Callable[..., str], ptk_edit: Run, weights: Path, tmp_path: Path
) -> None:
    needs_mediapipe()
    face = data.astronaut()[:300, 80:380]
    path = tmp_path / "twins.png"
    Image.fromarray(np.hstack([face, face])).save(path)
    assert refused(path, "--weights", weights).startswith(f"{path}: 2 faces found: 1 at (")
    assert refused(path, "--weights", weights, "--face", 3).startswith(f"{path}: there is no face 3; 2 faces found")
    halves = {}
    for choice in (1, 2, "all"):
        assert ptk_edit(path, "--weights", weights, "--face", choice, "--style", "sketch")[0] == 0
        changed = read_photo(tmp_path / "twins.ptk.png").pixels != np.hstack([face, face])
        halves[choice] = (changed[:, :300].any(), changed[:, 300:].any())
    assert halves == {1: (True, False), 2: (False, True), "all": (True, True)}


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
