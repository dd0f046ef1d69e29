"""Contact sheets: the photos of a person with their landmarks drawn, or one image of each person in a domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from ptk.dataset.manifest import Entry
from ptk.errors import ImageError
from ptk.faces.images import read_photo
from ptk.faces.landmarks import draw_landmarks

if TYPE_CHECKING:
    from jaxtyping import UInt8

__all__ = ["Sheet", "draw_contact_sheet"]

_GAP = 4
_PAPER = (128, 128, 128)  # on light pages and on dark ones
_CROSS = (220, 60, 60)


@dataclass(frozen=True)
class Sheet:
    """A picture of several images, each `tile` pixels a side, and how many of them could not be read."""

    picture: Image.Image
    lost: int


def draw_contact_sheet(folder: Path, entries: Sequence[Entry], *, tile: int, columns: int, landmarks: bool) -> Sheet:
    """The images of `entries` in rows of at most `columns`, as even as can be; a cross where one cannot be read."""
    rows = max(1, -(-len(entries) // columns))
    columns = max(1, -(-len(entries) // rows))
    step = tile + _GAP
    sheet = Image.new("RGB", (columns * step - _GAP, rows * step - _GAP), _PAPER)
    lost, third = 0, tile // 3
    for number, entry in enumerate(entries):
        left, top = number % columns * step, number // columns * step
        try:
            sheet.paste(Image.fromarray(_tile(folder, entry, tile, landmarks)), (left, top))
        except ImageError:
            lost += 1
            pen = ImageDraw.Draw(sheet)
            box = (left + third, top + third, left + tile - third, top + tile - third)
            pen.line(box, fill=_CROSS, width=4)
            pen.line((box[0], box[3], box[2], box[1]), fill=_CROSS, width=4)
    return Sheet(sheet, lost)


def _tile(folder: Path, entry: Entry, side: int, landmarks: bool) -> UInt8[np.ndarray, "height width 3"]:
    try:
        photo = read_photo(folder / entry.image)
    except ValueError as error:  # a null byte in the name
        raise ImageError(f"{entry.image!r}: is a name that no file can have") from error
    scale = side / max(photo.width, photo.height)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    pixels = np.array(Image.fromarray(photo.pixels).resize(size, Image.Resampling.LANCZOS))
    if not landmarks or entry.landmarks is None:
        return pixels
    points = np.array(entry.landmarks, dtype=np.float32) * scale
    return draw_landmarks(pixels, points) if np.abs(points).max() < 100 * side else pixels
