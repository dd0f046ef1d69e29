"""Paint a face young: lines and bags give way to the skin around them, lips are fuller, hair has its colour back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import NOSE_BASE, NOSE_BRIDGE
from ptk_aging.face import Face, blur, brightness, fill, ramp
from ptk_aging.face_hair import find_stubble

if TYPE_CHECKING:
    from jaxtyping import Float32

    Plane = Float32[np.ndarray, "height width"]
    Pixels = Float32[np.ndarray, "height width 3"]

__all__ = ["paint_young_skin"]

_PORES = 0.014  # of brightness: what is drawn in their place, where lines took them along
_GRAIN = 0.006  # outer eye distances: what is finer are pores, and stays
_SCALES = ((0.03, 0.9), (0.07, 0.6))  # over which the colours of skin are averaged, and how far lines give way


def paint_young_skin(face: Face, hair: Plane, share: float) -> Pixels:
    """Paint the skin of a `face` young by a `share`; where `hair` is, in [0, 1], there is none."""
    skin = face.skin * (1 - hair) * face.oval
    nose = fill(face.size, [face.points[NOSE_BASE], face.points[NOSE_BRIDGE]], 0.03 * face.eyes, 0.03 * face.eyes)
    cover = skin * (1 - 0.7 * nose) * (1 - find_stubble(face))
    rgb = face.rgb
    painted = rgb
    for width, much in _SCALES:
        painted = painted + (share * much * cover)[..., None] * _unfold(
            painted, cover, width * face.eyes, _GRAIN * face.eyes
        )
    # what is even finer than lines, but darker than pores, goes by half
    grey = brightness(painted)
    fine = (blur(grey, 0.0025 * face.eyes) - blur(grey, _GRAIN * 1.3 * face.eyes)).clip(-30, 8)
    painted = painted - (0.7 * share * cover * fine)[..., None]
    noise = np.random.default_rng(5).standard_normal(face.grey.shape).astype(np.float32)
    pores = blur(noise, max(0.0035 * face.eyes, 0.5))
    painted = painted * (1 + (_PORES / pores.std() * share * cover * pores)[..., None])
    painted = painted * (1 + (share * face.lips)[..., None] * np.array([0.04, -0.1, -0.06], np.float32))
    glow = (0.04 * share * cover)[..., None]
    painted = painted + glow * (painted - brightness(painted)[..., None]) + 0.35 * glow * painted
    return np.asarray(painted.clip(0, 255), dtype=np.float32)


def _unfold(rgb: Pixels, skin: Plane, width: float, grain: float) -> Pixels:
    """What each pixel lacks to the colour of the skin around it, each channel for itself.

    Lines, which are darker than what is around them, count for little there: twice, for at first they are not known.
    """
    import cv2

    factor = max(1, int(grain * 1.5))
    size = max(1, rgb.shape[1] // factor), max(1, rgb.shape[0] // factor)
    low = cv2.resize(blur(rgb, grain), size, interpolation=cv2.INTER_AREA)
    own = cv2.resize(skin, size, interpolation=cv2.INTER_AREA)
    known, around = own, low
    for _ in range(3):
        weight = blur(known, width / factor)
        around = blur(low * known[..., None], width / factor) / np.maximum(weight, 1e-3)[..., None]
        bright = brightness(around)
        darker = (brightness(low) - bright) / (bright + 10)
        known = own * (1 + darker / 0.1).clip(0.05, 1)
    trust = ramp(blur(known, width / factor), 0.05, 0.2)
    lacks = trust[..., None] * (around - low)
    # shine is let go less than shade
    lacks = np.where(lacks < 0, 0.6 * lacks, lacks)
    return np.asarray(cv2.resize(lacks, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR))
