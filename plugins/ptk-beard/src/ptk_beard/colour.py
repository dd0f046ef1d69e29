"""Finds the colour of a person's hair, from the brows and from the hair of the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ptk_beard.skin import LUMA, Skin, fit_canvas, ramp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

__all__ = ["COLOURS", "Tones", "find_tones", "name_tones"]

COLOURS = {
    "black": (0.07, 0.06, 0.06),
    "brown": (0.24, 0.16, 0.11),
    "red": (0.40, 0.20, 0.09),
    "blond": (0.55, 0.43, 0.27),
    "grey": (0.50, 0.49, 0.47),
    "white": (0.80, 0.79, 0.76),
}
"""Hair in the light of a face's average, red, green and blue in [0, 1]."""

_AVERAGE = np.array([0.72, 0.56, 0.47], dtype=np.float32)
"""The skin in whose light the named colours are seen."""

_LIGHTEST = 0.6
"""Of the brightness of skin: hair of brows and head is taken for at most so light, or it were not seen."""

_DARKEST = 0.2
"""Of the brightness of skin: black hair reflects as much, with what shines on it."""

_SKIN = np.array([1.29, 1.0, 0.84], dtype=np.float32)
"""What skin of any darkness reflects of red and blue, relative to green: by it light can be told from colour."""

_RED, _BLUE = (1.06, 1.6), (0.45, 0.92)
"""Of green: what hair reflects, from black to red. So no shade or light makes it green or purple."""

_PALE = 0.8
"""Of the brightness of skin: a beard that is darker may be stubble between which skin is seen."""

_RAYS = np.linspace(-1.6, 1.6, 15)
"""Angles from straight up, in radians, along which hair is looked for."""


@dataclass(frozen=True, eq=False)
class Tones:
    """Two colours of hair, (3,), relative to the skin beside it; `grey` in [0, 1] of the hairs have the second."""

    own: Floats
    second: Floats
    grey: float


def name_tones(colour: str, skin: Skin) -> Tones:
    """The tones of a named colour; in dim light as dim as the skin."""
    light = max(float(skin.tone @ LUMA), 0.05) / float(_AVERAGE @ LUMA)
    tone = np.array(COLOURS[colour], dtype=np.float32) * min(light**0.6, 1.3) / np.maximum(skin.tone, 0.05)
    return Tones(tone, tone, 0.0)


def find_tones(rgb: Floats, points: Floats, size: float, skin: Skin) -> Tones:
    """Find the hair's own colours on a face at `points` (68, 2), of a `size` in pixels, in `rgb` (H, W, 3)."""
    brows = _look_at_brows(rgb, points, size, skin)
    head, seen, grey, second = _look_at_head(rgb, points, size, skin)
    # Where brows are dark, what is pale above them may be a wall or a shaved head.
    grey *= 0.3 + 0.7 * float(ramp(float(brows @ LUMA), 0.35, 0.65))
    # Hair that is lighter than the brows, as most of it, makes a beard somewhat lighter.
    mixed = 0.45 * seen if grey < 0.4 else 0.0
    own = np.exp((1 - mixed) * np.log(np.maximum(brows, 0.02)) + mixed * np.log(np.maximum(head, 0.02)))
    there = _look_at_chin(rgb, points, size, skin)
    if there is not None:
        second, grey = there, 0.7
    # Beside dark skin hair is dark, however light its brows seem.
    lightest = _LIGHTEST * (0.6 + 0.4 * float(ramp(float(skin.tone @ LUMA), 0.4, 0.7)))
    # A beard is lighter than brows and head.
    return Tones(_limit(1.2 * own, skin, lightest), _limit(second, skin, 0.95, pale=True), 0.85 * grey)


def _look_at_chin(rgb: Floats, points: Floats, size: float, skin: Skin) -> Floats | None:
    """The tone of a grey beard that is there already, relative to skin; None where there is none."""
    small, factor = fit_canvas(rgb, size / 2)
    points = (points + 0.5) / factor - 0.5
    mask = np.zeros(small.shape[:2], dtype=np.uint8)
    chin = np.concatenate([points[4:13], points[54:60], points[48:49]])
    cv2.fillPoly(mask, [np.round(chin * 16).astype(np.int32)], 1, shift=4)
    grey = small @ LUMA
    texture = np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.2)) / (grey + 0.04)
    relative = small / np.maximum(skin.tone, 0.03)
    neutral = np.log((relative[..., 2] + 0.04) / (relative[..., 0] + 0.04))
    inside = mask > 0
    colourless = np.ptp(small, axis=2) < 0.28 * small.max(axis=2)
    hair = inside & colourless & (neutral > 0.25) & (cv2.blur(texture, (5, 5)) > 0.03)
    if hair.sum() < max(0.35 * inside.sum(), 12):
        return None
    pixels = relative[hair]
    luma = pixels @ LUMA
    tone = pixels[luma >= np.quantile(luma, 0.7)].mean(axis=0)
    return tone if tone @ LUMA > _PALE else None


