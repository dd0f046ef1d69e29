"""What all conditioners hold: size, dtype, mirror, and points that lie outside."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from ptk.conditioners.domain_planes import DomainPlanes
from ptk.conditioners.face_contours import FaceContours
from ptk.conditioners.landmark_channels import LandmarkChannels
from ptk.conditioners.landmark_map import LandmarkMap
from ptk.faces.landmarks import MIRROR, mirrored
from ptk.types import Faces, Target

DRAWN = [LandmarkMap(), LandmarkMap(sigma=0.2), LandmarkChannels(), FaceContours(), FaceContours(width=6)]
ALL = [*DRAWN, LandmarkMap(of="both"), DomainPlanes(domains=3)]

# Far outside, at the borders and inside, as an edited landmark file may hold them.
POINTS = arrays.arrays("float32", (2, 68, 2), elements=st.floats(-0.5, 1.5, width=32))


def faces(points: torch.Tensor, height: int = 48, width: int = 64, dtype: torch.dtype = torch.float32) -> Faces:
    batch = len(points)
    return Faces(image=torch.zeros(batch, 3, height, width, dtype=dtype), points=points, domain=torch.arange(batch) % 3)


@pytest.mark.parametrize("conditioner", ALL, ids=lambda part: type(part).__name__)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_planes_have_the_size_and_dtype_of_the_image(conditioner, dtype):
    source = faces(torch.rand(2, 68, 2), height=40, width=72, dtype=dtype)
    planes = conditioner(source, source)
    assert planes.shape == (2, conditioner.channels, 40, 72)
    assert planes.dtype == dtype
    assert planes.min() >= 0
    assert planes.max() <= 1


@pytest.mark.parametrize("conditioner", ALL, ids=lambda part: type(part).__name__)
@settings(max_examples=20, deadline=None)
@given(points=POINTS)
def test_mirroring_then_drawing_equals_drawing_then_mirroring(conditioner, points):
    source = faces(torch.from_numpy(points))
    there = faces(mirrored(source.points, 1.0))
    drawn = conditioner(source, source).flip(-1)
    if isinstance(conditioner, LandmarkChannels):
        drawn = drawn[:, list(MIRROR)]
    # float32 keeps positions in a 64 px image to 1e-5 px; no stroke rises faster than 1 a pixel.
    torch.testing.assert_close(conditioner(there, there), drawn, rtol=0, atol=1e-4)


def test_both_maps_are_the_source_and_then_the_target():
    start, goal = faces(torch.rand(1, 68, 2)), faces(torch.rand(1, 68, 2))
    drawn = LandmarkMap(of="both")(start, goal)
    assert torch.equal(drawn, torch.cat([LandmarkMap()(goal, start), LandmarkMap()(start, goal)], dim=1))


@pytest.mark.parametrize("conditioner", DRAWN, ids=lambda part: type(part).__name__)
def test_the_target_is_drawn_not_the_source(conditioner):
    source, goal = faces(torch.rand(1, 68, 2)), torch.rand(1, 68, 2)
    drawn = conditioner(source, Target(points=goal, domain=source.domain))
    assert torch.equal(drawn, conditioner(faces(goal), faces(goal)))
    assert not torch.equal(drawn, conditioner(source, source))


@pytest.mark.parametrize("conditioner", DRAWN, ids=lambda part: type(part).__name__)
def test_points_outside_the_crop_fall_out(conditioner):
    outside = faces(torch.rand(1, 68, 2) + 2)
    assert conditioner(outside, outside).max() < 1e-6


@pytest.mark.parametrize("conditioner", DRAWN, ids=lambda part: type(part).__name__)
def test_gradients_to_points_are_finite_even_on_a_pixel_centre(conditioner):
    points = ((torch.arange(136).reshape(1, 68, 2) % 30) + 0.5) / torch.tensor([64, 48])
    points.requires_grad_()
    source = faces(points)
    conditioner(source, source).sum().backward()
    assert torch.isfinite(points.grad).all()


@pytest.mark.parametrize("conditioner", [LandmarkMap(), LandmarkChannels(), FaceContours(width=6)], ids=str)
def test_a_drawing_looks_alike_at_any_resolution(conditioner):
    """A stroke covers the same share of the picture at 128 and at 256 px, to what its round ends differ."""
    points = torch.rand(1, 68, 2) * 0.6 + 0.2
    small, large = (faces(points, size, size) for size in (128, 256))
    assert conditioner(small, small).mean().item() == pytest.approx(conditioner(large, large).mean().item(), rel=0.02)


def test_a_spot_is_a_gaussian_around_its_pixel():
    points = torch.full((1, 68, 2), -9.0)
    points[0, 30] = torch.tensor([(100 + 0.5) / 256, (60 + 0.5) / 256])
    source = faces(points, 256, 256)
    drawn = LandmarkMap(sigma=2.0)(source, source)[0, 0]
    assert drawn[60, 100] == pytest.approx(1)
    # exp(-d^2 / 2 sigma^2) at d = 2 pixels and sigma = 2, along each axis
    for row, column in [(62, 100), (58, 100), (60, 102), (60, 98)]:
        assert drawn[row, column] == pytest.approx(0.60653, abs=1e-4)


def test_one_channel_is_the_highest_of_the_68():
    source = faces(torch.rand(2, 68, 2), 96, 64)
    together = LandmarkMap(sigma=4.0)(source, source)
    apart = LandmarkChannels(sigma=4.0)(source, source)
    torch.testing.assert_close(together, apart.amax(1, keepdim=True))


def test_the_finest_spot_never_vanishes_between_pixels():
    points = torch.full((1, 68, 2), 0.5)  # the corner of four pixels
    source = faces(points, 64, 64)
    assert LandmarkMap(sigma=0.1)(source, source).max() > 0.59


def test_a_line_joins_neighbours_of_a_contour_and_no_others():
    points = torch.full((1, 68, 2), -9.0)
    # jaw points 3 and 4, level, ten pixels apart on row 20; brow point 17 below is no neighbour of theirs
    points[0, 3], points[0, 4] = torch.tensor([10.5 / 64, 20.5 / 64]), torch.tensor([20.5 / 64, 20.5 / 64])
    points[0, 2], points[0, 5] = points[0, 3], points[0, 4]
    points[0, 0:2], points[0, 6:17] = points[0, 3], points[0, 4]
    points[0, 17] = torch.tensor([15.5 / 64, 40.5 / 64])
    points[0, 18:22] = points[0, 17]
    source = faces(points, 64, 64)
    drawn = FaceContours(width=4.0)(source, source)[0, 0]  # 4 px at 256 px: 1 px here
    torch.testing.assert_close(drawn[20, 10:21], torch.ones(11))
    assert drawn[18].max() == 0
    assert drawn[22:39].max() == 0
    assert drawn[40, 15] > 0.999


def test_contours_equal_distances_computed_point_by_point():
    """Every pixel, against the distance to 400 points sampled on every segment, in float64."""
    points = torch.rand(1, 68, 2, dtype=torch.float64)
    source = faces(points, 24, 32, torch.float64)
    drawn = FaceContours(width=12.0)(source, source)[0, 0]
    share = torch.linspace(0, 1, 400, dtype=torch.float64)[:, None]
    scaled = points[0] * torch.tensor([32.0, 24.0])
    samples = torch.cat([scaled[a] + share * (scaled[b] - scaled[a]) for a, b in FaceContours().segments])
    centres = torch.stack(torch.meshgrid(torch.arange(32) + 0.5, torch.arange(24) + 0.5, indexing="xy"), -1).double()
    distance = torch.cdist(centres.reshape(-1, 2), samples).amin(1).reshape(24, 32)
    expected = (12.0 * 24 / 256 / 2 + 0.5 - distance).clamp(0, 1)
    # Samples lie up to 0.1 pixel apart, so their distance is too large by 0.05 at most.
    torch.testing.assert_close(drawn, expected, rtol=0, atol=0.05)


def test_domain_planes_are_one_hot_in_recipe_order():
    source = Faces(image=torch.zeros(3, 3, 4, 5), points=torch.rand(3, 68, 2), domain=torch.tensor([2, 0, 3]))
    planes = DomainPlanes(domains=4)(source, source)
    assert planes.shape == (3, 4, 4, 5)
    assert planes.mean(dim=(2, 3)).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]


@pytest.mark.parametrize("make", [lambda: LandmarkMap(0), lambda: LandmarkChannels(-1), lambda: FaceContours(0)])
def test_a_stroke_without_size_is_refused(make):
    with pytest.raises(ValueError, match="above 0"):
        make()


@pytest.mark.gpu
@pytest.mark.parametrize("conditioner", ALL, ids=lambda part: type(part).__name__)
def test_drawing_on_a_gpu_equals_drawing_on_the_cpu(conditioner):
    source = faces(torch.rand(2, 68, 2))
    moved = conditioner(source.to("cuda"), source.to("cuda"))
    assert moved.device.type == "cuda"
    torch.testing.assert_close(moved.cpu(), conditioner(source, source), rtol=0, atol=1e-4)
