"""Drawings are edited over the photo that a network makes of them."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.editing.drawings import photographs
from ptk.editing.drawings.guess_style import guess_style
from ptk.editing.drawings.photographs import DrawnLandmarks, find_style, load_way_back, make_photo, photograph
from ptk.editing.opening import open_editor
from ptk.editing.styles import choose_renderer
from ptk.errors import PtkError, WeightsError
from ptk.faces.image_files.metadata import EditRecord
from ptk.faces.images import Photo, read_photo
from ptk.faces.landmarks import eye_distance
from ptk.types import Landmarks

STYLES = ("sketch", "watercolor", "wave", "poster")
SOME = ["sketch", "wave", *(pytest.param(each, marks=pytest.mark.slow) for each in ("watercolor", "poster"))]
ASTRONAUT = data.astronaut()


@pytest.fixture(scope="module")
def points() -> np.ndarray:
    return MediaPipe68().detect(ASTRONAUT)[0].points


@pytest.fixture(scope="module")
def drawings(points: np.ndarray) -> Callable[[str], np.ndarray]:
    """The drawing in a style, painted when it is first asked for: that takes seconds."""
    return cache(lambda style: choose_renderer(style).paint(ASTRONAUT, [points]))


def picture(pixels: np.ndarray, style: str | None = None) -> Photo:
    edit = None if style is None else EditRecord(style, "rendered", moved=False)
    return Photo(pixels, None, None, None, "", Path("me.png"), "PNG", edit=edit)


class Whole:
    """A network that makes everything grey, and keeps how large the pictures were that it saw."""

    size, multiple = 64, 16

    def __init__(self) -> None:
        self.seen: list[tuple[int, ...]] = []

    def translate(self, picture: np.ndarray, style: str) -> np.ndarray:
        self.seen.append(picture.shape)
        return np.full(picture.shape, 128.0, np.float32)


class Sees:
    """A detector that finds a face, whose crop is `side` pixels wide, from the look number `first` on."""

    def __init__(self, points: np.ndarray, first: int = 1) -> None:
        self.points, self.first, self.looks = points, first, 0

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        self.looks += 1
        return [Landmarks(points=self.points, width=1, height=1)] if self.looks >= self.first else []


@pytest.mark.parametrize("style", SOME)
def test_a_drawing_becomes_the_photo_of_the_same_face(drawings, points, style):
    drawing = picture(drawings(style), style)
    made = make_photo(drawing, MediaPipe68())
    assert made.pixels.shape == ASTRONAUT.shape
    assert made.edit is None
    found = MediaPipe68().detect(made.pixels)[0].points
    assert np.linalg.norm(found - points, axis=1).mean() / eye_distance(points) < 0.06
    near, far = (
        np.abs(each[60:200, 150:300].astype(float) - ASTRONAUT[60:200, 150:300]).mean()
        for each in (made.pixels, drawing.pixels)
    )
    assert near < far


@pytest.mark.parametrize("style", SOME)
def test_what_a_picture_is(drawings, style):
    assert guess_style(drawings(style)) == ("photo" if style == "watercolor" else style)


def test_what_a_picture_is_taken_for(drawings):
    for style in STYLES:
        assert find_style(picture(ASTRONAUT), style) == style
        assert find_style(picture(ASTRONAUT, style)) == style
    assert find_style(picture(drawings("sketch"), "sketch"), "photo") == "photo"
    assert find_style(picture(drawings("sketch"), "mosaic")) == "photo"  # from which there is no way back
    lines: list[str] = []
    assert find_style(picture(drawings("wave")), warn=lines.append) == "wave"
    assert lines == ["me.png: looks like a wave, so it is edited over its photo; if not, add `source=photo`"]


@pytest.mark.parametrize(
    "pixels",
    [
        ASTRONAUT,
        np.repeat(ASTRONAUT.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8),
        data.cat(),
        data.coffee(),
        np.full((64, 64, 3), 255, np.uint8),
        np.zeros((32, 300, 3), np.uint8),
        np.random.default_rng(0).integers(0, 256, (90, 70, 3), dtype=np.uint8),
    ],
    ids=["astronaut", "grey", "cat", "coffee", "white", "black", "noise"],
)
def test_photos_are_not_taken_for_drawings(pixels):
    assert guess_style(pixels) == "photo"
    photo = picture(pixels)
    assert make_photo(photo, MediaPipe68()) is photo


def test_a_style_without_a_way_back_is_refused():
    with pytest.raises(PtkError, match="`source` mosaic: no way back is known; there are photo, sketch, watercolor"):
        find_style(picture(ASTRONAUT), "mosaic")
    with pytest.raises(PtkError, match="drawn68: no way back is known from mosaic"):
        DrawnLandmarks("mosaic")
    with pytest.raises(PtkError, match="drawn68: looks through another detector"):
        DrawnLandmarks(detector="drawn68")


def test_the_face_is_shown_to_the_network_at_its_size(points):
    network = Whole()
    photograph(ASTRONAUT, "sketch", network, Sees(points, first=2))
    made = [shape[0] for shape in network.seen]
    assert made[:2] == [96, 64]  # two looks, in the second a face is found
    from ptk.faces.crop import Crop

    assert abs(made[2] - 512 * 64 / Crop.around(points).side) <= 16
    network = Whole()
    photograph(ASTRONAUT, "sketch", network, Sees(points, first=9))
    assert [shape[0] for shape in network.seen] == [96, 64, 160]


def test_landmarks_of_drawings_and_of_photos(drawings, points):
    found = DrawnLandmarks().detect(drawings("wave"))[0].points
    assert np.linalg.norm(found - points, axis=1).mean() / eye_distance(points) < 0.06
    assert np.array_equal(DrawnLandmarks().detect(ASTRONAUT)[0].points, points)


@pytest.mark.parametrize(("content", "said"), [(None, "ptk's own weights are missing"), (b"no network", "not a whole")])
def test_weights_that_are_missing_or_damaged_are_a_line(tmp_path, monkeypatch, content, said):
    if content is not None:
        (tmp_path / "photographs.onnx").write_bytes(content)
    monkeypatch.setattr(photographs, "SHIPPED", tmp_path)
    load_way_back.cache_clear()
    with pytest.raises(WeightsError, match=said) as caught:
        make_photo(picture(ASTRONAUT), MediaPipe68(), "sketch")
    assert "\n" not in str(caught.value)
    load_way_back.cache_clear()


@pytest.mark.slow
def test_from_a_drawing_to_another_with_a_smile(drawings, tmp_path):
    path = tmp_path / "wave.png"
    Image.fromarray(drawings("wave")).save(path)
    editor = open_editor(source="wave", style="sketch", strengths={"smile": 0.6}, moving=["expression"])
    assert editor.edit(read_photo(path), tmp_path / "sketch.png")
    made = read_photo(tmp_path / "sketch.png")
    assert made.edit == EditRecord("sketch", "rendered", moved=True)
    assert (made.pixels[..., 0] == made.pixels[..., 1]).all()
    photo_only = open_editor(source="wave")
    assert photo_only.edit(read_photo(path), tmp_path / "photo.png")
    assert read_photo(tmp_path / "photo.png").edit == EditRecord("photo", "learned", moved=False)
    again = replace(editor, source=None, strengths={}, style="photo", renderer=None)
    assert again.edit(made, tmp_path / "still.png")
    assert read_photo(tmp_path / "still.png").edit == EditRecord("photo", "learned", moved=True)
