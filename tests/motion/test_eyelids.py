"""Eyes that close: lids come over them, and what is not closed stays as it is."""

import pytest
import torch
from torch.nn import functional

from ptk.motion.eyelids import close_eyes
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.warp import warp

SIZE = 192
UPPER, LOWER = [37, 38, 43, 44], [41, 40, 47, 46]
IRIS, SKIN, LASH = 0.0, 0.5, 1.0


def face(open_by: float = 0.05) -> torch.Tensor:
    """68 points with eyes 0.2 wide at a height of 0.5, whose lids are so far above and below that."""
    points = torch.full((1, 68, 2), 0.9)
    for start, left in ((36, 0.2), (42, 0.6)):
        across = torch.tensor([0, 1, 2, 3, 2, 1]) / 3 * 0.2 + left
        points[0, start : start + 6] = torch.stack([across, torch.full((6,), 0.5)], dim=-1)
    points[0, UPPER, 1] -= open_by
    points[0, LOWER, 1] += open_by
    return points


def picture(points: torch.Tensor) -> torch.Tensor:
    """A face of one colour, eyes of another, and lashes above the upper lids."""
    rows = ((torch.arange(SIZE) + 0.5) / SIZE)[:, None].expand(SIZE, SIZE)
    columns = ((torch.arange(SIZE) + 0.5) / SIZE).expand(SIZE, SIZE)
    seen = torch.full((SIZE, SIZE), SKIN)
    middle = (columns - 0.3).abs().minimum((columns - 0.7).abs()) < 0.03
    upper, lower = points[0, 37, 1], points[0, 41, 1]
    seen[middle & (rows > upper) & (rows < lower)] = IRIS
    seen[middle & (rows > upper - 0.03) & (rows <= upper)] = LASH
    return seen.expand(1, 3, SIZE, SIZE)


def moved(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The middle column of the right eye after the motion, which is 0 but for the lids'."""
    motion = close_eyes(torch.zeros(1, 2, SIZE, SIZE), source, target, geometry=VERSION_1)
    return warp(picture(source), motion)[0, 0, :, round(0.3 * SIZE)]


def test_shut_eyes_show_skin_and_lashes_alone():
    seen = moved(face(), face(0.0))
    assert seen.min() > 0.4
    lashes = torch.nonzero(seen > 0.9).flatten() / SIZE
    assert len(lashes)
    assert ((lashes > 0.46) & (lashes < 0.51)).all()  # down from 0.42 to 0.45


def test_half_closed_eyes_show_what_was_there():
    """The iris keeps its place, and what the lid covers is gone."""
    source, target = face(), face()
    target[0, UPPER, 1] += 0.05
    seen = moved(source, target)
    rows = (torch.arange(SIZE) + 0.5) / SIZE
    assert (seen[(rows > 0.51) & (rows < 0.545)] < 0.1).all()
    assert (seen[(rows > 0.42) & (rows < 0.47)] > 0.4).all()
    assert (seen[rows > 0.56] == SKIN).all()


@pytest.mark.parametrize("open_by", [0.036, 0.05, 0.09])
def test_eyes_that_stay_open_move_as_the_face_does(open_by):
    motion = functional.interpolate(torch.randn(1, 2, 6, 6, generator=torch.Generator().manual_seed(1)), (SIZE, SIZE))
    assert torch.equal(close_eyes(0.02 * motion, face(), face(open_by), geometry=VERSION_1), 0.02 * motion)


def test_one_eye_can_close_alone():
    winking = face()
    winking[0, [43, 44, 47, 46], 1] = 0.5
    motion = close_eyes(torch.zeros(1, 2, SIZE, SIZE), face(), winking, geometry=VERSION_1)
    assert (motion[..., : SIZE // 2] == 0).all()
    assert motion[:, 1, SIZE // 2 - 4, round(0.7 * SIZE)] == pytest.approx(-0.05, abs=0.01)


def test_nothing_moves_far_from_the_eyes():
    motion = close_eyes(torch.zeros(1, 2, SIZE, SIZE), face(), face(0.0), geometry=VERSION_1)
    assert motion.abs().max() < 0.065
    assert motion[:, :, : round(0.35 * SIZE)].abs().max() < 1e-6
    assert motion[:, :, round(0.6 * SIZE) :].abs().max() < 1e-6


def test_what_turns_the_face_turns_the_motion():
    motion = close_eyes(torch.zeros(1, 2, SIZE, SIZE), face(), face(0.0), geometry=VERSION_1)
    turn = torch.tensor([[0.0, 1.0], [-1.0, 0.0]])  # a quarter, clockwise as seen
    turned = close_eyes(
        torch.zeros(1, 2, SIZE, SIZE),
        *((points - 0.5) @ turn + 0.5 for points in (face(), face(0.0))),
        geometry=VERSION_1,
    )
    expected = motion.rot90(-1, (2, 3))
    torch.testing.assert_close(turned, torch.stack([-expected[:, 1], expected[:, 0]], dim=1), atol=1e-3, rtol=0)


@pytest.mark.parametrize("place", [0.5, -3.0])
def test_points_that_are_no_face_move_nothing(place):
    points = torch.full((1, 68, 2), place)
    assert (close_eyes(torch.zeros(1, 2, 32, 32), points, points, geometry=VERSION_1) == 0).all()
    assert close_eyes(torch.zeros(1, 2, 32, 32), face(), points, geometry=VERSION_1).isfinite().all()


@pytest.mark.parametrize("messy", ["source", "target"])
def test_points_out_of_order_are_no_eyes(messy):
    points = {"source": face(), "target": face(0.0)}
    points[messy][0, 37, 0], points[messy][0, 46, 0] = 0.35, 0.6
    assert (close_eyes(torch.zeros(1, 2, SIZE, SIZE), **points, geometry=VERSION_1) == 0).all()


def test_shut_eyes_do_not_close():
    assert (close_eyes(torch.zeros(1, 2, SIZE, SIZE), face(0.001), face(0.0), geometry=VERSION_1) == 0).all()
