"""Mouth and eyes, a twentieth of a picture and most of an expression: weights and cuts around them."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ptk.faces.topology import EYES_AND_MOUTH, OUTER_EYE_CORNERS

__all__ = ["cut_around", "find_centre", "weigh_regions"]

_NEAR = 0.15  # outer eye distances: so far around a landmark is what it stands for
_GRID = 64


def weigh_regions(points: Tensor, height: int, width: int, lean: float) -> Tensor:
    """Make weights (B, 1, height, width): 1 far from mouth and eyes, up to 1 + `lean` at their landmarks.

    `points` (B, 68, 2) are in [0, 1] of images of that size.
    """
    sides = torch.tensor([width, height], dtype=torch.float32, device=points.device)
    places = points.float() * sides
    first, second = (places[:, corner] for corner in OUTER_EYE_CORNERS)
    near = _NEAR * (second - first).norm(dim=-1).clamp_min(1e-3)
    rows, columns = min(_GRID, height), min(_GRID, width)
    y, x = torch.meshgrid(_centres(rows, height, points), _centres(columns, width, points), indexing="ij")
    grid = torch.stack([x, y], dim=-1).reshape(1, -1, 2).expand(len(points), -1, -1)
    distance = torch.cdist(grid, places[:, EYES_AND_MOUTH]).amin(-1)
    blobs = torch.exp(-(distance / near[:, None]).square()).reshape(-1, 1, rows, columns)
    return 1 + lean * functional.interpolate(blobs, (height, width), mode="bilinear")


def find_centre(points: Tensor, region: slice) -> Tensor:
    """Find the middle (B, 2) of a region's landmarks, in the units of `points` (B, 68, 2)."""
    part = points[:, region]
    return (part.amin(1) + part.amax(1)) / 2


def cut_around(image: Tensor, middle: Tensor, window: int) -> Tensor:
    """Cut squares of side `window` around the `middle` (B, 2), in [0, 1], of images (B, C, H, W), moved inside."""
    height, width = image.shape[-2:]
    along = torch.arange(window, device=image.device)
    columns, rows = (
        (middle[:, axis] * side - window / 2).long().clamp(0, side - window)[:, None] + along
        for axis, side in enumerate((width, height))
    )
    batch = torch.arange(len(image), device=image.device)[:, None, None]
    return image.permute(0, 2, 3, 1)[batch, rows[:, :, None], columns[:, None]].permute(0, 3, 1, 2)


def _centres(count: int, side: int, like: Tensor) -> Tensor:
    return (torch.arange(count, device=like.device, dtype=torch.float32) + 0.5) * (side / count)
