"""The network for the mouth: its frame, where it is told the lips are, and what it leaves alone."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from ptk.generators.mouth import Mouth, MouthFrame, _chart, _line, _share, _squeezed

INSIDE, OUTSIDE = 8, slice(4, 8)  # channels of the chart


def lips(open_by: float = 0.1) -> torch.Tensor:
    """68 points of which 48 to 67 are a mouth 0.4 wide around (0.5, 0.6), open by that much; eyes 0.5 apart."""
    points = torch.full((1, 68, 2), 0.5)
    points[0, 36], points[0, 45] = torch.tensor([0.25, 0.3]), torch.tensor([0.75, 0.3])
    turns = torch.arange(12) / 12 * 2 * math.pi
    points[0, 48:60, 0] = 0.5 - 0.2 * turns.cos()
    points[0, 48:60, 1] = 0.6 - (0.05 + open_by / 2) * turns.sin()
    turns = torch.arange(8) / 8 * 2 * math.pi
    points[0, 60:68, 0] = 0.5 - 0.16 * turns.cos()
    points[0, 60:68, 1] = 0.6 - open_by / 2 * turns.sin()
    return points


def smooth(size: int) -> torch.Tensor:
    coarse = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(3)) * 2 - 1
    return nn.functional.interpolate(coarse, size=(size, size), mode="bicubic").clamp(-1, 1)


def turned(points: torch.Tensor, by: float) -> torch.Tensor:
    turn = torch.tensor([[math.cos(by), -math.sin(by)], [math.sin(by), math.cos(by)]])
    return (points - 0.5) @ turn.T + 0.5


def still(size: int) -> torch.Tensor:
    return torch.zeros(1, 2, size, size)


def noisy(width: int = 8) -> Mouth:
    torch.manual_seed(1)
    mouth = Mouth(width)
    nn.init.normal_(mouth.head.weight, std=0.5)
    return mouth


@pytest.mark.parametrize("by", [0, 0.4, -2.5])
def test_what_is_cut_out_comes_back_where_it_was(by):
    image, points = smooth(128), turned(lips(), by)
    frame = MouthFrame.around(points, 128, 128)
    there = frame.pasted(torch.ones(1, 1, 80, 120), 128, 128)
    back = frame.pasted(frame.cut(image), 128, 128)
    assert 0.15 < there.mean() < 0.3  # 0.6 x 0.4 of the picture, without what a turned one has outside
    torch.testing.assert_close(
        back[(there > 0.999).expand_as(back)], image[(there > 0.999).expand_as(back)], atol=0.03, rtol=0
    )
    assert (back[(there == 0).expand_as(back)] == 0).all()


@pytest.mark.parametrize("by", [0, 0.4, -2.5])
def test_a_frame_is_level_with_the_mouth_and_as_wide_as_it(by):
    found = MouthFrame.around(turned(lips(), by), 200, 200)
    torch.testing.assert_close(found.lips[0, 0], torch.tensor([-0.5, 0.0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(found.lips[0, 6], torch.tensor([0.5, 0.0]), atol=1e-4, rtol=0)
    assert found.lips[0, 3, 1] < -0.2 < 0.2 < found.lips[0, 9, 1]
    torch.testing.assert_close(found.eyes, torch.tensor([0.5 / 0.4]))


def test_lips_of_an_open_mouth_are_inside():
    frame = MouthFrame.around(lips(open_by=0.5), 200, 200)
    assert frame.lips[..., 1].abs().max() <= 0.5
    assert frame.along.norm() == pytest.approx(1.2 * 0.6 * 200, rel=1e-4)


def test_the_chart_tells_the_inside_of_the_mouth_from_lips_and_skin():
    frame = MouthFrame.around(lips(), 256, 256)
    chart = _chart(frame.lips, torch.zeros(1, 3, 80, 120))[0]
    # columns are 1.5 / 120 of the mouth, rows 1 / 80
    assert chart[INSIDE, 40, 60] > 0.95
    assert chart[INSIDE, 40 - 15, 60] < 0.05  # the upper lip, 0.19 above the middle: it is between .125 and .25
    assert [round(float(one)) for one in chart[OUTSIDE, 40 - 15, 60]] == [1, 0, 0, 0]
    assert [round(float(one)) for one in chart[OUTSIDE, 40 + 15, 60]] == [1, 1, 1, 0]
    assert [round(float(one)) for one in chart[OUTSIDE, 40 + 30, 60]] == [1, 1, 1, 1]
    assert chart[INSIDE, 40, 2] < 0.01  # left of the corner


def test_all_of_the_lips_is_repainted_and_nothing_at_the_border():
    frame = MouthFrame.around(lips(), 256, 256)
    share = _share(frame.lips, torch.zeros(1, 3, 80, 120))
    at = nn.functional.grid_sample(share, frame.lips[:, None] * torch.tensor([2 / 1.5, 2.0]), align_corners=False)
    torch.testing.assert_close(at, torch.ones_like(at))
    assert share[..., 0].max() == share[..., -1].max() == share[..., 0, :].max() == share[..., -1, :].max() == 0


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(-1, 1)), min_size=2, max_size=7))
def test_a_line_is_straight_between_its_knots(knots):
    steps, heights = np.array(knots, dtype=np.float32).T
    places = np.cumsum(steps)
    x = np.linspace(-1, 8, 50, dtype=np.float32)
    found = _line(torch.tensor(np.stack([places, heights], axis=-1))[None], torch.tensor(x)[None])
    np.testing.assert_allclose(found[0, 0], np.interp(x, places, heights), atol=1e-4)


def test_what_it_paints_moves_with_the_face():
    image, points = smooth(128), lips()
    mouth = noisy()
    moved = image.roll((-16, 8), dims=(2, 3))
    with torch.no_grad():
        first = torch.cat(mouth(image, still(128), points), dim=1)
        second = torch.cat(mouth(moved, still(128), points + torch.tensor([8, -16]) / 128), dim=1)
    assert first[:, 1:4].std() > 0.1
    torch.testing.assert_close(second, first.roll((-16, 8), dims=(2, 3)), atol=2e-3, rtol=0)


def test_the_texture_hangs_from_the_upper_lip():
    """A stripe of it is as far below the upper lip in a mouth that is open wide as in one that is nearly closed."""
    mouth = noisy()
    with torch.no_grad():
        mouth.texture.zero_()[:, 0, 6] = 1  # 6.5 of 16 rows, of .3 eye distances: .122 below
    seen = torch.zeros(1, 3, 80, 120)
    for open_by in (0.05, 0.2):
        frame = MouthFrame.around(lips(open_by), 256, 256)
        column = mouth._textured(frame, seen)[0, 0, :, 60]
        below = (column.argmax() + 0.5) / 80 - 0.5 - frame.lips[0, 14, 1]
        assert below / frame.eyes[0] == pytest.approx(0.122, abs=0.015)


@pytest.mark.parametrize("place", [0.5, -3.0])
def test_points_that_are_no_mouth_give_numbers_all_the_same(place):
    with torch.no_grad():
        kept, paint, share = noisy()(smooth(64), still(64), torch.full((1, 68, 2), place))
    assert torch.isfinite(torch.cat([kept, paint, share], dim=1)).all()


def scaled(size: int, rows: float) -> torch.Tensor:
    """A motion under which that many rows of the source become one, about the middle."""
    motion = still(size)
    motion[:, 1] = ((torch.arange(size) + 0.5) / size - 0.5)[:, None] * (rows - 1)
    return motion


@pytest.mark.parametrize("rows", [0.125, 0.5, 1, 2, 8])
def test_it_knows_how_far_a_motion_squeezes(rows):
    torch.testing.assert_close(_squeezed(scaled(32, rows)), torch.full((1, 1, 32, 32), math.log2(rows)))


def test_what_a_motion_squeezes_into_a_line_is_left_alone():
    with torch.no_grad():
        shares = [noisy()(smooth(64), scaled(64, rows), lips())[2] for rows in (1, 2, 5)]
    assert shares[0].max() == 1
    torch.testing.assert_close(shares[1], shares[0], atol=1e-4, rtol=0)
    assert shares[2].max() == 0
