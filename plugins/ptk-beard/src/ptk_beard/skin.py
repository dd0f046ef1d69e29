"""Finds the skin of a face, and the light on it: what a beard may grow on, and by which light it is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

__all__ = ["LIPS", "LUMA", "Skin", "find_skin", "fit_canvas", "ramp"]

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
LIPS = slice(48, 60)

_COARSE = 36.0
"""Pixels of a face's size where skin and light are looked for: pores and lashes are finer."""

_DARKEST = 0.04
"""Added to each channel: below that colours are noise."""

_PATCHES = ((2, 31, 41), (14, 35, 46), (3, 31, 48), (13, 35, 54), (30,))  # both cheeks, high and low, and the nose
_HUE = (0.24, 0.46)  # of log ratios of channels, away from the nearest tone: skin up to the first, none from the second
_UNLIKE = 0.9  # of log brightness: a patch that differs so much from most is no skin
_DEEPER = 0.55  # how much less it counts when shade is redder
_SHADE = (0.9, 1.7)  # of log brightness, darker than the cheeks: shade up to the first, hair from the second
_GLARE = (0.45, 0.8)  # of log brightness, lighter than the cheeks: shine up to the first, walls from the second
_EDGE = (0.5, 1.2)  # of the brightness around, over two coarse pixels: folds up to the first, hair from the second


