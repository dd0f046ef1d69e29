"""A face in its photo: the window around it, at a size at which it can be painted, and where its parts are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.crop import Crop
from ptk.faces.topology import (
    BROWS,
    CHEEKS,
    CHIN,
    EYES,
    INNER_LIPS,
    JAW,
    LEFT_BROW,
    LEFT_EYE,
    NOSE_TOP,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    UNDER_NOSE,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Float32

    Plane = Float32[np.ndarray, "height width"]

__all__ = ["Face", "blur", "brightness", "fill", "ramp"]

_PATCH = 0.1  # outer eye distances: half the side of a patch of cheek
_FOREHEAD = 0.5  # lengths of the nose above the brows
_OTHER = 0.45, 0.3  # log ratios of a forehead to cheeks, of brightness and between channels: beyond it is none
_LINED = 0.018, 0.08  # mean size of lines, of brightness: of the young, and of the old
_DARK = 10.0  # levels that are added: below that colours are noise


@dataclass(frozen=True, eq=False)
class Face:
    """The window of a photo around a face: `rgb` (H, W, 3) in [0, 255], and its landmarks `points` in its pixels.

    `eyes` is how far apart the outer corners of the eyes are, from the front, in pixels, `angle` how far the head is
    rolled, in radians.
    """

    rgb: Float32[np.ndarray, "height width 3"]
    points: Float[np.ndarray, "68 2"]
    eyes: float
    angle: float

    @classmethod
    def of(cls, rgb: Float32[np.ndarray, "height width 3"], points: Float[np.ndarray, "68 2"]) -> Face:
        """The face of a window; raises LandmarksError as `Crop.around` does."""
        crop = Crop.around(points, margin=1.0)
        return cls(rgb, np.asarray(points, dtype=np.float64), crop.side, crop.angle)

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height, as OpenCV has them."""
        return self.rgb.shape[1], self.rgb.shape[0]

    @cached_property
    def turn(self) -> Float[np.ndarray, "2 2"]:
        """The steps to the right and down of the upright face, one eye distance long, in pixels."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return self.eyes * np.array([[cos, sin], [-sin, cos]])

    @cached_property
    def middle(self) -> Float[np.ndarray, "2"]:
        """Between the eyes."""
        return np.asarray(self.points[EYES].mean(axis=0))

    @cached_property
    def front(self) -> tuple[slice, slice]:
        """The rows and columns in which the skin of the face and of the neck is."""
        brow, chin = self.points[BROWS], self.points[CHIN]
        around = [self.points[JAW], brow - 0.9 * self.turn[1], chin + [[-0.6, 0.85], [0.6, 0.85]] @ self.turn]
        low, high = (extreme(np.vstack(around), axis=0) for extreme in (np.min, np.max))
        left, top = np.floor(low - 0.15 * self.eyes).clip(0, self.size).astype(int)
        right, bottom = np.ceil(high + 0.15 * self.eyes).clip(0, self.size).astype(int)
        return slice(top, bottom), slice(left, right)

    @cached_property
    def grey(self) -> Plane:
        """Brightness in [0, 255]."""
        return brightness(self.rgb)

    @cached_property
    def places(self) -> tuple[Plane, Plane]:
        """How far right and down of the middle of the eyes each pixel is, in eye distances of the upright face."""
        x = np.arange(self.size[0], dtype=np.float32)[None] - np.float32(self.middle[0])
        y = np.arange(self.size[1], dtype=np.float32)[:, None] - np.float32(self.middle[1])
        cos, sin = np.float32(np.cos(self.angle) / self.eyes), np.float32(np.sin(self.angle) / self.eyes)
        return x * cos + y * sin, y * cos - x * sin

    @cached_property
    def tones(self) -> list[Float[np.ndarray, "3"]]:
        """The median colours of both cheeks and of the forehead, of those that are seen."""
        down = self.points[UNDER_NOSE] - self.points[NOSE_TOP]
        middles = [(self.points[a] + self.points[b]) / 2 for a, b in CHEEKS]
        middles.append(self.points[BROWS].mean(axis=0) - _FOREHEAD * down)
        parts = [self.rgb[part] for part in self._patches(middles)]
        found = [np.median(part.reshape(-1, 3), axis=0) for part in parts if part.size]
        found = found or [np.median(self.rgb.reshape(-1, 3), axis=0)]
        cheek = max(found[:2], key=lambda tone: float(tone.mean()))
        away = np.log((found[-1] + _DARK) / (cheek + _DARK))
        if len(found) == 3 and (abs(away.mean()) > _OTHER[0] or np.ptp(away) > _OTHER[1]):
            found.pop()  # hair over the forehead, or a hat
        return found

    @cached_property
    def unlike(self) -> Plane:
        """How far the colour of each place is from that of skin, in log ratios of channels, whatever its brightness.

        Cheeks and forehead count each for itself: light from two sides has two colours.
        """
        import cv2

        smooth = cv2.GaussianBlur(self.rgb, (0, 0), max(0.008 * self.eyes, 0.3)) + np.float32(_DARK)
        red, green, blue = (np.asarray(each) for each in cv2.split(smooth))
        warm, cold = np.log(red / green), np.log(blue / green)
        away = np.full(red.shape, np.inf, dtype=np.float32)
        for own in np.add(self.tones, _DARK):
            beside = np.hypot(warm - np.float32(np.log(own[0] / own[1])), cold - np.float32(np.log(own[2] / own[1])))
            np.minimum(away, beside, out=away)
        return away

    @cached_property
    def toned(self) -> Plane:
        """How far each place has the colour and brightness of this skin, in [0, 1]."""
        darker = -np.log((blur(self.grey, 0.008 * self.eyes) + _DARK) / np.float32(self.usual + _DARK))
        lit = (1 - ramp(darker, 0.95, 1.5)) * (1 - ramp(-darker, 0.3, 0.5))
        return np.asarray((1 - ramp(self.unlike, 0.22, 0.45)) * lit)

    @cached_property
    def bare(self) -> Plane:
        """How far each place is skin rather than hair, in [0, 1]: grey hair has less colour, brown hair less light."""
        colour = [np.hypot(*np.log((each[[0, 2]] + _DARK) / (each[1] + _DARK))) for each in self.tones]
        vivid = float(np.clip(np.mean(colour), 0.12, 0.5))
        bright = ramp(blur(self.grey, 0.01 * self.eyes) / self.usual, 0.42, 0.62)
        return np.asarray((1 - ramp(self.unlike, 0.35 * vivid, 0.7 * vivid)) * bright)

    @cached_property
    def usual(self) -> float:
        """The brightness of the brighter cheek, in levels."""
        return max(float(each.mean()) for each in self.tones[:2]) + 1.0

    @cached_property
    def age(self) -> float:
        """How lined the skin under the eyes and on the forehead is, in [0, 1]: 0 of the young, 1 of the very old."""
        fine, around = blur(self.grey, 0.009 * self.eyes), blur(self.grey, 0.028 * self.eyes)
        lines = np.abs(fine - around) / (around + _DARK)
        down = self.points[UNDER_NOSE] - self.points[NOSE_TOP]
        middles = [self.points[eye].mean(axis=0) + 0.4 * down for eye in (RIGHT_EYE, LEFT_EYE)]
        middles.append(self.points[BROWS].mean(axis=0) - _FOREHEAD * down)
        sizes = [float(lines[part].mean()) for part in self._patches(middles) if lines[part].size]
        return float(ramp(np.asarray(min(sizes, default=0)), *_LINED))

    def _patches(self, middles: Sequence[np.ndarray]) -> list[tuple[slice, slice]]:
        """Rows and columns of squares around some places."""
        half = max(1, round(_PATCH * self.eyes))
        centres = [middle.round().astype(int) for middle in middles]
        return [np.s_[max(y - half, 0) : max(y + half, 0), max(x - half, 0) : max(x + half, 0)] for x, y in centres]

    @cached_property
    def rough(self) -> Plane:
        """How much the finest detail of each place varies, as a share of its brightness: hair more than skin."""
        smooth = blur(self.grey, 0.008 * self.eyes)
        return np.asarray(np.sqrt(blur((self.grey - smooth) ** 2, 0.03 * self.eyes)) / (smooth + _DARK))

    @cached_property
    def hairy(self) -> Plane:
        """How far each place can be hair by its texture, or is so dark that none is seen, in [0, 1]."""
        dark = 1 - ramp(blur(self.grey, 0.02 * self.eyes) / self.usual, 0.35, 0.55)
        dark *= ramp(np.asarray(self.usual), 70, 130)  # shade on dark skin is as dark
        return np.asarray(np.maximum(ramp(blur(self.rough, 0.02 * self.eyes), 0.006, 0.016), dark))

    @cached_property
    def oval(self) -> Plane:
        """The face from the chin to where a forehead ends at most, softly, in [0, 1]."""
        brow = self.points[BROWS]
        above = (brow - brow.mean(axis=0)) * 0.92 + brow.mean(axis=0) - 0.75 * self.turn[1]
        return fill(self.size, [np.vstack([self.points[JAW], above])], 0.04 * self.eyes)

    @cached_property
    def brows(self) -> Plane:
        """The hair of the brows, at most, softly."""
        import cv2

        mask = np.zeros(self.size[::-1], dtype=np.uint8)
        for brow in (self.points[RIGHT_BROW], self.points[LEFT_BROW]):
            cv2.polylines(mask, [brow.round().astype(np.int32)], False, 255, max(1, round(0.1 * self.eyes)))
        return blur(mask.astype(np.float32) / 255, 0.02 * self.eyes)

    @cached_property
    def openings(self) -> Plane:
        """Eyes and mouth, with their edges, softly."""
        parts = [self.points[RIGHT_EYE], self.points[LEFT_EYE], self.points[OUTER_LIPS]]
        return fill(self.size, parts, 0.01 * self.eyes, 0.012 * self.eyes)

    @cached_property
    def lips(self) -> Plane:
        """The lips, without what is between them, softly."""
        inside = fill(self.size, [self.points[INNER_LIPS]], 0.006 * self.eyes)
        return np.asarray(fill(self.size, [self.points[OUTER_LIPS]], 0.012 * self.eyes) * (1 - inside))

    @cached_property
    def skin(self) -> Plane:
        """How far each place of the face is bare skin, in [0, 1], without brows, eyes and lips."""
        edge = blur(self.toned, 0.012 * self.eyes)
        bare = np.minimum(self.toned, ramp(edge, 0.35, 0.8))
        return np.asarray(bare * (1 - self.openings) * (1 - self.brows.clip(0, 1)))


def fill(size: tuple[int, int], outlines: list[np.ndarray], feather: float, beyond: float = 0.0) -> Plane:
    """The convex hulls of outlines (K, 2), grown by so many pixels `beyond`, blurred by a `feather`, in [0, 1]."""
    import cv2

    mask = np.zeros(size[::-1], dtype=np.uint8)
    for outline in outlines:
        hull = cv2.convexHull(outline.round().astype(np.int32))
        cv2.fillConvexPoly(mask, hull, 255)
        if beyond:
            cv2.polylines(mask, [hull], True, 255, max(1, round(2 * beyond)))
    return blur(mask.astype(np.float32) / 255, feather)


def blur(picture: np.ndarray, width: float) -> np.ndarray:
    """`picture` under a Gaussian of `width` pixels; a wide one is taken of a smaller picture, which looks the same."""
    import cv2

    factor = int(width // 3)
    if factor < 2:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(width, 0.3)))
    height, across = picture.shape[:2]
    small = cv2.resize(picture, (max(1, across // factor), max(1, height // factor)), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), width / factor)
    return np.asarray(cv2.resize(small, (across, height), interpolation=cv2.INTER_LINEAR))


def brightness(rgb: Float32[np.ndarray, "height width 3"]) -> Plane:
    """The mean of the three channels."""
    import cv2

    return np.asarray(cv2.transform(rgb, np.full((1, 3), 1 / 3, np.float32)))


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 up to `low`, 1 from `high`, smooth between."""
    share = ((values - np.float32(low)) / np.float32(high - low)).clip(0, 1)
    return np.asarray(share * share * (3 - 2 * share))