def _look_at_brows(rgb: Floats, points: Floats, size: float, skin: Skin) -> Floats:
    """The brows' darkest pixels, relative to the skin around."""
    mask = np.zeros(rgb.shape[:2], dtype=np.uint8)
    for run in (points[17:22], points[22:27]):
        cv2.polylines(mask, [np.round(run * 16).astype(np.int32)], False, 1, max(1, round(0.2 * size)), shift=4)
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return np.full(3, 0.35, dtype=np.float32)
    light = skin.look(skin.light, np.stack([columns, rows], axis=1).astype(np.float32))
    relative = rgb[rows, columns] / np.maximum(light, 0.03)
    luma = relative @ LUMA
    dark = relative[luma <= np.quantile(luma, 0.25)].mean(axis=0)
    # Even the darkest pixels of a brow show skin between the hairs: go on beyond them.
    own = np.clip(1 + 1.08 * (dark - 1), 0.65 * dark, 1)
    return np.asarray(own)


def _look_at_head(rgb: Floats, points: Floats, size: float, skin: Skin) -> tuple[Floats, float, float, Floats]:
    """The hair beyond forehead and temples, relative to skin: its tone, and in [0, 1] how surely it is hair.

    Then how grey it is, in [0, 1], and the tone of the grey in it.
    """
    small, factor = fit_canvas(rgb, size)
    size, points = size / factor, (points + 0.5) / factor - 0.5
    up = points[27] - points[8]
    up /= max(float(np.linalg.norm(up)), 1e-6)
    right = np.array([-up[1], up[0]])
    steps = np.arange(0.65, 2.6, 0.05)
    luma = small @ LUMA
    texture = np.abs(luma - cv2.GaussianBlur(luma, (0, 0), 1.5)) / (luma + 0.04)
    # White hair has nearly the colour of pale skin, but less of it.
    pale = np.ptp(small, axis=2) / (small.max(axis=2) + 0.04) < 0.6 * np.ptp(skin.tone) / (skin.tone.max() + 0.04)
    ended = (skin.share < 0.35) | pale | (cv2.blur(texture, (3, 3)) > 0.08)
    found = [np.zeros((0, 3), np.float32)]
    for angle in _RAYS:
        way = np.cos(angle) * up + np.sin(angle) * right
        places = np.rint(points[17:27].mean(axis=0) + size * steps[:, None] * way).astype(int)
        x, y = places[(places >= 0).all(axis=1) & (places < luma.shape[::-1]).all(axis=1)].T
        ends = np.flatnonzero(ended[y, x])
        if len(ends):
            x, y = x[ends[0] + 1 : ends[0] + 9], y[ends[0] + 1 : ends[0] + 9]
            if len(x) > 4 and texture[y, x].mean() > 0.016:
                found.append(small[y, x])
    pixels = np.concatenate(found)
    red, green, blue = pixels.T
    pixels = pixels[(red > 0.93 * green) & (green > 0.88 * blue) & (red < 2.2 * green + 0.03)]
    if len(pixels) < max(3 * len(_RAYS), 0.5 * len(red)):
        return np.ones(3, np.float32), 0.0, 0.0, np.ones(3, np.float32)
    light = skin.look(skin.light, (points[17:27].mean(axis=0)[None] + 0.3 * size * up) * factor)[0]
    relative = pixels / np.maximum(light, 0.05)
    # In a picture without colours only what is nearly as light as skin is grey.
    dark = 1 - float(ramp(float(skin.tone @ LUMA), 0.35, 0.6))
    least = 0.45 + 0.4 * dark if np.ptp(skin.tone) > 0.12 * skin.tone.max() else 0.8
    pale = (np.ptp(pixels, axis=1) < 0.24 * pixels.max(axis=1)) & (relative @ LUMA > least)
    grey = float(ramp(float(pale.mean()), 0.15, 0.6))
    second = relative[pale].mean(axis=0) if grey else relative.mean(axis=0)
    return np.median(relative, axis=0), min(1.0, len(pixels) / 60), grey, second


def _limit(relative: Floats, skin: Skin, lightest: float, pale: bool = False) -> Floats:
    """A colour relative to skin made one that hair can have, and at most so light."""
    # How much of the skin's colour is that of the light is not known: half of what it differs from usual skin.
    reference = np.sqrt(_SKIN * np.maximum(skin.tone, 0.03) / max(float(skin.tone[1]), 0.03))
    reflected = np.maximum(relative, 0.02) * reference
    luma, green = float(relative @ LUMA), float(reflected[1])
    # Beside dark skin hair is hardly red.
    most = _RED[1] - 0.35 * (1 - float(ramp(float(skin.tone @ LUMA), 0.4, 0.7)))
    red, blue = np.clip(reflected[0] / green, _RED[0], most), np.clip(reflected[2] / green, *_BLUE)
    if pale:
        red, blue = np.clip(reflected[0] / green, 1.0, 1.2), np.clip(reflected[2] / green, 0.75, 1.0)
    tone = np.array([red, 1.0, blue], dtype=np.float32) / reference
    # In a picture without colours hair has none.
    colourful = float(ramp(float(np.ptp(skin.tone) / max(float(skin.tone.max()), 0.03)), 0.03, 0.15))
    tone = tone ** np.float32(colourful)
    return np.asarray(tone * np.clip(luma, _DARKEST, lightest) / max(float(tone @ LUMA), 1e-6), dtype=np.float32)