@dataclass(frozen=True, eq=False)
class Skin:
    """The skin of a face in a picture (H, W, 3), all of it coarse: `factor` pixels of the picture a pixel.

    `picture` (h, w, 3) is that picture, `share` (h, w) in [0, 1] how far a place is bare skin. `light` (h, w, 3) are
    the colours of the skin around, without its pores, brows and lips, continued where there is none; `tone` (3,) is
    that of cheeks, nose and forehead.
    """

    picture: Floats
    share: Floats
    light: Floats
    tone: Floats
    factor: float

    def look(self, layer: Floats, points: Floats) -> Floats:
        """The values of a coarse `layer` at `points` (N, 2) in pixels of the picture; 0 outside of it."""
        places = np.asarray((points + 0.5) / self.factor - 0.5, dtype=np.float32)[None]
        inside = cv2.BORDER_CONSTANT if layer.ndim == 2 else cv2.BORDER_REPLICATE
        # In rows: the tables of remap have at most 32767 columns.
        rows = [
            cv2.remap(layer, part[..., 0], part[..., 1], cv2.INTER_LINEAR, borderMode=inside)[0]
            for part in np.array_split(places, len(points) // 30000 + 1, axis=1)
        ]
        return np.concatenate(rows)


def ramp(values: Floats | float, low: float, high: float) -> Floats:
    """0 up to `low`, 1 from `high`, smooth between."""
    share = np.clip((np.asarray(values) - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share))


def fit_canvas(rgb: Floats, size: float) -> tuple[Floats, float]:
    """`rgb` at the coarse scale, and how many of its pixels are one there."""
    factor = max(1.0, size / _COARSE)
    shape = (max(1, round(rgb.shape[1] / factor)), max(1, round(rgb.shape[0] / factor)))
    return np.asarray(cv2.resize(rgb, shape, interpolation=cv2.INTER_AREA)), factor


def find_skin(rgb: Floats, points: Floats, size: float) -> Skin:
    """Find the skin of the face at `points` (68, 2), of a `size` in pixels, in `rgb` (H, W, 3) in [0, 1]."""
    small, factor = fit_canvas(rgb, size)
    size, points = size / factor, (points + 0.5) / factor - 0.5
    tones, tone = _find_tones(small, points, size)
    channels = cv2.split(small + _DARKEST)
    warm, cold = np.log(channels[0] / channels[1]), np.log(channels[2] / channels[1])
    bright = small @ LUMA + _DARKEST
    usual = float(tone @ LUMA) + _DARKEST
    darker = np.log(usual / bright)
    lenient = 1 - _DEEPER * ramp(darker, 0.1, 0.4)
    away = np.full(warm.shape, np.inf, dtype=np.float32)
    for own in tones:
        red, green, blue = own + _DARKEST
        further, colder = warm - np.log(red / green), cold - np.log(blue / green)
        # Shade on skin has deeper colours; hair and cloth are mostly paler.
        further, colder = further * np.where(further > 0, lenient, 1), colder * np.where(colder < 0, lenient, 1)
        np.minimum(away, np.hypot(further, colder), out=away)
    edge = cv2.morphologyEx(bright, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) / cv2.GaussianBlur(bright, (0, 0), 2)
    share = (1 - ramp(away, *_HUE)) * (1 - ramp(darker, *_SHADE)) * (1 - ramp(-darker, *_GLARE))
    share *= 1 - ramp(np.asarray(edge, np.float32), *_EDGE)
    # What shines has no colour of its own, and is skin where there is skin on all sides.
    around = np.ones((2 * round(0.07 * size) + 1,) * 2, np.uint8)
    share = np.where(darker < 0.15, cv2.morphologyEx(share, cv2.MORPH_CLOSE, around), share)
    light = _spread_light(small, share, points, size, tone)
    soft = np.asarray(cv2.GaussianBlur(share, (0, 0), 0.03 * size), np.float32)
    return Skin(small, soft, light, tone, factor)


def _find_tones(small: Floats, points: Floats, size: float) -> tuple[Floats, Floats]:
    """The colours of skin, (N, 3): of cheeks, nose and forehead; and that of the face as a whole, (3,)."""
    middles = [points[list(patch)].mean(axis=0) for patch in _PATCHES]
    middles.append(points[17:27].mean(axis=0) + 0.45 * (points[27] - points[33]))
    half = max(1, round(0.1 * size))
    found: list[Floats] = []
    for x, y in np.asarray(middles).round().astype(int):
        patch = small[max(y - half, 0) : max(y + half, 0), max(x - half, 0) : max(x + half, 0)].reshape(-1, 3)
        if len(patch):
            found.append(np.median(patch, axis=0))
    tones = np.array(found or [small.mean(axis=(0, 1))], dtype=np.float32).reshape(-1, 3)
    # Dark glasses, beards and fringes are much darker than most patches.
    luma = np.log(tones @ LUMA + _DARKEST)
    tones = tones[np.abs(luma - np.median(luma)) < _UNLIKE]
    luma = tones @ LUMA
    return tones, np.asarray(tones[luma >= np.median(luma)].mean(axis=0))


def _spread_light(small: Floats, share: Floats, points: Floats, size: float, tone: Floats) -> Floats:
    """The colours of skin, by normalised convolution: near, and where no skin is near from further away."""
    # What lies around the face may have the colour of skin.
    face = np.concatenate([points[:17], points[26:16:-1] + 0.6 * (points[27] - points[33])])
    known = np.zeros_like(share)
    cv2.fillConvexPoly(known, cv2.convexHull(np.round(face * 16).astype(np.int32)), 1.0, shift=4)
    known *= share
    for run, width in ((points[LIPS], 0), (points[17:22], 0.28), (points[22:27], 0.28)):
        line = np.round(run * 16).astype(np.int32)
        if width:
            cv2.polylines(known, [line], False, 0.0, max(1, round(width * size)), shift=4)
        else:
            cv2.fillPoly(known, [line], 0.0, shift=4)
    known = known**2
    spread, weight = np.float32(1e-4) * tone, np.full(share.shape, 1e-4, np.float32)
    for reach, trust in ((0.1, 1.0), (0.3, 0.05), (0.9, 0.002)):
        spread = spread + trust * cv2.GaussianBlur(small * known[..., None], (0, 0), reach * size)
        weight = weight + trust * cv2.GaussianBlur(known, (0, 0), reach * size)
    spread = spread / weight[..., None]
    # Brightness changes from place to place, the colour of light slowly: shaved skin is greener than a cheek.
    broad = cv2.GaussianBlur(small * known[..., None], (0, 0), 0.45 * size) + np.float32(1e-3) * tone
    broad *= (spread @ LUMA / np.maximum(broad @ LUMA, 1e-6))[..., None]
    return np.asarray(broad, dtype=np.float32)
