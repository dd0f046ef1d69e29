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
from ptk.faces.topology import LEFT_EYE, LEFT_EYE_OUTER, RIGHT_EYE, RIGHT_EYE_OUTER, UNDER_NOSE

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Float64, Shaped, UInt8

__all__ = ["Crop", "Window", "overlap"]

Window = tuple[int, int, int, int]
"""A part of a photo: left, top, right and bottom, in pixels."""

EYE_LINE = 0.47
"""How far down the crop the middle of the eyes lies: hair above and chin below both fit."""

_MIN_EYE_DISTANCE = 1.0
_NOSE_TO_EYES = 1.65  # a little under that of any face seen from the front, so that there the eyes alone decide


def overlap(first: Window, second: Window) -> Window:
    """The part that two windows share; without one its right is left of its left, or its bottom above its top."""
    (left, top), (right, bottom) = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    return int(left), int(top), int(right), int(bottom)


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
        right, left = points[RIGHT_EYE].mean(axis=0), points[LEFT_EYE].mean(axis=0)
        middle = (right + left) / 2
        eyes = float(np.linalg.norm(points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]))
        if not eyes >= _MIN_EYE_DISTANCE or not np.isfinite(points).all():
            raise LandmarksError("the eyes are less than a pixel apart; give landmarks of a face that can be seen")
        angle = math.atan2(left[1] - right[1], left[0] - right[0])
        nose = float(np.linalg.norm(points[UNDER_NOSE] - middle))
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

        Where the photo is finer than the crop it is shrunk to twice `size` with a filter against aliasing, sampled
        bicubically, and averaged two by two.
        """
        x0, y0, x1, y1 = self.reach(pixels, size)
        fine = 2 if self.side > size else 1
        region = _shrink(pixels[y0:y1, x0:x1], self.side / (size * fine))
        scale = np.array(region.shape[1::-1]) / (x1 - x0, y1 - y0)
        turn = self._turn() * scale[:, None] * (self.side / (size * fine))
        corner = (self.to_photo(np.zeros(2)) - (x0, y0)) * scale
        seen = _sample(region, turn, corner, (size * fine, size * fine), "border")
        if fine > 1:
            seen = _halve(seen)
        return np.asarray(np.rint(seen).clip(0, 255).astype(np.uint8))

    def reach(self, pixels: UInt8[np.ndarray, "height width 3"], size: int) -> Window:
        """The part of a photo that a cut at `size` pixels a side looks at."""
        return self._window(pixels, margin=8 * max(1.0, self.side / size))

    def paste(
        self,
        pixels: UInt8[np.ndarray, "height width 3"],
        face: Shaped[np.ndarray, "size size 3"],
        mask: Float[np.ndarray, "mask mask"] | None = None,
        *,
        keep: Float[np.ndarray, "keep keep"] | None = None,
        cut: UInt8[np.ndarray, "size size 3"] | None = None,
    ) -> UInt8[np.ndarray, "height width 3"]:
        """A copy of `pixels` with `face` (uint8, or float in [0, 255]) in this crop, blended through `mask`.

        `mask` covers the crop in [0, 1], whatever its size, and should be 0 along its border; None is a rounded square
        with a wide feather. Where it is 0 the pixels stay as they are to the last bit. `keep` covers the crop in [0, 1]
        too: how much of the detail that `pixels` have and a `cut` of the size of `face` has not is laid over `face`.
        """
        x0, y0, x1, y1 = window = self._window(pixels, margin=0)
        result = pixels.copy()
        below = result[y0:y1, x0:x1]
        painted = self.spread(face, window, "border")
        if keep is not None:
            detail = below - self.spread(self.cut(pixels, len(face)) if cut is None else cut, window, "border")
            painted += self.spread(keep[..., None], window, "border").clip(0, 1) * detail
        weight = self.spread((rounded_square() if mask is None else mask)[..., None], window, "zeros").clip(0, 1)
        mixed = np.round(below + weight * (painted.clip(0, 255) - below)).astype(np.uint8)
        np.copyto(below, mixed, where=weight > 0)
        return result

    def spread(
        self,
        picture: Float[np.ndarray, "size size channels"],
        window: Window,
        beyond: str = "border",
        *,
        smooth: bool = False,
    ) -> Float32[np.ndarray, "height width channels"]:
        """A picture of the crop as the photo's pixels in `window` see it; `beyond` it are its "border", or "zeros".

        Bicubic; a `smooth` one is sampled bilinearly, which takes half as long.
        """
        x0, y0, x1, y1 = window
        planes = _shrink(np.asarray(picture, dtype=np.float32), len(picture) / self.side)
        turn = self._turn().T * (len(planes) / self.side)
        return _sample(planes, turn, self.to_unit(np.array([x0, y0])) * len(planes), (y1 - y0, x1 - x0), beyond, smooth)

    def turn(self, flow: Float32[np.ndarray, "height width 2"]) -> Float32[np.ndarray, "height width 2"]:
        """A flow in shares of the crop's side and along its axes, in pixels of the photo and along those."""
        cos, sin = np.float32(math.cos(self.angle) * self.side), np.float32(math.sin(self.angle) * self.side)
        x, y = flow[..., 0], flow[..., 1]
        return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)

    def window(self, pixels: UInt8[np.ndarray, "height width 3"], inside: Shaped[np.ndarray, "size size 1"]) -> Window:
        """The part of a photo in which something is `inside` a mask over the crop that is true somewhere."""
        rows, columns = (np.flatnonzero(inside[..., 0].any(axis=axis)) for axis in (1, 0))
        beyond = 3  # pixels of the mask, as far as it spreads when enlarged
        top, bottom, left, right = (
            rows[0] - beyond,
            rows[-1] + 1 + beyond,
            columns[0] - beyond,
            columns[-1] + 1 + beyond,
        )
        corners = self.to_photo(np.array([(x, y) for x in (left, right) for y in (top, bottom)]) / len(inside))
        return _bounds(corners, pixels, 1)

    def _turn(self) -> np.ndarray:
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]])

    def _window(self, pixels: np.ndarray, margin: float) -> Window:
        """The part of a photo that the crop and `margin` pixels around it touch, never less than a pixel."""
        return _bounds(self.to_photo(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float64)), pixels, margin)


