"""Where in a photo detectors look, and at what size."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from jaxtyping import Float, Shaped, UInt8

__all__ = ["FIRST_LOOK", "SECOND_LOOK", "Box", "check_pixels", "shrunk", "tiles"]

FIRST_LOOK = 512
"""Pixels on the longer side of the copy that is searched: large faces are found as well in it, and sooner."""

SECOND_LOOK = 1600
"""The same, when nobody was found at first: faces may be small."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""


def check_pixels(image: Shaped[np.ndarray, "..."]) -> None:
    """Raises ValueError unless `image` is uint8 (H, W, 3)."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ValueError(f"an image is uint8 (H, W, 3), not {image.dtype} {image.shape}")


def shrunk(
    image: UInt8[np.ndarray, "height width 3"], longest: int
) -> tuple[UInt8[np.ndarray, "h w 3"], Float[np.ndarray, "2"]]:
    """`image` with at most `longest` pixels on its longer side, and the image pixels (x, y) one of its pixels spans."""
    height, width = image.shape[:2]
    factor = max(1.0, max(height, width) / longest)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    if factor > 1:
        image = np.asarray(Image.fromarray(image).resize(size, Image.Resampling.HAMMING, reducing_gap=3.0))
    return np.ascontiguousarray(image), np.array([width / size[0], height / size[1]])


def tiles(width: int, height: int, side: int) -> list[Box]:
    """Squares of `side` that cover a picture and overlap by half or more: what is smaller than half lies in one."""
    return [
        (left, top, min(left + side, width), min(top + side, height))
        for top, left in product(_starts(height, side), _starts(width, side))
    ]


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = 1 + -(-2 * (length - side) // side)
    return [round(start) for start in np.linspace(0, length - side, count)]
