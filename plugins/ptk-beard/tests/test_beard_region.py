"""What the plane of the beard's region holds: it is where the painter paints, and behaves as a conditioner must."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import ptk
from ptk_beard.domain import Beard
from ptk_beard.region import BeardRegion

# The number of each landmark on a mirrored face.
MIRROR = [
    *range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1), 45, 44, 43, 42, 47, 46, 39, 38, 37, 36,
    41, 40, *range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), *range(67, 64, -1),
]  # fmt: skip

ANY_POINTS = arrays.arrays("float32", (2, 68, 2), elements=st.floats(-0.5, 1.5, width=32))


def faces(points: torch.Tensor, height: int = 48, width: int = 64, dtype: torch.dtype = torch.float32) -> ptk.Faces:
    image = torch.zeros(len(points), 3, height, width, dtype=dtype)
    return ptk.Faces(image=image, points=points, domain=torch.arange(len(points)) % 2)


def plane(points: torch.Tensor, height: int = 128, width: int = 128) -> torch.Tensor:
    here = faces(points, height, width)
    return BeardRegion()(here, here)


def test_it_is_where_the_painter_paints(draw):
    here = draw(height=128, width=128)
    painted = (Beard().stylise(here) - here.image)[0].mean(0).neg().clamp(min=0).flatten()
    told = BeardRegion()(here, here)[0, 0].flatten()
    # Hair hangs a little below its roots, so the two cannot be one.
    assert torch.corrcoef(torch.stack([painted, told]))[0, 1] > 0.85


def test_chin_is_in_it_and_lips_and_forehead_are_not(points):
    drawn = plane(torch.from_numpy(points)[None])[0, 0]

    def at(x: float, y: float) -> float:
        return drawn[int(y * 128), int(x * 128)].item()

    chin, lips, forehead = (points[8] + points[57]) / 2, (points[62] + points[66]) / 2, points[27] - (0, 0.15)
    assert at(*chin) == pytest.approx(1, abs=0.05)
    assert at(*lips) < 0.1
    assert at(*forehead) < 1e-4


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_it_has_the_size_and_dtype_of_the_image(points, dtype):
    here = faces(torch.from_numpy(points).expand(2, 68, 2), 40, 72, dtype)
    drawn = BeardRegion()(here, here)
    assert drawn.shape == (2, 1, 40, 72)
    assert drawn.dtype == dtype


@settings(max_examples=25, deadline=None)
@given(points=ANY_POINTS)
def test_any_points_give_a_plane_and_their_mirror_image_its_mirror_image(points):
    there = torch.from_numpy(points)
    mirrored = there[:, MIRROR] * torch.tensor([-1.0, 1.0]) + torch.tensor([1.0, 0.0])
    drawn = plane(there, 48, 64)
    assert drawn.min() >= 0
    assert drawn.max() <= 1
    # Where nonsense folds the chart, hundreds of spots add up in float32 in another order.
    torch.testing.assert_close(plane(mirrored, 48, 64), drawn.flip(-1), rtol=0, atol=1e-3)


def test_it_follows_the_target_and_no_other_row(points):
    here = faces(torch.from_numpy(points)[None])
    moved = ptk.Target(points=here.points + 0.1, domain=here.domain)
    drawn = BeardRegion()(here, moved)
    assert torch.equal(drawn, BeardRegion()(faces(moved.points), moved))
    assert not torch.equal(drawn, BeardRegion()(here, here))
    both = faces(torch.cat([moved.points, here.points]))
    torch.testing.assert_close(BeardRegion()(both, both)[:1], drawn)


def test_gradients_reach_the_points_that_it_hangs_on(points):
    there = torch.from_numpy(points)[None].requires_grad_()
    plane(there).square().sum().backward()
    assert torch.isfinite(there.grad).all()
    for number in (*range(17), *range(48, 60)):
        assert there.grad[0, number].abs().max() > 0, number


def test_gradients_are_finite_for_points_that_are_one():
    there = torch.full((1, 68, 2), 0.5, requires_grad=True)
    plane(there).sum().backward()
    assert torch.isfinite(there.grad).all()


def test_it_covers_as_much_at_any_resolution_and_stretch(points):
    there = torch.from_numpy(points)[None]
    shares = [plane(there, *shape).mean().item() for shape in ((96, 96), (256, 256), (128, 256))]
    assert max(shares) == pytest.approx(min(shares), rel=0.03)


def test_half_precision_around_it_does_not_move_it(points):
    """Positions in bfloat16 would be off by a pixel in 256: under autocast the plane may only be rounded."""
    here = faces(torch.from_numpy(points)[None], 256, 256)
    with torch.autocast("cpu", torch.bfloat16):
        rounded = BeardRegion()(here, here)
    torch.testing.assert_close(rounded, BeardRegion()(here, here), rtol=0, atol=0.02)


def test_it_is_built_where_it_is_told_and_needs_no_room_in_a_weights_file():
    with torch.device("meta"):
        part = BeardRegion()
    assert {buffer.device.type for buffer in part.buffers()} == {"meta"}
    assert part.state_dict() == {}


@pytest.mark.parametrize("softness", [0, -1, 11])
def test_a_softness_out_of_range_is_refused(softness):
    with pytest.raises(ValueError, match="softness must be"):
        BeardRegion(softness=softness)
