"""Paints hairs on skin: how much of every pixel they cover, the light that falls on them, and their colour."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ptk_beard.skin import LIPS, LUMA, ramp
from ptk_beard.strands import LAYERS, split_by_length

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_beard.colour import Tones
    from ptk_beard.skin import Skin
    from ptk_beard.strands import Hairs

    Floats = NDArray[np.floating]

__all__ = ["paint"]

_STEP = 1.2
"""Pixels between places along a hair."""

_OPAQUE = 1.5
"""How much of a pixel hair hides whose widths add up to that of the pixel: 1 - exp(-1.5)."""

_LEAST = 1e-3
"""Hair on a pixel, in pixels: less is not seen."""

_LAYER_SHADE = (0.55, 0.85, 1.15, 1.5)
"""Hair that lies below is in the shadow of hair above."""


def paint(rgb: Floats, points: Floats, size: float, skin: Skin, tones: Tones, hairs: Hairs) -> Floats:
    """`rgb` (H, W, 3) in [0, 1] with `hairs` of these `tones`, in the light that its `skin` is in."""
    if not len(hairs.start):
        return rgb.copy()
    height, width = rgb.shape[:2]
    whole, free = rgb.copy(), _find_free(rgb, points, size, skin)
    light = np.asarray(cv2.resize(skin.light, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    # The rest of this is about the part that hair and its shadow reach.
    reach = 1.5 * float(hairs.reach.max()) + 0.25 * size
    left, top = np.maximum(hairs.start.min(axis=0) - reach, 0).astype(int)
    right, bottom = (hairs.start.max(axis=0) + reach).astype(int)
    part = np.s_[top:bottom, left:right]
    rgb, free, light = rgb[part], free[part], light[part]
    hairs = replace(hairs, start=hairs.start - np.array([left, top], np.float32))
    layers = [_strew(hairs.take(np.flatnonzero(hairs.layer == layer)), tones.grey, free) for layer in range(LAYERS)]
    mass = np.sum([each[0] for each in layers], axis=0)
    near = np.asarray(cv2.GaussianBlur(1 - np.exp(-0.7 * mass), (0, 0), 0.05 * size), np.float32)
    result = _shade_skin(rgb, near, light, tones, size, free)
    there = mass > _LEAST
    seen, light = result[there], light[there]
    for lies, darker in zip(layers, _LAYER_SHADE, strict=True):
        hair, shade, grey = (each[there][:, None] for each in lies)
        known = np.maximum(hair, 1e-6)
        tone = tones.own + grey / known * (tones.second - tones.own)
        # Light hair has less contrast: light goes through it.
        lit = np.minimum(shade / known, 1.8) * darker
        lit = 1 + (lit - 1) * (1 - 0.6 * tone @ LUMA[:, None])
        shine = 0.14 * np.maximum(lit - 0.95, 0)
        seen += (1 - np.exp(-_OPAQUE * hair)) * (light * (tone * lit + shine) - seen)
    result[there] = seen
    whole[part] = result.clip(0, 1)
    return whole


def _strew(hairs: Hairs, grey: float, free: Floats) -> tuple[Floats, Floats, Floats]:
    """How much hair lies on each pixel, (H, W), and that times its shade and its share of grey."""
    height, width = free.shape
    places = [np.zeros(0, np.intp)]
    weights: list[tuple[Floats, Floats, Floats]] = [(np.zeros(0), np.zeros(0), np.zeros(0))]
    for part, steps in split_by_length(hairs, _STEP):
        curve, along = part.trace(steps)
        x, y = np.moveaxis(curve - np.float32(0.5), 2, 0)
        inside = (x > 0) & (y > 0) & (x < width - 1) & (y < height - 1)
        # It is widest in its first half and ends in a point; its root is in the shadow of the others.
        taper = np.minimum(1, 0.5 + 3 * along) * (1 - along**2.5)
        mass = ((part.width * part.reach / steps)[:, None] * taper)[inside]
        gloss = (0.6 * (part.phase / 6.28) ** 2)[:, None] * np.exp(-(((along - 0.5) / 0.2) ** 2))
        tint = (part.shade[:, None] * (0.6 + 0.6 * along - 0.2 * along**2 + gloss))[inside]
        hair = np.nonzero(inside)[0]
        x, y = x[inside], y[inside]
        left, top = x.astype(np.intp), y.astype(np.intp)
        base = top * width + left
        x, y = x - left, y - top
        for offset, share in ((0, (1 - x) * (1 - y)), (1, x * (1 - y)), (width, (1 - x) * y), (width + 1, x * y)):
            places.append(base + offset)
            weights.append((share * mass, share * mass * tint, share * mass * (part.chance[hair] < grey)))
    every = np.concatenate(places)
    summed = (np.bincount(every, np.concatenate(each), height * width) for each in zip(*weights, strict=True))
    mass, shade, pale = (each.reshape(height, width).astype(np.float32) * free for each in summed)
    return mass, shade, pale


def _find_free(rgb: Floats, points: Floats, size: float, skin: Skin) -> Floats:
    """Where hair may lie, (H, W) in [0, 1]: not on lips, nor inside of the face on what is not skin."""
    height, width = rgb.shape[:2]
    mouth = points[LIPS].copy()
    mouth[1:6] += 0.12 * (points[[61, 61, 62, 63, 63]] - mouth[1:6])  # a moustache hangs over the lip's edge
    lips = _fill(height, width, mouth, 0.012 * size)
    face = _fill(height, width, np.concatenate([points[:17], points[[26, 24, 19, 17]]]), 0.03 * size)
    share = cv2.resize(ramp(skin.share, 0.1, 0.5), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray((1 - lips) * (1 - face * (1 - share)), dtype=np.float32)


def _fill(height: int, width: int, outline: Floats, soft: float) -> Floats:
    mask = np.zeros((height, width), dtype=np.float32)
    cv2.fillPoly(mask, [np.round(outline * 16).astype(np.int32)], 1.0, shift=4)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), max(soft, 0.4)))


def _shade_skin(rgb: Floats, near: Floats, light: Floats, tones: Tones, size: float, free: Floats) -> Floats:
    """The skin between and below the hairs: in their shadow, and dark of hairs too short to be seen."""
    shift = np.array([[1, 0, 0], [0, 1, 0.05 * size]])
    below = cv2.warpAffine(near, shift, (near.shape[1], near.shape[0])) * free
    own = tones.own
    result = rgb * (1 - 0.22 * below[..., None])
    result += 0.38 * (near * free)[..., None] * (own * light - result)
    return np.asarray(result, dtype=np.float32)
