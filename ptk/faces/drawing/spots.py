"""Landmarks drawn as spots: where points fall among the pixels, and how large a stroke is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.arrays import Array, array_namespace, constant, pixel_centres
from ptk.motion.face_geometry import DrawingGeometry

if TYPE_CHECKING:
    from jaxtyping import Float, Float32

__all__ = ["draw_spots", "draw_spots_locally", "offsets", "scale_stroke"]

REFERENCE = 256
"""Stroke sizes are given in pixels of an image of this size, so that a recipe draws alike at any resolution."""


def scale_stroke(size: float, height: int, width: int) -> float:
    """`size`, given in pixels of a 256 px image, in pixels of a `height` x `width` image (its shorter side counts)."""
    return size * min(height, width) / REFERENCE


def offsets(points: Array, height: int, width: int) -> tuple[Array, Array]:
    """How far pixel centres lie from points, in pixels: along x (B, N, width) and along y (B, N, height).

    `points` (B, N, 2) are in [0, 1] of the crop; the centre of the pixel in column j is at x = j + 0.5.
    At least float32, whatever the points come in: half precision cannot tell pixels of a 512 px image apart.
    """
    xp = array_namespace(points)
    points = xp.astype(points, xp.result_type(points.dtype, xp.float32))
    columns, rows = pixel_centres(height, width, points)
    places = points * constant([width, height], points)
    return columns - places[..., 0:1], rows - places[..., 1:2]


def draw_spots(points: Array, height: int, width: int, sigma: float, by: DrawingGeometry) -> Array:
    """Each of points (B, N, 2), in [0, 1], as a Gaussian of height 1, (B, 1, H, W); where spots meet the higher counts.

    `sigma` is in pixels of a 256 px image, and never less than `by.spot` pixels.
    """
    xp = array_namespace(points)
    sigma = max(scale_stroke(sigma, height, width), by.spot)
    x, y = (xp.exp(offset * offset / (-2 * sigma**2)) for offset in offsets(points, height, width))
    highest = y[:, 0, :, None] * x[:, 0, None, :]
    # Point by point with a running maximum: all at once would be a map a point.
    for index in range(1, points.shape[1]):
        highest = xp.maximum(highest, y[:, index, :, None] * x[:, index, None, :])
    return highest[:, None]


def draw_spots_locally(
    points: Float[np.ndarray, "1 count 2"], height: int, width: int, sigma: float, by: DrawingGeometry
) -> Float32[np.ndarray, "1 1 height width"]:
    """Draw spots as `draw_spots` does, of one face in NumPy, each only where it is `by.faint` or brighter."""
    sigma = max(scale_stroke(sigma, height, width), by.spot)
    x, y = (np.exp(offset[0] * offset[0] / (-2 * sigma**2)) for offset in offsets(points, height, width))
    drawn = np.zeros((1, 1, height, width), dtype=np.result_type(x))
    for across, down in zip(x, y, strict=True):
        columns, rows = np.flatnonzero(across >= by.faint), np.flatnonzero(down >= by.faint)
        if len(columns) and len(rows):
            window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
            part = drawn[0, 0][window]
            np.maximum(part, down[window[0], None] * across[window[1]], out=part)
    return drawn
