"""Whole pictures: what weights that learned from pictures without faces are given, and what is made of a photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.editing.composite.detail import unchanged

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.editing.rendered import Translates

__all__ = ["shrink_picture", "translate_picture"]

_LANCZOS = Image.Resampling.LANCZOS

_LONGEST = 8
"""The longer side is shown to the network at most so many times as long as its size: a panorama fills no memory."""


def translate_picture(
    pixels: UInt8[np.ndarray, "height width 3"],
    translator: Translates,
    style: str,
    icc: bytes | None = None,
    *,
    side: float | None = None,
    detail: bool = True,
) -> UInt8[np.ndarray, "height width 3"]:
    """`pixels`, in the space of the profile `icc`, in the domain `style`.

    The network sees them in sRGB with the shorter `side` of so many pixels, by default of its size, borders reflected
    to sides that it takes. Its result is enlarged to the photo's size; where it changed little, the photo's finer
    `detail` is laid over it, unless that is not wanted.
    """
    from ptk.faces.colour import from_srgb, is_srgb, to_srgb

    height, width = pixels.shape[:2]
    side = side or translator.size
    factor = min(side / min(height, width), _LONGEST * translator.size / max(height, width))
    sides = max(1, round(height * factor)), max(1, round(width * factor))
    coarse = np.stack([_scaled(pixels[..., channel], *sides) for channel in range(3)], axis=-1)
    colours = coarse if is_srgb(icc) else to_srgb(coarse, icc)
    seen = np.rint(colours.clip(0, 255)).astype(np.uint8)
    made = _translated(seen, translator, style)
    keep = _scaled(unchanged(made, seen), height, width).clip(0, 1) if detail else np.zeros((), np.float32)
    made = made + (colours - seen if detail else 0)  # what was rounded, and what sRGB lacks
    made = made if is_srgb(icc) else from_srgb(made, icc)
    result = np.empty_like(pixels)
    for channel in range(3):  # one by one: a photo may have a hundred million pixels
        painted = _scaled(made[..., channel], height, width)
        painted += keep * (pixels[..., channel] - _scaled(coarse[..., channel], height, width))
        result[..., channel] = np.rint(painted.clip(0, 255))
    return result


def shrink_picture(pixels: UInt8[np.ndarray, "height width 3"], size: int) -> UInt8[np.ndarray, "rows columns 3"]:
    """Shrink a picture until its shorter side has `size` pixels, for previews; smaller ones stay as they are."""
    height, width = pixels.shape[:2]
    factor = size / min(height, width)
    if factor >= 1:
        return pixels
    return np.array(Image.fromarray(pixels).resize((round(width * factor), round(height * factor)), _LANCZOS))


def _translated(
    seen: UInt8[np.ndarray, "height width 3"], translator: Translates, style: str
) -> Float32[np.ndarray, "height width 3"]:
    """What the network makes of a picture of any sides: padded by reflection, and cut again."""
    height, width = seen.shape[:2]
    wanted = [-(-max(side, translator.size) // translator.multiple) * translator.multiple for side in (height, width)]
    before = [(goal - side) // 2 for goal, side in zip(wanted, (height, width), strict=True)]
    sides = [(first, goal - side - first) for first, goal, side in zip(before, wanted, seen.shape, strict=False)]
    padded = np.pad(seen, [*sides, (0, 0)], mode="reflect")
    made = translator.translate(padded, style)
    return np.ascontiguousarray(made[before[0] : before[0] + height, before[1] : before[1] + width])


def _scaled(plane: np.ndarray, height: int, width: int) -> Float32[np.ndarray, "height width"]:
    """One channel at another size, in floats: by Lanczos, which averages where it shrinks."""
    picture = Image.fromarray(plane.astype(np.float32))
    return np.array(picture.resize((width, height), _LANCZOS))
