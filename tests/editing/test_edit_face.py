from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from torch.nn import functional

from ptk.editing.composite.detail import unchanged
from ptk.editing.edit import check_output, default_output, edit_face, find_source
from ptk.editing.rendered import Rendered
from ptk.errors import LandmarksError, NoFaceError, OutputError, WeightsError
from ptk.faces.crop import Crop
from ptk.faces.images import Photo, read_photo
from ptk.types import Landmarks

# landmarks of the astronaut, as a detector places them: jaw, brows, nose, eyes, lips
ASTRONAUT = np.fromstring(
    "179 104 179 116 180 127 181 139 185 151 191 160 200 169 209 176 221 178 232 177 243 171 253 164 260 154 265 "
    "144 268 132 270 120 272 108 186 94 192 88 200 87 208 89 216 92 236 93 244 91 252 91 260 92 265 98 225 103 "
    "225 111 225 119 225 127 214 131 219 132 224 134 229 133 234 132 195 101 200 98 207 98 212 104 206 104 199 "
    "104 238 105 244 101 250 101 255 104 250 107 244 106 201 140 209 139 218 139 223 141 229 140 237 140 245 141 "
    "237 151 229 155 222 156 216 155 208 150 204 141 217 143 223 144 229 143 243 142 229 150 223 150 217 150",
    dtype=np.float32,
    sep=" ",
).reshape(68, 2)


