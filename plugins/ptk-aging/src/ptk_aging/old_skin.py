"""Paint a face old: lines, folds, uneven skin, pale lips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk_aging.face import Face, blur, brightness, ramp
from ptk_aging.wrinkles import carry_lines

if TYPE_CHECKING:
    from jaxtyping import Float32

    Pixels = Float32[np.ndarray, "height width 3"]

__all__ = ["paint_old_skin"]

_FINE, _FOLD, _OWN = 0.54, 0.19, 0.6  # of the map's lines and folds, and of those that the photo has
_DEEPEST, _HIGHEST = -0.6, 0.24  # log ratios of what gets darker and brighter at most
_RED, _SPOT = 0.3, 0.16
_DARK = 18.0, 40.0  # levels: where a face is darker than the first nothing of it is seen
_TONED = (0.85, 1.03, 1.12), (0.3, -0.7, -0.7), (-0.7, -1.0, -1.4)  # of channels: lines are warm, redness, brown spots
_PALE, _YELLOW = 0.14, (1.0, 0.99, 0.92)
_LIPS = 0.5  # how far they get the colour of skin


def paint_old_skin(face: Face, hair: np.ndarray, share: float) -> Pixels:
    """Paint the skin of a `face` old by a `share`; where `hair` is, in [0, 1], there is none.

    All of it is a share of the light that the photo has: dark skin and shade keep their own.
    """
    part = face.front
    carried, oval = carry_lines(face), face.oval[part]
    cover = share * face.skin[part] * (1 - hair[part])
    grey = face.grey[part] + 8
    cover = cover * ramp(blur(grey, 0.05 * face.eyes), *_DARK)
    own = np.log(blur(grey, 0.004 * face.eyes) / blur(grey, 0.03 * face.eyes)).clip(-0.25, 0.15) * oval
    line = cover * (_FINE * carried[..., 0] + _FOLD * carried[..., 1] + _OWN * own).clip(_DEEPEST, _HIGHEST)
    red, spot = _RED * cover * carried[..., 2], _SPOT * cover * carried[..., 3] * ramp(oval, 0.2, 0.9)
    parts = np.stack([line, red, spot], axis=2)
    front = face.rgb[part] * np.exp(parts @ np.asarray(_TONED, dtype=np.float32))
    dull = brightness(front)[..., None] * np.asarray(_YELLOW, dtype=np.float32)
    front += (_PALE * cover * oval)[..., None] * (dull - front)
    tone = np.mean(face.tones, axis=0).astype(np.float32)
    toned = brightness(front)[..., None] * (tone / (tone.mean() + 1))
    front += (_LIPS * share * face.lips[part])[..., None] * (toned - front)
    painted = face.rgb.copy()
    painted[part] = front.clip(0, 255)
    return painted
