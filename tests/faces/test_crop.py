import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage import data, metrics

from ptk.errors import LandmarksError
from ptk.faces.crop import Crop
from ptk.faces.landmarks import mirrored
from ptk.faces.mask import head_mask, rounded_square

CROPS = st.builds(
    Crop,
    x=st.floats(100, 400),
    y=st.floats(100, 400),
    side=st.floats(60, 500),
    angle=st.floats(-3, 3),
)


def face(turn: float = 0.0, scale: float = 1.0, at: tuple[float, float] = (224, 110)) -> np.ndarray:
    """A schematic face: eyes of a level, 30 wide, 90 between the outer corners; nose, brows, mouth and jaw below."""
    points = np.zeros((68, 2))
    jaw = np.linspace(np.pi, 0, 17)
    points[:17] = np.stack([65 * np.cos(jaw), 105 * np.sin(jaw)], axis=-1)
    points[17:22] = np.stack([np.linspace(-52, -12, 5), [-15, -22, -24, -22, -18]], axis=-1)
    points[22:27] = points[17:22][::-1] * (-1, 1)
    points[27:31] = np.stack([np.zeros(4), np.linspace(0, 35, 4)], axis=-1)
    points[31:36] = np.stack([np.linspace(-12, 12, 5), [44, 46, 47, 46, 44]], axis=-1)
    points[36:42] = np.array([[-45, 0], [-35, -5], [-25, -5], [-15, 0], [-25, 5], [-35, 5]])
    points[42:48] = (points[36:42] * (-1, 1))[[3, 2, 1, 0, 5, 4]]
    mouth = np.linspace(np.pi, -np.pi, 12, endpoint=False)
    points[48:60] = np.stack([26 * np.cos(mouth), 72 - 9 * np.sin(mouth)], axis=-1)
    inner = np.linspace(np.pi, -np.pi, 8, endpoint=False)
    points[60:68] = np.stack([20 * np.cos(inner), 72 - 2 * np.sin(inner)], axis=-1)
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    return points @ np.array([[cos, sin], [-sin, cos]]) + at


@pytest.mark.parametrize("turn", [0.0, 0.4, -1.2, 3.0])
@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_a_crop_stands_upright_however_the_head_is_held(turn: float, scale: float) -> None:
    unit = Crop.around(face(turn, scale)).to_unit(face(turn, scale))
    np.testing.assert_allclose(unit, Crop.around(face()).to_unit(face()), atol=1e-9)
    assert np.ptp(unit[[36, 45], 1]) < 1e-9  # eyes level
    assert np.isclose(unit[45, 0] - unit[36, 0], 1 / 3)
    assert unit.min() > 0.05
    assert unit.max() < 0.95


def test_margin_is_the_crop_in_eye_distances() -> None:
    assert np.isclose(Crop.around(face(), margin=4.0).side, 4 * 90)


def test_a_turned_head_is_cropped_as_wide_by_the_length_of_its_nose() -> None:
    """At 60 degrees of yaw the eyes come half as close; the crop must not halve with them."""
    turned = (face() - (224, 110)) * (0.5, 1) + (224, 110)
    assert 0.8 < Crop.around(turned).side / Crop.around(face()).side <= 1


def test_mirrored_faces_get_mirrored_crops() -> None:
    crop, other = Crop.around(face(0.3)), Crop.around(mirrored(face(0.3), 512))
    assert np.allclose([other.x, other.y, other.side, other.angle], [512 - crop.x, crop.y, crop.side, -crop.angle])


@pytest.mark.parametrize("points", [np.zeros((68, 2)), np.full((68, 2), np.nan), face(scale=0.005)])
def test_no_crop_around_eyes_in_one_place(points: np.ndarray) -> None:
    with pytest.raises(LandmarksError, match="the eyes are less than a pixel apart"):
        Crop.around(points)


@given(CROPS)
def test_points_go_to_the_unit_square_and_back(crop: Crop) -> None:
    points = face(0.2)
    np.testing.assert_allclose(crop.to_photo(crop.to_unit(points)), points, atol=1e-9)
    assert crop.to_photo(crop.to_unit(points[:3][None])).shape == (1, 3, 2)


def test_cutting_without_turning_or_scaling_copies_pixels() -> None:
    """Pixel centres lie at half integers: a crop over whole pixels needs no interpolation."""
    picture = data.astronaut()
    cut = Crop(x=230.0, y=130.0, side=128.0, angle=0.0).cut(picture, 128)
    np.testing.assert_array_equal(cut, picture[66:194, 166:294])


@pytest.mark.parametrize(("quarter", "turned"), [(1, 1), (2, 2), (-1, -1)])
def test_a_quarter_turn_is_exact(quarter: int, turned: int) -> None:
    picture = data.astronaut()
    cut = Crop(x=230.0, y=130.0, side=128.0, angle=quarter * np.pi / 2).cut(picture, 128)
    expected = np.rot90(picture[66:194, 166:294], turned)
    assert np.abs(cut.astype(int) - expected).max() <= 1


