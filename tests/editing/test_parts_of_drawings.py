"""Masks and spots drawn in part come out as the whole would."""

import numpy as np
import pytest

from ptk.editing.exported.planes import draw_lips
from ptk.faces.drawing.spots import draw_spots, draw_spots_locally
from ptk.faces.mask import head_mask, rounded_square
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.landmark_flow import find_flow


@pytest.fixture
def faces():
    random = np.random.default_rng(0)
    return random.uniform(0.2, 0.8, (2, 68, 2)).astype(np.float32)


@pytest.mark.parametrize("beyond", [0.0, 0.6, 5.0])
@pytest.mark.parametrize("sigma", [0.1, 3.0, 40.0])
def test_spots_drawn_where_they_are_seen_are_the_same(faces, sigma, beyond):
    points = faces[:1] + beyond
    whole, local = (
        draw_spots(points, 48, 64, sigma, VERSION_1.drawing),
        draw_spots_locally(points, 48, 64, sigma, VERSION_1.drawing),
    )
    assert local.dtype == whole.dtype == np.float32
    np.testing.assert_allclose(local, whole, atol=2e-7)  # fainter than that they are left out


def test_a_part_of_a_mask_is_that_part_of_the_whole(faces):
    part = (slice(10, 40), slice(33, 61))
    whole = head_mask(*faces, size=64, grow=0.02, feather=0.1)
    np.testing.assert_array_equal(head_mask(*faces, size=64, grow=0.02, feather=0.1, part=part), whole[part])
    empty = (slice(0), slice(0))
    assert head_mask(*faces, size=64, grow=0.02, feather=0.1, part=empty).shape == (0, 0)


def test_masks_that_are_kept_cannot_be_written_to():
    with pytest.raises(ValueError, match="read-only"):
        rounded_square(32)[0, 0] = 1


def test_the_flow_of_the_same_landmarks_is_found_once(faces):
    start, goal = faces[:1], faces[1:]
    first = find_flow(start, goal, 32, reach=0.2, noise=0.01, geometry=VERSION_1)
    assert find_flow(start.copy(), goal.astype(np.float64), 32, reach=0.2, noise=0.01, geometry=VERSION_1) is first
    assert find_flow(start, goal, 32, reach=0.3, noise=0.01, geometry=VERSION_1) is not first
    with pytest.raises(ValueError, match="read-only"):
        first.lids[:] = 0
    draw_lips(first)[:] = 0  # a copy
    assert first.lids.any()
