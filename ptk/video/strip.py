"""A picture of frames side by side, as papers print them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.faces.crop import Crop

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["STRIP", "draw_strip"]

STRIP = 7
"""Frames in a strip: as many as Figure 5 of PortraitGAN has."""

_GAP = 6


def draw_strip(frames: Iterable[Pixels], crop: Crop | None = None, side: int = 384) -> Pixels:
    """Lay frames side by side on white, each the square `crop` of it, or all, `side` pixels high."""
    cells = []
    for frame in frames:
        if crop is not None:
            cells.append(crop.cut(frame, side))
            continue
        width = round(frame.shape[1] * side / frame.shape[0])
        cells.append(np.asarray(Image.fromarray(frame).resize((width, side), Image.Resampling.LANCZOS)))
    gap = np.full((side, _GAP, 3), 255, np.uint8)
    row = [each for cell in cells for each in (cell, gap)][:-1]
    return np.concatenate(row, axis=1)
