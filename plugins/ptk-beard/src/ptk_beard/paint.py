"""Paints hairs on skin: how much of every pixel they cover, the light that falls on them, and their colour."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_beard.strands import Strands

    Floats = NDArray[np.float64]

__all__ = ["COLOURS", "Portrait", "own_colour", "painted"]

COLOURS = {
    "black": (0.07, 0.06, 0.06),
    "brown": (0.24, 0.16, 0.11),
    "red": (0.42, 0.20, 0.09),
    "blond": (0.55, 0.43, 0.27),
    "grey": (0.50, 0.49, 0.47),
    "white": (0.80, 0.79, 0.76),
}
"""Hair in the light of a face's average, red, green and blue in [0, 1]."""

_LUMA = np.array([0.299, 0.587, 0.114])
_LIPS = slice(48, 60)
_LOWER_FACE = [*range(17), 45, 27, 36]
_CHEEKS = [*range(2, 15), 35, 30, 31]

_FINE_SIZE = 170
"""The size of a face on the canvas on which hairs are filled: there a hair is about two pixels wide."""

_LARGEST = 6_000_000
"""Pixels of that canvas."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """A picture `rgb` (H, W, 3) in [0, 1] with a face: its `points` (68, 2) and its `size` in pixels."""

    rgb: Floats
    points: Floats
    size: float

    def filled(self, outline: Floats) -> Floats:
        """(H, W), 1 inside the polygon of points `outline` (N, 2), 0 outside."""
        mask = Image.new("L", self.rgb.shape[1::-1])
        ImageDraw.Draw(mask).polygon(outline.ravel().tolist(), fill=1)
        return np.asarray(mask, dtype=np.float64)

    def skin(self, numbers: list[int]) -> Floats:
        """(H, W), 1 inside the polygon of landmarks `numbers`, but on the lips and between them."""
        return self.filled(self.points[numbers]) * (1 - self.filled(self.points[_LIPS]))


def own_colour(portrait: Portrait) -> Floats:
    """The colour of the person's own hair, (3,): the brows' darkest pixels, and always darker than the skin."""
    rgb, points, size = portrait.rgb, portrait.points, portrait.size
    brows = Image.new("L", rgb.shape[1::-1])
    for run in (points[17:22], points[22:27]):
        ImageDraw.Draw(brows).line(run.ravel().tolist(), fill=1, width=max(1, round(0.2 * size)))
    skin = _skin_tone(portrait)
    hairs = rgb[np.asarray(brows) > 0]
    if not len(hairs):
        return np.asarray(0.3 * skin)
    luma = hairs @ _LUMA
    dark = hairs[luma <= np.quantile(luma, 0.2)].mean(axis=0)
    # Even the darkest pixels of a brow show skin between the hairs: go on beyond them, and take its redness out.
    own = np.clip(skin + 1.25 * (dark - skin), 0.6 * dark, 1)
    own += 0.3 * (own @ _LUMA - own)
    return np.asarray(own * min(1.0, 0.6 * (skin @ _LUMA) / max(own @ _LUMA, 1e-6)))


def painted(portrait: Portrait, strands: Strands, colour: Floats) -> Floats:
    """The portrait (H, W, 3) with hairs of a `colour`, in the light that its skin is in; values in [0, 1]."""
    cover, shade = _filled_hairs(portrait, strands)
    size = portrait.size
    light = _light(portrait)[..., None]
    face = _blurred(portrait.skin(list(range(17))), 0.03 * size)
    near = _blurred(cover, 0.04 * size)
    # Hairs that stand alone are finer than the finest that can be drawn.
    cover = cover * (0.35 + 0.65 * np.clip(1.6 * near, 0, 1))
    # Under the hairs skin is in their shadow, which falls downwards, and there are hairs too short to be seen.
    below = np.roll(near, max(1, round(0.03 * size)), axis=0) * face
    skin = portrait.rgb * (1 - 0.3 * below[..., None])
    skin += 0.35 * (near * face)[..., None] * (colour * light - skin)
    # Light hair has less contrast: light goes through it.
    relief = (shade[..., None] - 1) * (1 - 0.65 * (colour @ _LUMA))
    shine = 0.2 * _skin_tone(portrait) ** 0.6
    hair = light * (colour * (1 + relief) + shine * np.maximum(relief, 0))
    return np.asarray(np.clip(skin + cover[..., None] * (hair - skin), 0, 1))


def _filled_hairs(portrait: Portrait, strands: Strands) -> tuple[Floats, Floats]:
    """How much of every pixel hair covers, in [0, 1], and how light that hair is, about 1, both (H, W); lips are free.

    The hairs are filled on a canvas several times as fine, which is then averaged.
    """
    height, width = portrait.rgb.shape[:2]
    fine = min(math.ceil(_FINE_SIZE / portrait.size), 8, math.isqrt(_LARGEST // (height * width)))
    fine = max(fine, 1)
    canvas = Image.new("LA", (width * fine, height * fine))
    draw = ImageDraw.Draw(canvas)
    low, high = strands.outlines.min(axis=1), strands.outlines.max(axis=1)
    inside = ((high > 0) & (low < (width, height))).all(axis=1)
    outlines = (strands.outlines[inside] * fine).reshape(inside.sum(), 14)
    shades = np.clip(strands.shade[inside] * 128, 0, 255).astype(int)
    for outline, shade in zip(outlines.tolist(), shades.tolist(), strict=True):
        draw.polygon(outline, fill=(shade, 255))
    draw.polygon((portrait.points[_LIPS] * fine).ravel().tolist(), fill=(0, 0))
    averaged = np.asarray(canvas.reduce(fine), dtype=np.float64)
    return averaged[..., 1] / 255, averaged[..., 0] / 128


def _skin_tone(portrait: Portrait) -> Floats:
    """The colour of the cheeks' and the chin's skin, (3,)."""
    cheeks = portrait.skin(_CHEEKS) > 0
    rgb = portrait.rgb
    return np.asarray(np.median(rgb[cheeks], axis=0) if cheeks.any() else rgb.mean(axis=(0, 1)))


def _light(portrait: Portrait) -> Floats:
    """How bright the skin under each pixel is, (H, W), 1 on average over the face; smooth, and continued beyond it."""
    luma = portrait.rgb @ _LUMA
    skin = portrait.skin(_LOWER_FACE)
    mean = (luma * skin).sum() / skin.sum() if skin.any() else luma.mean()
    # A weighted mean of the skin around; where there is none, of the skin far around, and then that of the face.
    value, weight = np.full_like(luma, 1e-4 * mean), np.full_like(luma, 1e-4)
    for reach, trust in ((0.1, 1.0), (0.5, 0.05)):
        value = value + trust * _blurred(luma * skin, reach * portrait.size)
        weight = weight + trust * _blurred(skin, reach * portrait.size)
    return np.asarray(np.clip(value / weight / max(mean, 0.02), 0.25, 1.8))


def _blurred(values: Floats, sigma: float) -> Floats:
    """`values` (H, W) under a Gaussian of `sigma` pixels that ends at the border of the picture."""
    down, right = (_kernel(side, max(sigma, 0.3)) for side in values.shape)
    blurred: Floats = down @ values @ right.T
    return blurred


def _kernel(side: int, sigma: float) -> Floats:
    """The (side, side) matrix that blurs a column of `side` pixels."""
    gap = np.arange(side)[:, None] - np.arange(side)
    kernel = np.exp(gap**2 / (-2 * sigma**2))
    return np.asarray(kernel / kernel.sum(axis=1, keepdims=True))
