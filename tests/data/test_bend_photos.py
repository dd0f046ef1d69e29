"""A bend takes the landmarks along, holds the border, and never folds."""

import numpy as np
import pytest
import torch

from ptk.data.augment import sampled
from ptk.data.bend_photos import Spline
from ptk.data.expression_changes import ExpressionChanges
from ptk.dataset.manifest import SAMPLE, read_manifest


@pytest.fixture(scope="module")
def faces():
    """Every face of the bundled sample and one with another expression, (192, 68, 2) each, in [0, 1]."""
    entries = read_manifest(SAMPLE)
    points = np.array([entry.landmarks for entry in entries]) / 256
    directions = ExpressionChanges.learn(points, [entry.identity for entry in entries])
    moved = directions.displace(points, torch.Generator().manual_seed(1))
    return torch.from_numpy(points), torch.from_numpy(moved)


def places(side, margin=0.0):
    line = (torch.arange(side, dtype=torch.float64) + 0.5) / side * (1 + 2 * margin) - margin
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x, y], dim=-1)


def test_landmarks_come_from_where_they_were(faces):
    """Nearly: where they crowd they give way to each other, and inner lips are held apart. In pixels of 256."""
    points, moved = faces
    away = (Spline.between(points, moved, 0.125).at(moved) - points).norm(dim=-1) * 256
    assert (points - moved).norm(dim=-1).mean() * 256 > 1.5
    assert away.mean() < 0.1
    assert away.quantile(0.99) < 0.75
    assert away.amax() < 1.5  # where the sample's closed lips overlap


def test_nothing_to_bend_bends_nothing(faces):
    points = faces[0][:3]
    grid = places(16).reshape(1, -1, 2).expand(3, -1, -1)
    torch.testing.assert_close(Spline.between(points, points, 0.125).at(grid), grid, atol=1e-9, rtol=0)


@pytest.mark.parametrize("margin", [0.0, 0.125])
def test_the_border_stays(faces, margin):
    """To half a pixel of 256 at most: it is held at some places, and free between them."""
    line = torch.linspace(-margin, 1 + margin, 50, dtype=torch.float64)
    low, high = torch.full_like(line, -margin), torch.full_like(line, 1 + margin)
    border = torch.cat([torch.stack(side, -1) for side in [(line, low), (line, high), (low, line), (high, line)]])
    spline = Spline.between(*faces, margin)
    away = (spline.at(border.expand(len(faces[0]), -1, -1)) - border).norm(dim=-1)
    assert away.amax() < 0.5 / 256


def test_never_folds(faces):
    """The map's Jacobian is positive wherever one looks, every 2.7 pixels of 256: no part of a face is turned over."""
    points, moved = faces[0][::3], faces[1][::3]
    side = 96
    for first, second in zip(points.split(16), moved.split(16), strict=True):
        seen = Spline.between(first, second, 0.0).at(places(side).reshape(1, -1, 2).expand(16, -1, -1))
        seen = seen.reshape(16, side, side, 2) * side
        across, down = seen[:, 1:, 1:] - seen[:, 1:, :-1], seen[:, 1:, 1:] - seen[:, :-1, 1:]
        assert (across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]).amin() > 0.1


def test_pixels_go_where_landmarks_go(faces):
    """A blob on a landmark comes to lie on the landmark's new place, to half a pixel: it is squeezed unequally."""
    points, moved = faces[0][:8], faces[1][:8]
    size, pad = 256, 32
    grid = places(size + 2 * pad, pad / size)
    spline = Spline.between(points, moved, pad / size)
    for number in (8, 30, 36, 48, 54):
        before = blob(grid, points[:, number])
        images = before.mul(255).round().byte()[:, None].expand(-1, 3, -1, -1)
        after = sampled(images, pad, spline=spline)[:, 0].add(1)
        found = (after[..., None] * places(size)).sum((1, 2)) / after.sum((1, 2))[:, None]
        assert (found - moved[:, number]).norm(dim=-1).amax() * size < 0.5


def blob(grid, centre):
    """Gaussians of 1.5 pixels of 256 around `centre` (B, 2)."""
    squared = (grid[None] - centre[:, None, None]).square().sum(-1)
    return torch.exp(-squared / (2 * (1.5 / 256) ** 2))


@pytest.mark.slow
def test_coarse_evaluation_is_fine_enough(faces):
    """Between the places where a spline is evaluated cubic interpolation is off by at most a quarter of a pixel."""
    points, moved = faces[0][::24], faces[1][::24]
    spline = Spline.between(points, moved, 0.0)
    exact = spline.at(places(256).reshape(1, -1, 2).expand(8, -1, -1)).reshape(8, 256, 256, 2)
    # A picture whose colour is its place: what is sampled says where it came from, to 1 in 255 of the side.
    ramp = places(256).permute(2, 0, 1).mul(255).round().byte()
    images = torch.cat([ramp, ramp[:1]]).expand(8, -1, -1, -1)
    seen = sampled(images, 0, spline=spline)[:, :2].add(1).div(2).permute(0, 2, 3, 1)
    inside = slice(8, -8)
    assert (seen - exact).abs()[:, inside, inside].amax() < 1 / 255 + 0.25 / 256
