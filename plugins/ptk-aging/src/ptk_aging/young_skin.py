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

_FINE = 0.7
_LIPS, _GLOW = (0.04, -0.1, -0.06), 0.04  # fuller colour, of lips a share a channel, and of skin
_PORES = 0.014  # of brightness: what is drawn in their place, where lines took them along
_GRAIN = 0.006  # outer eye distances: what is finer are pores, and stays
_SCALES = ((0.03, 0.9), (0.07, 0.5))  # over which the colours of skin are averaged, and how far lines give way


def paint_young_skin(face: Face, hair: Plane, share: float) -> Pixels:
    """Paint the skin of a `face` young by a `share`; where `hair` is, in [0, 1], there is none."""
    nose = fill(face.size, [face.points[NOSE_BASE], face.points[NOSE_BRIDGE]], 0.03 * face.eyes, 0.03 * face.eyes)
    part = face.front
    cover = (face.skin * (1 - hair) * face.oval * (1 - 0.7 * nose) * (1 - find_stubble(face)))[part]
    front = face.rgb[part]
    for width, much in _SCALES:
        lacks = _unfold(front, cover, width * face.eyes, _GRAIN * face.eyes)
        front = front + (share * much * cover)[..., None] * lacks
    # of what is finer than lines, but no pores, most goes
    grey = brightness(front)
    fine = (blur(grey, 0.0025 * face.eyes) - blur(grey, 1.3 * _GRAIN * face.eyes)).clip(-30, 8)
    front = front - (_FINE * share * cover * fine)[..., None]
    noise = np.random.default_rng(5).standard_normal(grey.shape).astype(np.float32)
    pores = blur(noise, max(0.0035 * face.eyes, 0.5))
    front = front * (1 + (share * cover * pores * np.float32(_PORES / (pores.std() + 1e-6)))[..., None])
    front = front * (1 + (share * face.lips[part])[..., None] * np.asarray(_LIPS, dtype=np.float32))
    glow = (_GLOW * share * cover)[..., None]
    front = front + glow * (1.35 * front - brightness(front)[..., None])
    painted = face.rgb.copy()
    painted[part] = front.clip(0, 255)
    return painted


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