class Network:
    """What a Translator is to an edit: here the arithmetic is known. It keeps what it was given."""

    size = 64
    domains = ("photo", "sketch")
    face_flow = None

    def __init__(self, gain: float = 1.0, shift: float = 0.0) -> None:
        self.gain, self.shift = gain, shift

    def render(self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> Rendered:
        self.cut, self.source, self.target, self.domain = cut, start, goal, style
        image = cut.astype(np.float32) / 127.5 - 1
        return Rendered(((image * self.gain + self.shift).clip(-1, 1) + 1) * 127.5)


class Finds:
    """A detector that finds the faces it was made with."""

    def __init__(self, *faces: np.ndarray) -> None:
        self.faces = faces

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        height, width = image.shape[:2]
        return [Landmarks(points=points, width=width, height=height) for points in self.faces]


MOVED = ASTRONAUT + np.float32(0.5)  # by so little that it is in the same place, and far enough for an edit


def astronaut() -> Photo:
    pixels = data.astronaut()
    return Photo(pixels=pixels, alpha=None, icc=None, exif=None, sha256="", path=Path("astronaut.png"), format="PNG")


def at(points: np.ndarray) -> Landmarks:
    return Landmarks(points=points, width=512, height=512)


def test_a_network_that_changes_nothing_gives_the_photo_to_the_last_bit() -> None:
    np.testing.assert_array_equal(edit_face(astronaut(), ASTRONAUT, MOVED, Network()), data.astronaut())


def test_where_no_landmark_moves_no_pixel_changes_whatever_the_network() -> None:
    for by in (0.0, 0.005):  # the second is what two decimals in a file round
        edited = edit_face(astronaut(), ASTRONAUT, ASTRONAUT + np.float32(by), Network(gain=0, shift=-1))
        np.testing.assert_array_equal(edited, data.astronaut())


def test_the_network_sees_the_crop_and_both_ends_in_its_unit_square() -> None:
    network, target = Network(), ASTRONAUT + np.float32(3)
    edit_face(astronaut(), ASTRONAUT, target, network, "sketch")
    crop = Crop.around(ASTRONAUT)
    np.testing.assert_array_equal(network.cut, crop.cut(data.astronaut(), 64))
    np.testing.assert_allclose(network.source, crop.to_unit(ASTRONAUT), atol=1e-6)
    np.testing.assert_allclose(network.target, crop.to_unit(target), atol=1e-6)
    assert network.domain == "sketch"


@pytest.mark.parametrize("style", ["photo", "sketch"])
def test_an_edit_reaches_the_whole_face_and_nothing_far_from_it(style: str) -> None:
    edited = edit_face(astronaut(), ASTRONAUT, MOVED, Network(gain=0, shift=-1), style)
    for x, y in ASTRONAUT.astype(int):
        assert edited[y, x].max() <= 3
    y, x = np.mgrid[:512, :512] + 0.5
    beyond = (np.abs(Crop.around(ASTRONAUT).to_unit(np.stack([x, y], axis=-1)) - 0.5) > 0.5).any(axis=-1)
    np.testing.assert_array_equal(edited[beyond], data.astronaut()[beyond])


def test_a_style_takes_in_more_than_a_photo_does() -> None:
    changed = [
        (edit_face(astronaut(), ASTRONAUT, MOVED, Network(gain=0, shift=-1), style) != data.astronaut()).sum()
        for style in ("photo", "sketch")
    ]
    assert changed[0] < 0.9 * changed[1]


def test_where_the_target_goes_the_mask_goes() -> None:
    moved = ASTRONAUT + np.array([12, 0], np.float32)
    black = Network(gain=0, shift=-1)
    edited = edit_face(astronaut(), ASTRONAUT, moved, black)
    x, y = moved[16].astype(int)
    assert edited[y, x].max() <= 3
    assert edit_face(astronaut(), ASTRONAUT, MOVED, black)[y, x].max() > 3


def test_what_is_painted_on_a_photo_in_black_and_white_has_no_colour() -> None:
    class Red(Network):
        def render(self, *given: object) -> Rendered:
            return Rendered(super().render(*given).image * (1.0, 0.2, 0.2))  # type: ignore[arg-type]

    grey = data.astronaut().mean(axis=2, keepdims=True).round().astype(np.uint8).repeat(3, axis=2)
    edited = edit_face(replace(astronaut(), pixels=grey), ASTRONAUT, MOVED, Red())
    assert (edited != grey).any()
    assert (edited.max(axis=2) - edited.min(axis=2)).max() <= 1
    assert np.ptp(edit_face(astronaut(), ASTRONAUT, MOVED, Red())[120, 220].astype(int)) > 50


def test_values_beyond_the_range_are_clipped() -> None:
    edited = edit_face(astronaut(), ASTRONAUT, MOVED, Network(gain=0, shift=7), "sketch")
    x, y = ASTRONAUT[30].astype(int)
    assert edited[y, x].tolist() == [255, 255, 255]


def test_detail_of_the_photo_is_kept_only_where_little_changed() -> None:
    cut = np.full((64, 64, 3), 100, np.uint8)
    face = cut.astype(np.float32)
    face[20:40, 20:40] += 60
    keep = unchanged(face, cut)
    assert keep[30, 30] < 0.01
    assert keep[5, 5] == 1
    assert ((keep >= 0) & (keep <= 1)).all()


def test_change_is_blurred_as_torch_would_blur_it() -> None:
    noise = np.random.default_rng(0)
    cut = noise.integers(0, 255, (96, 96, 3), dtype=np.uint8)
    face = cut + noise.normal(0, 12, (96, 96, 3)).astype(np.float32)
    change = torch.from_numpy(np.abs(face - cut).max(axis=2))[None]
    blurred = functional.avg_pool2d(change, 3, 1, 1, count_include_pad=False)[0]
    np.testing.assert_allclose(unchanged(face, cut), np.exp(-((blurred.numpy() / 10) ** 2)), atol=1e-5)


def test_unknown_styles_are_answered_with_the_known() -> None:
    with pytest.raises(WeightsError, match=r"^`style` oil: these weights know photo, sketch$"):
        edit_face(astronaut(), ASTRONAUT, ASTRONAUT, Network(), "oil")


def test_a_face_of_no_size_is_refused() -> None:
    with pytest.raises(LandmarksError, match="less than a pixel apart"):
        edit_face(astronaut(), np.full((68, 2), 100.0), ASTRONAUT, Network())


def test_the_only_face_is_edited() -> None:
    assert find_source(astronaut(), Finds(ASTRONAUT), "mesh").points is ASTRONAUT


def test_nobody_and_several_are_refused() -> None:
    with pytest.raises(NoFaceError, match=r"astronaut\.png: no face found \(tried mesh\)"):
        find_source(astronaut(), Finds(), "mesh")
    with pytest.raises(NoFaceError, match=r"2 faces found: 1 at .* Say which: `face` 1 to 2"):
        find_source(astronaut(), Finds(ASTRONAUT, ASTRONAUT + 200), "mesh")


def test_landmarks_say_which_of_several_is_meant() -> None:
    found = find_source(astronaut(), Finds(ASTRONAUT, ASTRONAUT + 200), "mesh", at(ASTRONAUT + 190))
    np.testing.assert_array_equal(found.points, ASTRONAUT + 200)


def test_a_number_says_it_before_the_landmarks_do() -> None:
    assert (
        find_source(astronaut(), Finds(ASTRONAUT, ASTRONAUT + 200), "mesh", at(ASTRONAUT + 190), 1).points is ASTRONAUT
    )


@pytest.mark.parametrize("faces", [(), (ASTRONAUT,)])
def test_landmarks_stand_in_for_a_face_that_nobody_finds(faces: tuple[np.ndarray, ...]) -> None:
    target = at(ASTRONAUT + 200)
    assert find_source(astronaut(), Finds(*faces), "mesh", target) is target


def test_results_stand_beside_the_photo() -> None:
    assert default_output(Path("a/me.jpg")) == Path("a/me.ptk.jpg")
    assert default_output(Path("me.TIFF")) == Path("me.ptk.TIFF")
    assert default_output(Path("me.gif")) == Path("me.ptk.png")


def test_the_photo_itself_is_never_replaced(tmp_path: Path) -> None:
    photo = tmp_path / "me.png"
    Image.new("RGB", (40, 40)).save(photo)
    (tmp_path / "link.png").symlink_to(photo)
    for out in (photo, tmp_path / "link.png", tmp_path / "." / "me.png"):
        with pytest.raises(OutputError, match="is the photo itself"):
            check_output(out, photo)
    check_output(tmp_path / "other.png", photo)
    with pytest.raises(OutputError, match=r"not written as \.heic"):
        check_output(tmp_path / "other.heic", photo)
    assert read_photo(photo).width == 40
