"""What the conditioners that draw landmarks share: where points fall among the pixels, and how large a stroke is."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["offsets", "pixels"]

REFERENCE = 256
"""Stroke sizes are given in pixels of an image of this size, so that a recipe draws alike at any resolution."""


def pixels(size: float, height: int, width: int) -> float:
    """`size`, given in pixels of a 256 px image, in pixels of a `height` x `width` image (its shorter side counts)."""
    return size * min(height, width) / REFERENCE


def offsets(points: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """How far pixel centres lie from points, in pixels: along x (B, N, width) and along y (B, N, height).

    `points` (B, N, 2) are in [0, 1] of the crop; the centre of the pixel in column j is at x = j + 0.5.
    At least float32, whatever the points come in: half precision cannot tell pixels of a 512 px image apart.
    """
    points = points.to(torch.promote_types(points.dtype, torch.float32))
    columns = torch.arange(width, device=points.device, dtype=points.dtype) + 0.5
    rows = torch.arange(height, device=points.device, dtype=points.dtype) + 0.5
    return columns - points[..., 0:1] * width, rows - points[..., 1:2] * height