def _halve(picture: Float32[np.ndarray, "height width channels"]) -> Float32[np.ndarray, "rows columns channels"]:
    """The means of two by two pixels."""
    import cv2

    return np.asarray(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))


def _bounds(corners: np.ndarray, pixels: np.ndarray, margin: float) -> Window:
    sides = np.array(pixels.shape[1::-1])
    low = np.clip(np.floor(corners.min(axis=0) - margin), 0, sides - 1).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0) + margin), low + 1, sides).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _shrink(picture: np.ndarray, factor: float) -> np.ndarray:
    """`picture` (H, W, C), uint8 or float32, resized by 1 / `factor` where that is smaller, without aliasing."""
    if factor <= 1:
        return picture
    height, width = (max(1, round(side / factor)) for side in picture.shape[:2])
    if picture.dtype == np.uint8 and picture.shape[2] == 3:  # at once, which takes half as long
        return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC))
    planes = [Image.fromarray(picture[..., channel]) for channel in range(picture.shape[2])]
    return np.stack([np.asarray(plane.resize((width, height), Image.Resampling.BICUBIC)) for plane in planes], axis=-1)


def _sample(
    picture: np.ndarray, turn: np.ndarray, corner: np.ndarray, size: tuple[int, int], beyond: str, smooth: bool = False
) -> Float32[np.ndarray, "height width channels"]:
    """`picture` (h, w, C) at `size` (H, W), seen through x -> `turn` x + `corner` in continuous pixels."""
    import cv2

    # OpenCV counts from the centre of the first pixel
    matrix = np.column_stack([turn, corner + turn @ (0.5, 0.5) - 0.5])
    how = {"border": cv2.BORDER_REPLICATE, "zeros": cv2.BORDER_CONSTANT}[beyond]
    flags = (cv2.INTER_LINEAR if smooth else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
    picture = picture.astype(np.float32, copy=False)
    # Plane by plane, which takes half as long where it is bicubic.
    planes = [picture] if smooth else cv2.split(picture)
    seen = [cv2.warpAffine(plane, matrix, size[::-1], flags=flags, borderMode=how) for plane in planes]
    return np.asarray(cv2.merge(seen)).reshape(*size, picture.shape[2])
