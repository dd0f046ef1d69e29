"""A photo bent smoothly, so that its landmarks come to lie elsewhere: a thin-plate spline (Bookstein 1989).

It is a smoothing one, which comes near the landmarks (Wahba, Spline Models for Observational Data, 1990): an exact one
folds where two of them lie next to each other and are displaced by the detector's noise. kornia has exact ones only,
and puts their kernels where the landmarks come from, which makes a matrix next to singular.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ptk.faces.topology import FACING_LOWER_LIP, FACING_UPPER_LIP, LEFT_EYE_OUTER, RIGHT_EYE_OUTER

__all__ = ["Spline"]

_RING = 1.45  # of the landmarks' extent: around hairline, ears and neck, where nothing moves any more
_RING_POINTS = 16
_SIDE_POINTS = 6
_PARTED = 0.01  # outer eye distances: closed lips touch or overlap
_SLACK = 1e-4  # how far landmarks in a crowd may give way to each other: a twentieth of a pixel of 256 on average


@dataclass(frozen=True, eq=False)
class Spline:
    """Where the pixels of bent pictures come from: `at` maps a place there to the place in the picture before.

    `centres` (B, K, 2), `kernel` (B, K, 2) and `affine` (B, 3, 2) are float64 on the device that evaluates it.
    """

    centres: Tensor
    kernel: Tensor
    affine: Tensor

    @classmethod
    def between(cls, points: Tensor, moved: Tensor, margin: float) -> Spline:
        """The bend that takes landmarks `points` (B, 68, 2) to `moved`; the border of the picture stays.

        In [0, 1] of the crop, of which the picture has a share of `margin` more on each side.
        """
        held = _held(points.double(), margin)
        before, after = (torch.cat([_part_points(each.double()), held], dim=1) for each in (points, moved))
        loose = _kernel(after, after) + _SLACK * torch.eye(after.shape[1], dtype=after.dtype)
        flat = torch.cat([torch.ones_like(after[..., :1]), after], dim=-1)
        system = torch.cat([torch.cat([loose, flat], dim=2), nn.functional.pad(flat.mT, (0, 3))], dim=1)
        weights = torch.linalg.solve(system, nn.functional.pad(before, (0, 0, 0, 3)))
        return cls(after, weights[:, :-3], weights[:, -3:])

    def to(self, device: torch.device) -> Spline:
        """The same spline on `device`."""
        return Spline(self.centres.to(device), self.kernel.to(device), self.affine.to(device))

    def at(self, places: Tensor) -> Tensor:
        """(B, N, 2) -> (B, N, 2), in [0, 1] of the crop."""
        places = places.double()
        return _kernel(places, self.centres) @ self.kernel + self.affine[:, :1] + places @ self.affine[:, 1:]


def _kernel(places: Tensor, centres: Tensor) -> Tensor:
    squared = torch.cdist(places, centres).square()
    return 0.5 * squared * squared.clamp(min=1e-300).log()  # the logarithm of 0 would make 0 times it not a number


def _held(points: Tensor, margin: float) -> Tensor:
    """What a bend leaves where it is (B, 32, 2): an ellipse around each face, and the border of the picture."""
    low, high = points.amin(dim=1, keepdim=True), points.amax(dim=1, keepdim=True)
    angle = torch.arange(_RING_POINTS, dtype=points.dtype) * (2 * math.pi / _RING_POINTS)
    circle = torch.stack([angle.cos(), angle.sin()], dim=-1)
    ring = (low + high) / 2 + _RING * (high - low) / 2 * circle
    along = torch.linspace(-margin, 1 + margin, _SIDE_POINTS + 1, dtype=points.dtype)[:-1]
    least, most = torch.full_like(along, -margin), torch.full_like(along, 1 + margin)
    border = [(along, least), (most, along), (1 - along, most), (least, 1 - along)]
    sides = torch.cat([torch.stack(side, dim=-1) for side in border])
    return torch.cat([ring, sides.expand(len(points), -1, -1)], dim=1)


def _part_points(points: Tensor) -> Tensor:
    """`points` (B, 68, 2) whose inner lips are a hair apart at least, half of that up and half of it down."""
    eyes = points[:, LEFT_EYE_OUTER] - points[:, RIGHT_EYE_OUTER]
    down = torch.stack([-eyes[:, 1], eyes[:, 0]], dim=-1)[:, None]  # as long as the eyes are apart
    upper, lower = points[:, FACING_UPPER_LIP], points[:, FACING_LOWER_LIP]
    gap = ((lower - upper) * down).sum(-1, keepdim=True) / down.square().sum(-1, keepdim=True)
    push = (_PARTED - gap).clamp(min=0) / 2 * down
    parted = points.clone()
    parted[:, FACING_UPPER_LIP], parted[:, FACING_LOWER_LIP] = upper - push, lower + push
    return parted
