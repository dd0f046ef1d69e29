"""The motion of lips: each part of a mouth comes from the same part, and what is not the mouth is left alone."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mouths import lips, smooth, turned
from ptk.conditioners.motion_field import MotionField
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.lips import move_lips
from ptk.motion.mouth_frame import MouthFrame
from ptk.motion.warp import warp
from ptk.types import Faces, Target

SIZE = 128


def motion(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    domain = torch.tensor([0])
    seen = Faces(image=torch.zeros(1, 3, SIZE, SIZE), points=source, domain=domain)
    return MotionField()(seen, Target(points=target, domain=domain))


def drawn(points: torch.Tensor) -> torch.Tensor:
    """Skin at 0, red lips, and white teeth between them."""
    frame = MouthFrame.around(points, SIZE, SIZE, VERSION_1)
    y, x = torch.meshgrid((torch.arange(SIZE) + 0.5) / SIZE, (torch.arange(SIZE) + 0.5) / SIZE, indexing="ij")
    places = (torch.stack([x, y], dim=-1) * SIZE).reshape(1, -1, 2)
    at = frame.inside(places)[0].reshape(SIZE, SIZE, 2).numpy()
    picture = torch.zeros(1, 3, SIZE, SIZE)
    for line, colour in ((range(12), (1.0, 0.0, 0.0)), (range(12, 20), (1.0, 1.0, 1.0))):
        inside = np.ones((SIZE, SIZE), dtype=bool)
        corners = frame.lips[0, list(line)].numpy()
        for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            inside &= (x1 - x0) * (at[..., 1] - y0) - (y1 - y0) * (at[..., 0] - x0) >= 0
        picture[0, :, torch.tensor(inside)] = torch.tensor(colour)[:, None]
    return picture


def white(picture: torch.Tensor) -> float:
    return float((picture[:, 1] > 0.5).float().mean())


@pytest.mark.parametrize("by", [0, 0.4])
@pytest.mark.parametrize("open_by", [0, 0.01, 0.2])
def test_a_face_that_stays_is_left_alone(open_by, by):
    points = turned(lips(open_by), by)
    found, *_ = move_lips(torch.zeros(1, 2, SIZE, SIZE), points, points, VERSION_1)
    torch.testing.assert_close(found, torch.zeros(1, 2, SIZE, SIZE), atol=1e-5, rtol=0)


@pytest.mark.parametrize("by", [0, 0.3])
def test_lips_that_close_leave_no_teeth(by):
    """A motion that is smooth leaves a band of them."""
    opened, shut = turned(lips(0.2), by), turned(lips(0.005), by)
    picture, plain = drawn(opened), motion(opened, shut)
    assert white(picture) > 0.03
    assert white(warp(picture, plain)) > 0.01
    assert white(warp(picture, move_lips(plain, opened, shut, VERSION_1)[0])) < 0.001


def test_lips_that_open_are_as_thick_as_they_are_said_to_be():
    shut, opened = lips(0.002), lips(0.2)
    found = warp(drawn(shut), move_lips(motion(shut, opened), shut, opened, VERSION_1)[0])
    red = (found[0, 0] > 0.5) & (found[0, 1] < 0.5)
    column = red[:, SIZE // 2]  # lips are .05 thick, at .45 to .5 and .7 to .75
    wanted = (drawn(opened)[0, 0] > 0.5)[:, SIZE // 2] & (drawn(opened)[0, 1] < 0.5)[:, SIZE // 2]
    rows = torch.arange(SIZE)
    outside = (rows < 0.5 * SIZE) | (rows >= 0.7 * SIZE)
    assert (column[outside] != wanted[outside]).sum() <= 2


def test_what_is_away_from_the_mouth_moves_as_before():
    plain = smooth(SIZE)[:, :2] * 0.02
    found, *_ = move_lips(plain, lips(0.2), lips(0.0), VERSION_1)
    away = torch.ones(SIZE, SIZE, dtype=torch.bool)
    away[int(0.48 * SIZE) : int(0.73 * SIZE), int(0.23 * SIZE) : int(0.77 * SIZE)] = False
    torch.testing.assert_close(found[..., away], plain[..., away], atol=1e-6, rtol=0)
    assert (found - plain)[..., ~away].abs().max() > 0.01


def test_lines_of_the_lips_come_from_lines_of_the_lips():
    """Where a landmark of the outer lips should be comes from the outer lips of the source, level by level."""
    source, target = turned(lips(0.05), 0.2), lips(0.25)
    found, *_ = move_lips(motion(source, target), source, target, VERSION_1)
    for landmark in (50, 51, 52, 56, 57, 58):
        column, row = (target[0, landmark] * SIZE - 0.5).round().long().tolist()
        place = (torch.tensor([column, row]) + 0.5) / SIZE + found[0, :, row, column]
        gaps = (source[0, 48:60] - place).norm(dim=-1)
        assert gaps.min() < 0.04, landmark  # knots are .1 apart


@settings(deadline=None)
@given(
    arrays(np.float32, (2, 20, 2), elements=st.floats(-0.5, 1.5, width=32)),
    st.floats(-math.pi, math.pi),
)
def test_any_points_give_numbers(points, by):
    source, target = lips(), turned(lips(), by)
    source[0, 48:], target[0, 48:] = torch.tensor(points[0]), torch.tensor(points[1])
    found, *_ = move_lips(torch.zeros(1, 2, 32, 32), source, target, VERSION_1)
    assert torch.isfinite(found).all()


@pytest.mark.parametrize(("before", "after", "said"), [(0.0, 0.2, 1), (0.02, 0.2, 1), (0.1, 0.2, 0), (0.2, 0.0, 0)])
def test_what_shut_lips_do_not_show_is_said(before, after, said):
    source, target = lips(before), lips(after)
    _, unseen, below = move_lips(motion(source, target), source, target, VERSION_1)
    assert said < 1 or below.max() == 0, "teeth are painted on all of it, not on a part"
    assert unseen[0, 0, int(0.6 * SIZE), SIZE // 2] == pytest.approx(said, abs=0.01)
    outside = torch.ones(SIZE, SIZE, dtype=torch.bool)
    outside[int(0.49 * SIZE) : int(0.71 * SIZE), int(0.28 * SIZE) : int(0.72 * SIZE)] = False
    assert unseen[0, 0][outside].max() == 0


def test_teeth_are_as_high_in_a_mouth_that_opens():
    before, after = lips(0.1), lips(0.3)
    field, unseen, below = move_lips(motion(before, after), before, after, VERSION_1)
    teeth = (1 - below) * warp(drawn(before), field)
    column = teeth[0, 1, :, SIZE // 2] > 0.5
    assert 0.1 * SIZE <= column.sum() <= 0.15 * SIZE  # a smooth motion would make it .3
    first, last = int(0.45 * SIZE), int(0.75 * SIZE)  # where the inner lips are
    assert column.nonzero().min() - first <= 2
    assert below[0, 0, first + int(0.17 * SIZE) : last - 3, SIZE // 2].min() > 0.9
    assert unseen[..., SIZE // 2].max() == 0


def test_a_mouth_that_closes_covers_teeth_from_below():
    before, after = lips(0.2), lips(0.1)
    picture = drawn(before)
    picture[:, :, int(0.6 * SIZE) :, :] = -1  # nothing but the upper half of the teeth
    field, *unseen = move_lips(motion(before, after), before, after, VERSION_1)
    column = warp(picture, field)[0, 1, :, SIZE // 2] > 0.5
    assert column.sum() >= 0.06 * SIZE  # squeezed, half of the mouth, .05, would be teeth
    assert max(one.max() for one in unseen) == 0


def test_closed_lips_that_close_further_keep_the_line_between_them():
    """Detectors see closed lips a little apart: what is there is the dark line of the mouth, and no teeth."""
    source, target = lips(open_by=0.012), lips(open_by=0.0)
    rows = ((torch.arange(SIZE) + 0.5) / SIZE)[:, None].expand(SIZE, SIZE)
    middle = source[0, [62, 66], 1].mean()
    picture = (1 - ((rows - middle).abs() / 0.02).clamp(0, 1)).expand(
        1, 3, SIZE, SIZE
    )  # a line, brightest in its middle
    found = warp(picture, move_lips(motion(source, target), source, target, VERSION_1)[0])
    column = found[0, 0, :, SIZE // 2]
    assert column.max() > 0.7 * picture[0, 0, :, SIZE // 2].max()  # .4 where the line counts as inside of a mouth


@pytest.mark.parametrize("by", [0, 0.4])
def test_lines_that_run_down_at_the_corners_of_round_mouths_do_not_tear(by):
    source = lips(open_by=0.5)
    target = source.clone()
    for points in (source, target):  # the outer points next to the corners come to lie above and below them
        points[0, [49, 59], 0] = points[0, 48, 0] + 0.001
        points[0, [53, 55], 0] = points[0, 54, 0] - 0.001
    target[0, 48:, 0] = 0.5 + 1.15 * (target[0, 48:, 0] - 0.5)
    source, target = turned(source, by), turned(target, by)
    field = motion(source, target)
    change = (move_lips(field, source, target, VERSION_1)[0] - field)[0].norm(dim=0) * SIZE
    jumps = [(change[1:] - change[:-1]).abs().max(), (change[:, 1:] - change[:, :-1]).abs().max()]
    assert max(jumps) < 3
