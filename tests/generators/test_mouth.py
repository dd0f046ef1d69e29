"""The network for the mouth: where it is told the lips are, and what it repaints."""

import math

import pytest
import torch
from torch import nn

from mouths import lips, smooth
from ptk.generators.warp_and_paint.mouth import Mouth, _chart, _mask, _stretch
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.mouth_frame import MouthFrame

INSIDE, OUTSIDE = 8, slice(4, 8)  # channels of the chart


def still(size: int) -> torch.Tensor:
    return torch.zeros(1, 2, size, size)


def noisy(width: int = 8) -> Mouth:
    torch.manual_seed(1)
    mouth = Mouth(width, VERSION_1)
    nn.init.normal_(mouth.head.weight, std=0.5)
    return mouth


def test_the_chart_tells_the_inside_of_the_mouth_from_lips_and_skin():
    frame = MouthFrame.around(lips(), 256, 256, VERSION_1)
    chart = _chart(frame, torch.zeros(1, 3, 80, 120))[0]
    # columns are 1.5 / 120 of the mouth, rows 1 / 80
    assert chart[INSIDE, 40, 60] > 0.95
    assert chart[INSIDE, 40 - 15, 60] < 0.05  # the upper lip, 0.19 above the middle: it is between .125 and .25
    assert [round(float(one)) for one in chart[OUTSIDE, 40 - 15, 60]] == [1, 0, 0, 0]
    assert [round(float(one)) for one in chart[OUTSIDE, 40 + 15, 60]] == [1, 1, 1, 0]
    assert [round(float(one)) for one in chart[OUTSIDE, 40 + 30, 60]] == [1, 1, 1, 1]
    assert chart[INSIDE, 40, 2] < 0.01  # left of the corner


@pytest.mark.parametrize(
    ("open_by", "eyes", "seen"),
    [
        (0.04, 0.5, 0.1),  # most smiles are open by less than 0.17 of the mouth: as it is
        (0.1, 0.5, 0.17),  # a wide one: 0.25 of the mouth, which is 0.8 eye distances
        (0.1, 0.85, 0.25),  # surprise: the same mouth, 0.47 eye distances wide
    ],
)
def test_wide_smiles_are_seen_no_wider_than_most(open_by, eyes, seen):
    points = lips(open_by)
    points[0, 36, 0], points[0, 45, 0] = 0.5 - eyes / 2, 0.5 + eyes / 2
    frame = MouthFrame.around(points, 256, 256, VERSION_1)
    shown = frame.narrowed()
    assert shown.lips[0, 18, 1] - shown.lips[0, 14, 1] == pytest.approx(seen, abs=0.01)
    torch.testing.assert_close(shown.outside(shown.lips), frame.outside(frame.lips))


def test_all_of_the_lips_is_repainted_and_nothing_at_the_border():
    frame = MouthFrame.around(lips(), 256, 256, VERSION_1)
    share = _mask(frame, torch.zeros(1, 3, 80, 120))
    at = nn.functional.grid_sample(share, frame.lips[:, None] * torch.tensor([2 / 1.5, 2.0]), align_corners=False)
    torch.testing.assert_close(at, torch.ones_like(at))
    assert share[..., 0].max() == share[..., -1].max() == share[..., 0, :].max() == share[..., -1, :].max() == 0


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
        frame = MouthFrame.around(lips(open_by), 256, 256, VERSION_1)
        column = mouth._place_texture(frame, seen)[0, 0, :, 60]
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
    torch.testing.assert_close(_stretch(scaled(32, rows)[:, 1:] * 32, 4.0), torch.full((1, 1, 32, 32), math.log2(rows)))
