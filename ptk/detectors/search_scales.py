"""Where in a photo detectors look, at what size, and which of the faces seen there are the same."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.faces.landmarks import eye_distance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Shaped, UInt8

__all__ = [
    "FIRST_LOOK",
    "MIRROR_GAP",
    "TILE",
    "Box",
    "check_pixels",
    "disagreement",
    "extent",
    "is_new",
    "pyramid",
    "shrunk",
    "tiles",
]

FIRST_LOOK = 512
"""Pixels on the longer side of the coarsest copy that is searched: it shows the largest faces whole."""

TILE = 384
"""Pixels on a side of the tiles in which smaller ones are looked for: they show faces of 44 pixels and more."""

MIRROR_GAP = 0.1
"""Most mean distance, in eye distances, between the points of a small face and those of its mirror image.

Of 108 faces of 40 to 130 pixels the most was 0.06; wheels, folds and the like had 0.11 to 0.7, or no face at all.
"""

_OVERLAP = 6  # a sixth; where faces of 60 px and more were pasted at random, none was lost to the edges of tiles
_COARSEST = 700  # the next coarser copy in tiles shows nothing that the first look did not
_SAME_FACE = 0.3  # intersection over union, as in MediaPipe's own suppression

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels."""


def check_pixels(image: Shaped[np.ndarray, "..."]) -> None:
    """Raises ValueError unless `image` is uint8 (H, W, 3)."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
        raise ValueError(f"an image is uint8 (H, W, 3), not {image.dtype} {image.shape}")


def pyramid(image: UInt8[np.ndarray, "height width 3"]) -> list[UInt8[np.ndarray, "h w 3"]]:
    """The copies of `image` to search in tiles: the last is itself, each one before has half the sides.

    Empty where `image` is no larger than a tile.
    """
    copies = [image] if max(image.shape[:2]) > TILE else []
    while copies and max(copies[0].shape[:2]) > 2 * _COARSEST:
        copies.insert(0, np.asarray(Image.fromarray(copies[0]).reduce(2)))
    return copies


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


def tiles(width: int, height: int, side: int = TILE) -> list[Box]:
    """Squares of `side` that cover a picture and overlap by a sixth or more: what is smaller than that lies in one."""
    return [
        (left, top, min(left + side, width), min(top + side, height))
        for top, left in product(_starts(height, side), _starts(width, side))
    ]


def _starts(length: int, side: int) -> list[int]:
    if length <= side:
        return [0]
    count = 1 + -(-(length - side) // (side - -(-side // _OVERLAP)))
    return [number * (length - side) // (count - 1) for number in range(count)]


def extent(points: Float[np.ndarray, "points 2"]) -> Float[np.ndarray, "4"]:
    """Left, top, right and bottom of `points`."""
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def is_new(box: Float[np.ndarray, "4"], known: Sequence[Float[np.ndarray, "4"]]) -> bool:
    """Whether `box` shows another face than the `known` boxes: it overlaps none much, and its middle lies in none.

    What lies in a face and looks like one, such as a nostril beside a fold, is no other face.
    """
    middle = (box[:2] + box[2:]) / 2
    for other in known:
        shared = np.prod(np.clip(np.minimum(box[2:], other[2:]) - np.maximum(box[:2], other[:2]), 0, None))
        union = np.prod(box[2:] - box[:2]) + np.prod(other[2:] - other[:2]) - shared
        inside = (other[:2] <= middle).all() and (middle <= other[2:]).all()
        if inside or shared / max(union, 1e-9) >= _SAME_FACE:
            return False
    return True


def disagreement(a: Float[np.ndarray, "68 2"], b: Float[np.ndarray, "68 2"]) -> float:
    """Mean distance of two faces' points, in the mean of their distances between the outer eye corners."""
    unit = (eye_distance(a) + eye_distance(b)) / 2
    return float(np.linalg.norm(a - b, axis=-1).mean() / max(unit, 1e-6))