def test_shrinking_is_as_good_as_averaging_many_samples() -> None:
    """40 dB is an error of one level in a hundred; one sample a pixel, without a filter, has 28 dB here."""
    picture = data.astronaut()
    crop = dataclasses.replace(Crop.around(face()), angle=0.3)
    cut = crop.cut(picture, 64)
    fine = crop.cut(picture, 64 * 16).astype(np.float64)  # enlarged: bicubic only
    averaged = fine.reshape(64, 16, 64, 16, 3).mean(axis=(1, 3))
    assert metrics.peak_signal_noise_ratio(averaged, cut.astype(np.float64), data_range=255) > 40
    assert abs(averaged.mean() - cut.mean()) < 0.1  # no shift of brightness
    unfiltered = fine[8::16, 8::16]
    assert metrics.peak_signal_noise_ratio(averaged, unfiltered, data_range=255) < 30


def test_beyond_the_photo_its_border_goes_on() -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[:, :2] = (200, 10, 90)
    cut = Crop(x=0.0, y=50.0, side=64.0, angle=0.0).cut(picture, 64)
    assert (cut[:, :33] == (200, 10, 90)).all()
    assert (cut[:, 35:] == 0).all()
    assert (Crop(x=-500.0, y=50.0, side=64.0, angle=0.2).cut(picture, 32) == (200, 10, 90)).all()


@settings(max_examples=12, deadline=None)
@given(CROPS, st.sampled_from([64, 200]))
def test_pasting_changes_nothing_outside_of_the_mask(crop: Crop, size: int) -> None:
    picture = data.astronaut()
    pasted = crop.paste(picture, np.full((size, size, 3), 255, np.uint8))
    y, x = np.mgrid[:512, :512] + 0.5
    unit = crop.to_unit(np.stack([x, y], axis=-1))
    outside = ((unit < 0) | (unit > 1)).any(axis=-1)
    np.testing.assert_array_equal(pasted[outside], picture[outside])
    inside = (np.abs(unit - 0.5) < 0.2).all(axis=-1)
    assert (pasted[inside] == 255).all()


@settings(max_examples=12, deadline=None)
@given(CROPS)
def test_a_cut_put_back_is_the_photo(crop: Crop) -> None:
    """At the crop's own resolution two bicubic samplings of smooth colours stay within two levels."""
    x, y = np.meshgrid(np.linspace(0, 3, 512), np.linspace(0, 4, 512))
    picture = np.stack([np.sin(x + y), np.cos(2 * x), np.sin(x - y)], axis=-1)
    picture = ((picture + 1) * 100 + 20).round().astype(np.uint8)
    inner = dataclasses.replace(crop, x=256.0, y=256.0, side=min(crop.side, 340.0))
    pasted = inner.paste(picture, inner.cut(picture, round(inner.side)))
    assert np.abs(pasted.astype(int) - picture).max() <= 2


def test_detail_kept_everywhere_gives_the_photo_to_the_last_bit() -> None:
    picture = data.astronaut()
    crop = dataclasses.replace(Crop.around(face()), angle=0.2)
    cut = crop.cut(picture, 64)
    blurred = crop.paste(picture, cut)
    assert (blurred != picture).any()
    np.testing.assert_array_equal(crop.paste(picture, cut, keep=np.ones((64, 64))), picture)


def test_colours_stay_where_a_face_is_put_back_smaller_or_larger() -> None:
    picture = np.full((300, 300, 3), (40, 90, 200), np.uint8)
    for size in (16, 97, 700):
        pasted = Crop(x=150.0, y=150.0, side=200.0, angle=0.4).paste(picture, np.full((size, size, 3), (40, 90, 200)))
        np.testing.assert_array_equal(pasted, picture)


def test_pasting_outside_of_the_photo_changes_nothing() -> None:
    picture = data.astronaut()
    pasted = Crop(x=-300.0, y=900.0, side=100.0, angle=0.1).paste(picture, np.zeros((8, 8, 3), np.uint8))
    np.testing.assert_array_equal(pasted, picture)


def test_cut_and_paste_leave_their_input() -> None:
    picture = data.astronaut()
    before = picture.copy()
    crop = Crop.around(face())
    crop.paste(picture, 255 - crop.cut(picture, 64))
    np.testing.assert_array_equal(picture, before)


@pytest.mark.parametrize(
    "mask", [rounded_square(), head_mask(Crop.around(face()).to_unit(face()), grow=0.06, feather=0.16)]
)
def test_masks_are_one_on_the_face_and_zero_along_the_border(mask: np.ndarray) -> None:
    unit = Crop.around(face()).to_unit(face())
    for border in (mask[0], mask[-1], mask[:, 0], mask[:, -1], mask[1], mask[:, 1]):
        assert (border == 0).all()
    for x, y in unit[17:]:
        assert mask[int(y * len(mask)), int(x * len(mask))] == 1
    # no seam: the ramp is an eighth of the crop or wider, and a smoothstep is steepest at 1.5 times its mean slope
    assert np.abs(np.diff(mask, axis=1)).max() < 1.5 * 8 / len(mask)


def test_a_head_mask_holds_both_ends_of_a_movement() -> None:
    unit = Crop.around(face()).to_unit(face())
    moved = unit + np.array([0.1, 0])
    both = head_mask(unit, moved, grow=0.02, feather=0.1)
    alone = head_mask(unit, grow=0.02, feather=0.1)
    assert (both >= alone).all()
    assert (both >= head_mask(moved, grow=0.02, feather=0.1)).all()
    assert both.sum() > alone.sum()
