"""Soft masks over a crop: how far an edited face replaces the photo."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import BROWS, NOSE_TOP, UNDER_NOSE

if TYPE_CHECKING:
    from jaxtyping import Float, Float32

__all__ = ["head_mask", "hull_mask", "rounded_square"]

_DIRECTIONS = 64
_FOREHEAD = 0.8  # how far a forehead rises over the brows, in lengths of the nose
_WHOLE = (slice(None), slice(None))


@lru_cache(maxsize=8)
def rounded_square(size: int = 256, *, feather: float = 0.14) -> Float32[np.ndarray, "size size"]:
    """1 inside, 0 along the border and falling smoothly over `feather` of the crop: a squircle (4-norm). Read-only."""
    centres = (np.arange(size) + 0.5) / size
    grid = np.stack(np.meshgrid(centres, centres), axis=-1)
    radius = (np.abs(grid * 2 - 1) ** 4).sum(axis=-1) ** 0.25
    # the ramp ends two pixels before the border, so that bicubic sampling sees zeros there
    mask = _smooth((1 - 4 / size - radius) / (2 * feather)).astype(np.float32)
    mask.flags.writeable = False
    return mask


def head_mask(
    *faces: Float[np.ndarray, "68 2"],
    size: int = 256,
    grow: float,
    feather: float,
    part: tuple[slice, slice] = _WHOLE,
) -> Float32[np.ndarray, "rows columns"]:
    """1 over the convex hull of the `faces` (68 points each, in [0, 1] of the crop) and their foreheads.

    It stays 1 as far as `grow` beyond the hull, falls smoothly to 0 over `feather`, both in sides of the crop, and is 0
    along the border. `part` are the rows and columns wanted of `size` each.
    """
    outlines: list[np.ndarray] = []
    for face in faces:
        points = np.asarray(face, dtype=np.float64)
        rise = (points[NOSE_TOP] - points[UNDER_NOSE]) * _FOREHEAD
        outlines += [points, points[BROWS] + rise]
    hull = hull_mask(np.concatenate(outlines), size=size, grow=grow, feather=feather, part=part)
    return np.asarray(hull * rounded_square(size, feather=feather / 2)[part])


def hull_mask(
    points: Float[np.ndarray, "count 2"],
    *,
    size: int = 256,
    grow: float,
    feather: float,
    part: tuple[slice, slice] = _WHOLE,
) -> Float32[np.ndarray, "rows columns"]:
    """1 over the convex hull of `points` in [0, 1] of the crop, and as far as `grow` beyond, falling over `feather`."""
    turns = np.arange(_DIRECTIONS) * (2 * np.pi / _DIRECTIONS)
    directions = np.stack([np.cos(turns), np.sin(turns)])
    centres = (np.arange(size) + 0.5) / size
    rows, columns = centres[part[0]], centres[part[1]]
    mask = np.zeros((len(rows), len(columns)), dtype=np.float32)
    beyond = grow + feather + 1 / size  # further away it is 0
    low, high = points.min(axis=0) - beyond, points.max(axis=0) + beyond
    near = slice(*np.searchsorted(rows, (low[1], high[1]))), slice(*np.searchsorted(columns, (low[0], high[0])))
    rows, columns = rows[near[0]], columns[near[1]]
    away = np.full((len(rows), len(columns)), -np.inf, dtype=np.float32)
    # a convex hull is where no direction leads beyond its farthest point: no need to find its corners
    for (x, y), farthest in zip(directions.T, (points @ directions).max(axis=0), strict=True):
        across, down = (columns * x - farthest).astype(np.float32), (rows * y).astype(np.float32)
        np.maximum(away, down[:, None] + across, out=away)
    mask[near] = _smooth(1 - (away - np.float32(grow)) / np.float32(feather))
    return mask


def _smooth(ramp: np.ndarray) -> np.ndarray:
    ramp = np.clip(ramp, 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp))
