"""Whole pictures: what weights that learned from pictures without faces are given, and what is made of a photo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.editing.composite.detail import unchanged
from ptk.editing.styled import record_edit
from ptk.faces.images import depth_warning, write_photo
from ptk.faces.metadata import COMPOSITE_WITH_TRAINED_MODEL

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.editing.edit import Translates
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = ["PictureEditor", "translate_picture"]

_LONGEST = 8
"""The longer side is shown to the network at most so many times as long as its size: a panorama fills no memory."""


@dataclass(frozen=True, eq=False)
class PictureEditor:
    """Translates whole photos into the domain `style`; see `ptk.editing.editor.Editor` for faces."""

    translator: Translates
    style: str
    warn: Callable[[str], None] = lambda _: None
    detector_name = "nobody"

    def edit(self, photo: Photo, out: Path, target: Landmarks | None = None) -> bool:  # noqa: ARG002
        """Write the translation of `photo` to `out`. Nobody looks for faces. Raises WeightsError and OutputError."""
        if warning := depth_warning(photo):
            self.warn(f"{photo.path}: {warning}")
        pixels = translate_picture(photo.pixels, self.translator, self.style, photo.icc)
        record = record_edit(photo, self.style, "learned", moved=False)
        write_photo(out, pixels, photo, digital_source_type=COMPOSITE_WITH_TRAINED_MODEL, record=record)
        return True


def translate_picture(
    pixels: UInt8[np.ndarray, "height width 3"], translator: Translates, style: str, icc: bytes | None = None
) -> UInt8[np.ndarray, "height width 3"]:
    """`pixels`, in the space of the profile `icc`, in the domain `style`.

    The network sees them in sRGB with the shorter side of its size, borders reflected to sides that it takes. Its
    result is enlarged to the photo's size; where it changed little, the photo's finer detail is laid over it.
    """
    from ptk.faces.colour import from_srgb, is_srgb, to_srgb

    height, width = pixels.shape[:2]
    factor = min(translator.size / min(height, width), _LONGEST * translator.size / max(height, width))
    sides = max(1, round(height * factor)), max(1, round(width * factor))
    coarse = np.stack([_scaled(pixels[..., channel], *sides) for channel in range(3)], axis=-1)
    colours = coarse if is_srgb(icc) else to_srgb(coarse, icc)
    seen = np.rint(colours.clip(0, 255)).astype(np.uint8)
    made = _translated(seen, translator, style)
    keep = _scaled(unchanged(made, seen), height, width).clip(0, 1)
    made = made + (colours - seen)  # what was rounded, and what sRGB lacks
    made = made if is_srgb(icc) else from_srgb(made, icc)
    result = np.empty_like(pixels)
    for channel in range(3):  # one by one: a photo may have a hundred million pixels
        painted = _scaled(made[..., channel], height, width)
        painted += keep * (pixels[..., channel] - _scaled(coarse[..., channel], height, width))
        result[..., channel] = np.rint(painted.clip(0, 255))
    return result


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
    return np.array(picture.resize((width, height), Image.Resampling.LANCZOS))
