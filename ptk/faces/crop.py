"""The square around a face: cut out upright, and put back at the photo's own resolution.

Coordinates are continuous, in photos and crops alike: a picture of W x H pixels spans [0, W] x [0, H] and the centre of
its first pixel is (0.5, 0.5). A crop spans the unit square, whatever number of pixels it is sampled with.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.errors import LandmarksError
from ptk.faces.mask import rounded_square

if TYPE_CHECKING:
    from jaxtyping import Float, Float64, Shaped, UInt8

__all__ = ["Crop"]

EYE_LINE = 0.47
"""How far down the crop the middle of the eyes lies: hair above and chin below both fit."""

_MIN_EYE_DISTANCE = 1.0
_NOSE_TO_EYES = 1.65  # a little under that of any face seen from the front, so that there the eyes alone decide
_Affine = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Crop:
    """A square in a photo: its centre `x, y` and its `side` in pixels, turned clockwise by `angle` radians."""

    x: float
    y: float
    side: float
    angle: float

    @classmethod
    def around(cls, points: Float[np.ndarray, "68 2"], *, margin: float = 3.0) -> Crop:
        """The crop in which the eyes of `points` (photo pixels) are level and `margin` eye distances fit in a row.

        The eye distance is that of the outer corners; of a turned head, what it would be from the front, told from the
        length of the nose. Raises LandmarksError when the eyes are less than a pixel apart.
        """
        points = np.asarray(points, dtype=np.float64)
        right, left = points[36:42].mean(axis=0), points[42:48].mean(axis=0)
        middle = (right + left) / 2
        eyes = float(np.linalg.norm(points[45] - points[36]))
        if not eyes >= _MIN_EYE_DISTANCE or not np.isfinite(points).all():
            raise LandmarksError("the eyes are less than a pixel apart; give landmarks of a face that can be seen")
        angle = math.atan2(left[1] - right[1], left[0] - right[0])
        nose = float(np.linalg.norm(points[33] - middle))
        side = margin * max(eyes, _NOSE_TO_EYES * nose)
        down = (0.5 - EYE_LINE) * side
        return cls(
            x=float(middle[0] - math.sin(angle) * down),
            y=float(middle[1] + math.cos(angle) * down),
            side=side,
            angle=angle,
        )

    def to_unit(self, points: Float[np.ndarray, "*batch 2"]) -> Float64[np.ndarray, "*batch 2"]:
        """Photo pixels to [0, 1] of the crop (outside of it, outside of that)."""
        away = np.asarray(points, dtype=np.float64) - (self.x, self.y)
        return np.asarray(away @ self._turn() / self.side + 0.5)

    def to_photo(self, points: Float[np.ndarray, "*batch 2"]) -> Float64[np.ndarray, "*batch 2"]:
        """[0, 1] of the crop to photo pixels."""
        away = (np.asarray(points, dtype=np.float64) - 0.5) * self.side
        return np.asarray(away @ self._turn().T + (self.x, self.y))

    def cut(self, pixels: UInt8[np.ndarray, "height width 3"], size: int) -> UInt8[np.ndarray, "size size 3"]:
        """The crop at `size` pixels a side; beyond the photo its border pixels go on.

        Shrinking is filtered (Lanczos along the photo's axes, down to twice the size), then turned (bicubic), then
        halved, so that fine patterns do not alias.
        """
        x0, y0, x1, y1 = self._bounds(margin=4 * max(1.0, self.side / size))
        rows = np.clip(np.arange(y0, y1), 0, pixels.shape[0] - 1)
        columns = np.clip(np.arange(x0, x1), 0, pixels.shape[1] - 1)
        region = Image.fromarray(pixels[rows[:, None], columns])
        fine = 2 if self.side > size else 1
        region, zoom_x, zoom_y = _shrunk(region, self.side / (size * fine))
        step = self.side / (size * fine)
        origin = self.to_photo(np.zeros(2)) - (x0, y0)
        cos, sin = math.cos(self.angle) * step, math.sin(self.angle) * step
        affine = (
            *(cos * zoom_x, -sin * zoom_x, float(origin[0]) * zoom_x),
            *(sin * zoom_y, cos * zoom_y, float(origin[1]) * zoom_y),
        )
        turned = _warped(region, size * fine, size * fine, affine)
        return np.array(turned.reduce(fine) if fine > 1 else turned)

    def paste(
        self,
        pixels: UInt8[np.ndarray, "height width 3"],
        face: Shaped[np.ndarray, "size size 3"],
        mask: Float[np.ndarray, "mask mask"] | None = None,
    ) -> UInt8[np.ndarray, "height width 3"]:
        """A copy of `pixels` with `face` (uint8, or float in [0, 255]) in this crop, blended through `mask`.

        `mask` covers the crop in [0, 1], whatever its size, and should be 0 along its border; None is a rounded square
        with a wide feather. Where it is 0 the pixels stay as they are to the last bit.
        """
        mask = rounded_square() if mask is None else mask
        height, width = pixels.shape[:2]
        x0, y0, x1, y1 = self._bounds(margin=0)
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
        result = pixels.copy()
        if x1 <= x0 or y1 <= y0:
            return result
        window = (x0, y0, x1, y1)
        weight = np.clip(self._spread(np.asarray(mask, dtype=np.float32), window), 0, 1)
        blended = result[y0:y1, x0:x1]
        for channel in range(3):
            painted = self._spread(np.asarray(face[..., channel], dtype=np.float32), window)
            below = blended[..., channel].astype(np.float32)
            mixed = np.round(below + weight * (np.clip(painted, 0, 255) - below))
            blended[..., channel] = np.where(weight > 0, mixed, below)
        return result

    def _spread(self, plane: np.ndarray, window: tuple[int, int, int, int]) -> np.ndarray:
        """A plane over the crop as the photo's pixels in `window` see it, 0 outside of the crop."""
        x0, y0, x1, y1 = window
        image, zoom, _ = _shrunk(Image.fromarray(plane), len(plane) / self.side)
        step = len(plane) * zoom / self.side
        origin = self.to_unit(np.array([x0, y0])) * len(plane) * zoom
        cos, sin = math.cos(self.angle) * step, math.sin(self.angle) * step
        affine = (cos, sin, float(origin[0]), -sin, cos, float(origin[1]))
        return np.asarray(_warped(image, x1 - x0, y1 - y0, affine))

    def _turn(self) -> np.ndarray:
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]])

    def _bounds(self, margin: float) -> tuple[int, int, int, int]:
        corners = self.to_photo(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64))
        low = np.floor(corners.min(axis=0) - margin).astype(int)
        high = np.ceil(corners.max(axis=0) + margin).astype(int)
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _shrunk(image: Image.Image, factor: float) -> tuple[Image.Image, float, float]:
    """`image` resized by 1 / `factor` when that is smaller, and how much it shrank along x and y."""
    if factor <= 1:
        return image, 1.0, 1.0
    width, height = (max(1, round(side / factor)) for side in image.size)
    small = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return small, width / image.width, height / image.height


def _warped(image: Image.Image, width: int, height: int, affine: _Affine) -> Image.Image:
    return image.transform((width, height), Image.Transform.AFFINE, affine, Image.Resampling.BICUBIC)
