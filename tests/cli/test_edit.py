"""``ptk edit`` from the command line: an edit on the way there, one line on stderr where something is wrong."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.faces.image_files.metadata import EditRecord
from ptk.faces.images import read_photo

Run = Callable[..., tuple[int, str, str]]

pytest.importorskip("mediapipe", reason="the detector is an extra")


def test_an_edit_is_written_beside_the_photo(ptk_edit: Run, photo: Path, weights: Path) -> None:
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
    for name, extra in (("still.png", ()), ("moved.png", ("--landmarks", landmarks))):
        code, _, said = ptk_edit(photo, "--weights", weights, "-o", tmp_path / name, "--device", "cpu", *extra)
        same = f"{photo}: nothing to change; {tmp_path / name} is the photo as it was\n"
        assert (code, said) == (0, "" if extra else same)
    assert (read_photo(tmp_path / "still.png").pixels != read_photo(tmp_path / "moved.png").pixels).any()


def test_landmarks_that_look_wrong_are_forced(
    ptk_edit: Run, refused: Callable[..., str], photo: Path, weights: Path, landmarks: Path, tmp_path: Path
) -> None:
    content = json.loads(landmarks.read_text())
    content["points"][48] = [2, 2]
    landmarks.write_text(json.dumps(content))
    out = tmp_path / "out.png"
    words = (photo, "--landmarks", landmarks, "--weights", weights, "-o", out)
    said = refused(*words)
    assert said.startswith(f"{photo}: point 48, right corner of the mouth, moved by ")
    assert said.endswith("; put it back, or find them again in this photo (ptk landmarks), or force it")
    assert ptk_edit(*words, "--force") == (0, f"{out}\n", said.removesuffix(", or force it") + "\n")


def test_a_photo_that_stands_on_its_head(
    ptk_edit: Run, refused: Callable[..., str], photo: Path, weights: Path, tmp_path: Path
) -> None:
    """Refused for movements, whoever's they are; a style alone needs none."""
    turned, out = tmp_path / "turned.png", tmp_path / "out.png"
    Image.fromarray(np.ascontiguousarray(data.astronaut()[::-1, ::-1])).save(turned)
    for words in ((turned, "--expression", "smile"), (photo, "--expression-from", turned)):
        said = refused(*words, "--weights", weights, "-o", out)
        assert said.startswith(f"{turned}: the face stands on its head")
    assert ptk_edit(turned, "--style", "sketch", "--weights", weights, "-o", out)[::2] == (0, "")


def test_a_format_is_chosen_by_its_suffix(ptk_edit: Run, photo: Path, weights: Path, tmp_path: Path) -> None:
    assert ptk_edit(photo, "--weights", weights, "-o", tmp_path / "result.webp")[0] == 0
    assert Image.open(tmp_path / "result.webp").format == "WEBP"


@pytest.mark.parametrize("kind", ["CMYK.jpg", "I;16.png", "P.png"])
def test_photos_of_other_kinds_of_pixels(ptk_edit: Run, weights: Path, tmp_path: Path, kind: str) -> None:
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


@pytest.mark.slow
def test_a_sketch_is_not_taken_for_a_photo(
    ptk_edit: Run, refused: Callable[..., str], photo: Path, weights: Path, tmp_path: Path
) -> None:
    mosaic = tmp_path / "mosaic.png"
    assert ptk_edit(photo, "--style", "mosaic", "-o", mosaic)[0] == 0
    assert refused(mosaic, "--style", "mosaic") == (
        f"{mosaic}: is in the style mosaic already, made by ptk; give the photo it was made of"
    )
    odd = (
        f"{mosaic}: is in the style mosaic, made by ptk, not a photo; no way back is known, so it is edited as it is\n"
    )
    said = ptk_edit(mosaic, "--weights", weights, "--style", "sketch", "-o", tmp_path / "moved.png")[2]
    assert said.startswith(odd)
    said = ptk_edit(mosaic, photo, "--weights", weights, "--style", "sketch", "--out", tmp_path / "both")[2]
    assert said.startswith(odd)


@pytest.mark.slow
def test_a_sketch_is_edited_over_its_photo(
    ptk_edit: Run, refused: Callable[..., str], photo: Path, tmp_path: Path
) -> None:
    sketch, again = tmp_path / "sketch.jpg", tmp_path / "again.png"
    assert ptk_edit(photo, "--style", "sketch", "-o", sketch)[0] == 0
    assert ptk_edit(sketch, "--style", "sketch", "--expression", "smile=0.5", "-o", again)[::2] == (0, "")
    assert read_photo(again).edit == EditRecord("sketch", "rendered", moved=True)
    assert ptk_edit(sketch, "-o", tmp_path / "photo.png")[::2] == (0, "")
    assert np.ptp(read_photo(tmp_path / "photo.png").pixels, axis=2).max() > 40  # in colour
    assert refused(sketch, "--from", "mosaic") == (
        "--from mosaic: no way back is known; there are photo, sketch, watercolor, wave, poster"
    )
    as_it_is = ptk_edit(sketch, "--from", "photo", "--style", "watercolor", "-o", tmp_path / "watercolor.png")
    assert "is in the style sketch, made by ptk, not a photo" in as_it_is[2]


def test_several_and_nobody_says_which(
    refused: Callable[..., str], ptk_edit: Run, weights: Path, tmp_path: Path
) -> None:
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
