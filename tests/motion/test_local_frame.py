"""Coordinates of parts of faces: places there and back, and lines that go through their knots."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptk.motion.curves import curve, line
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.local_frame import Frame, move_on, sampling_grid


def test_a_frame_goes_from_one_place_to_the_other():
    frame = Frame.between(torch.tensor([[10.0, 20.0]]), torch.tensor([[10.0, 60.0]]), 1.0)  # downwards: its y goes left
    ends = torch.tensor([[[10.0, 20.0], [10.0, 60.0], [-30.0, 40.0]]])
    expected = torch.tensor([[[-0.5, 0.0], [0.5, 0.0], [0.0, 1.0]]])
    torch.testing.assert_close(frame.inside(ends), expected)
    torch.testing.assert_close(frame.outside(expected), ends)


def test_pixels_are_where_their_centres_are():
    frame = Frame.between(torch.tensor([[1.0, 3.0], [4.0, 2.0]]), torch.tensor([[9.0, 7.0], [0.0, 5.0]]), 1.0)
    x, y = np.meshgrid(np.arange(5) + 0.5, np.arange(4) + 0.5)
    centres = torch.tensor(np.stack([x, y], axis=-1).reshape(1, 20, 2), dtype=torch.float32)
    torch.testing.assert_close(frame.pixels(4, 5), frame.inside(centres.expand(2, -1, -1)))


@pytest.mark.parametrize("away", [0.0, 0.3])
def test_places_that_are_one_give_a_frame_of_a_pixel(away):
    frame = Frame.between(torch.tensor([[5.0, 5.0]]), torch.tensor([[5.0 + away, 5.0]]), 1.0)
    torch.testing.assert_close(frame.along, torch.tensor([[1.0, 0.0]]))


def test_a_motion_tells_where_pixels_come_from():
    motion = torch.zeros(1, 2, 4, 5)
    change = torch.arange(40.0).reshape(1, 20, 2)
    found = sampling_grid(move_on(motion, change))
    torch.testing.assert_close(found, sampling_grid(motion) + change)
    torch.testing.assert_close(sampling_grid(motion)[0, 7], torch.tensor([2.5, 1.5]))


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(-1, 1)), min_size=2, max_size=7))
def test_a_line_is_straight_between_its_knots(knots):
    steps, heights = np.array(knots, dtype=np.float32).T
    places = np.cumsum(steps)
    x = np.linspace(-1, 8, 50, dtype=np.float32)
    found = line(torch.tensor(np.stack([places, heights], axis=-1))[None], torch.tensor(x)[None], VERSION_1.curves)
    np.testing.assert_allclose(found[0], np.interp(x, places, heights), atol=1e-4)


@given(st.lists(st.tuples(st.floats(0.05, 1), st.floats(-0.1, 0.1)), min_size=3, max_size=7))
def test_a_curve_goes_through_its_knots_and_has_no_corners(knots):
    steps, heights = np.array(knots, dtype=np.float32).T
    places = np.cumsum(steps)
    points = torch.tensor(np.stack([places, heights], axis=-1))[None]
    np.testing.assert_allclose(
        curve(points[None], torch.tensor(places)[None], VERSION_1.curves)[0, 0], heights, atol=1e-5
    )
    beside = [
        curve(points[None], torch.tensor(places[1:-1] + by)[None], VERSION_1.curves)[0, 0].double()
        for by in (-1e-3, 0, 1e-3)
    ]
    np.testing.assert_allclose(beside[1] - beside[0], beside[2] - beside[1], atol=1e-3)


def test_a_curve_of_a_straight_line_is_straight():
    places = torch.tensor([0.0, 0.3, 0.4, 0.9])
    points = torch.stack([places, 2 * places - 1], dim=-1)[None]
    x = torch.linspace(-0.2, 1.1, 40)
    torch.testing.assert_close(curve(points[None], x[None], VERSION_1.curves)[0, 0], 2 * x.clamp(0, 0.9) - 1)
