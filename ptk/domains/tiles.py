"""Whole photos by filters, in tiles: as much memory for a hundred megapixels as for a few."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ptk.domains.filters import REFERENCE, resize, texture
from ptk.domains.one_by_one import OneByOne
from ptk.threads import map_threads

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

__all__ = ["Filter", "Place", "cut_tiles", "scale_pixels"]

_FINEST = 8.0
"""Faces are painted with crops of at most so many times `REFERENCE`, and enlarged: no stroke is thinner than 4 px."""

_ENLARGED = 8_000_000
"""Photos of fewer pixels are enlarged, up to so many and to twice their sides, where strokes would be too thin."""

_SIDE = 1536
"""Of a tile without its overlap, in pixels."""

_BAND = 512
"""Rows of a tile of a filter: a photo of a megapixel is work for two threads."""

Tile = tuple[tuple[slice, slice], tuple[slice, slice]]
"""Rows and columns of a tile, and of what it is computed from."""


@dataclass(frozen=True)
class Place:
    """Where a tile lies: `scale` pixels for a reference pixel, and its `origin` (top, left) in the picture."""

    scale: float
    origin: tuple[int, int] = (0, 0)

    def texture(self, image: np.ndarray, **options: Any) -> Float32[np.ndarray, "height width"]:
        """Paper or strokes for `image`: see `ptk.domains.filters.texture`."""
        return texture(image.shape[:2], self.scale, origin=self.origin, **options)


class Filter(OneByOne):
    """A style made by image filters: subclasses `paint` images whose reference pixels are at least a pixel wide.

    `reach` says how far away, in reference pixels, a pixel can lie and still change a result.
    """

    reach: ClassVar[float]

    def paint(self, rgb: Float32[np.ndarray, "h w 3"], place: Place) -> Float32[np.ndarray, "h w 3"]:
        """Render `rgb` in [0, 1]; values beyond [0, 1] are clipped."""
        raise NotImplementedError

    def paint_crop(self, rgb: Float32[np.ndarray, "height width 3"]) -> Float32[np.ndarray, "height width 3"]:
        """Render `rgb`, about in [0, 1], in [0, 1].

        Smaller images than `REFERENCE` are painted at that size and reduced: no stroke is thinner than a pixel.
        """
        height, width = rgb.shape[:2]
        factor = max(1.0, REFERENCE / min(height, width))
        canvas = resize(rgb, round(height * factor), round(width * factor)).clip(0, 1)
        painted = self.paint(canvas, Place(min(canvas.shape[:2]) / REFERENCE)).clip(0, 1).astype(np.float32)
        return resize(painted, height, width).clip(0, 1)

    def paint_photo(
        self, pixels: UInt8[np.ndarray, "height width 3"], scale: float
    ) -> UInt8[np.ndarray, "height width 3"]:
        """Render a whole photo with `scale` of its pixels for a reference pixel, in tiles.

        Tiles differ from the whole picture painted at once by rounding only.
        """
        height, width = pixels.shape[:2]
        # how much larger than the photo the canvas is
        enlarged = max(1.0, min(1 / scale, 2.0, math.sqrt(_ENLARGED / (height * width))))
        factor = _FINEST / scale if scale > _FINEST else enlarged
        canvas = scale_pixels(pixels, max(1, round(height * factor)), max(1, round(width * factor)))
        scale = max(1.0, scale * factor)
        painted = np.empty_like(canvas)

        def fill(tile: Tile) -> None:
            inner, outer = tile
            rgb = canvas[outer].astype(np.float32) / 255
            done = self.paint(rgb, Place(scale, (outer[0].start, outer[1].start))).clip(0, 1)
            rows, columns = (
                slice(inside.start - around.start, inside.stop - around.start)
                for inside, around in zip(inner, outer, strict=True)
            )
            painted[inner] = np.rint(done[rows, columns] * 255).astype(np.uint8)

        margin = math.ceil(self.reach * scale) + 2
        map_threads(fill, cut_tiles(canvas.shape[:2], margin, _BAND))
        return scale_pixels(painted, height, width)


def scale_pixels(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    """`pixels` at another size: their means where that is smaller, bicubic where it is larger."""
    import cv2

    if pixels.shape[:2] == (height, width):
        return pixels
    how = cv2.INTER_AREA if height < pixels.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=how))


def cut_tiles(shape: tuple[int, ...], margin: int, rows: int = _SIDE) -> Iterator[Tile]:
    """Tiles that cover `shape`, each with what it is computed from: itself and `margin` pixels around it.

    They are at most 1536 pixels wide, and at most `rows` high, unless that were less than four margins.
    """
    spans = []
    for side, most in zip(shape[:2], (min(max(rows, 4 * margin), _SIDE), _SIDE), strict=True):
        count = math.ceil(side / most)
        cuts = [side * number // count for number in range(count + 1)]
        spans.append(
            [(slice(low, high), slice(max(0, low - margin), min(side, high + margin))) for low, high in pairwise(cuts)]
        )
    for down in spans[0]:
        for columns in spans[1]:
            yield (down[0], columns[0]), (down[1], columns[1])
