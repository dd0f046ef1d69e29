"""The images of data sets: JPEG files of a crop and its margin, decoded at any size."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.dataset.manifest import Entry
from ptk.errors import DataError, ImageError
from ptk.faces.image_files.formats import explain_failure
from ptk.faces.images import open_image, read_content
from ptk.faces.topologies import find_anatomy
from ptk.faces.topology import POINTS

if TYPE_CHECKING:
    from jaxtyping import Float64, UInt8

__all__ = ["MAX_PIXELS", "Decoded", "decode", "encode"]

MAX_PIXELS = 36_000_000
"""Larger images are refused: of a data set's crops, which are held in memory by the thousand, the largest has 17."""

_PixelBox = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Decoded:
    """An image read at the recipe's size, with its margin, and its landmarks in [0, 1] of the crop, NaN without any.

    Where they are of another topology `dense` has all of them, and `points` the 68.
    """

    entry: Entry
    pixels: UInt8[np.ndarray, "side side 3"]
    points: Float64[np.ndarray, "68 2"]
    dense: Float64[np.ndarray, "count 2"] | None = None


def encode(pixels: UInt8[np.ndarray, "height width 3"]) -> bytes:
    """A JPEG file as data sets hold them: quality 95, colours at full resolution."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="JPEG", quality=95, subsampling="4:4:4")
    return buffer.getvalue()


def decode(file: Path | IO[bytes], entry: Entry, size: int, margin: float) -> Decoded:
    """Read the image of `entry` with crops of `size` pixels and round(margin * size) more on each side.

    The image in the file may be of another size, with the same share of margin. Raises DataError naming `file` (or the
    entry's image) when it is missing, damaged, of a format that photos are not read in, or of over MAX_PIXELS.
    """
    pad = round(margin * size)
    image = _read_rgb(file, entry.image)
    low, span = np.array([_find_crop(side, margin) for side in image.size]).T
    pixels = _resize_box(image, low - pad / size * span, low + (1 + pad / size) * span, pad, size)
    if entry.landmarks is None:
        return Decoded(entry, pixels, np.full((POINTS, 2), np.nan))
    placed = (np.asarray(entry.landmarks) - low) / span
    return Decoded(entry, pixels, find_anatomy(placed), placed if len(placed) != POINTS else None)


def _read_rgb(file: Path | IO[bytes], name: str) -> Image.Image:
    """Decode an image whole. Raises DataError naming `file`, or `name` where that is no path."""
    place = file if isinstance(file, Path) else name
    try:
        content = read_content(file) if isinstance(file, Path) else file.read()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of oddities in damaged files
            with open_image(place, content, least=1, most=MAX_PIXELS) as image:
                try:
                    return image.convert("RGB")
                except Exception as error:  # Pillow's decoders raise a dozen kinds on damaged files
                    raise ImageError(f"{place}: {explain_failure(content, opened=True)}") from error
    except ImageError as error:
        try:
            is_missing = isinstance(file, Path) and not file.exists()
        except OSError:  # a name longer than any file's
            is_missing = True
        reason = "missing" if is_missing else f"damaged ({str(error).removeprefix(f'{place}: ')})"
        raise DataError(f"{place}: {reason}; prepare the data again") from error


def _find_crop(side: int, margin: float) -> tuple[float, float]:
    """Where the crop begins, and how long it is, in a stored image of `side` pixels: side = S + 2 round(margin S)."""
    near = round(side / (1 + 2 * margin))
    for length in (near, near - 1, near + 1):
        if length + 2 * round(margin * length) == side:
            return (side - length) / 2, length
    return margin * side / (1 + 2 * margin), side / (1 + 2 * margin)  # not stored by `prepare`


def _resize_box(image: Image.Image, low: np.ndarray, high: np.ndarray, pad: int, size: int) -> np.ndarray:
    """The box from `low` to `high` (x, y) of `image`. Rounding may put it past the border, whose pixels then go on."""
    beyond = int(np.ceil(max(0.0, *-low, *(high - image.size)) - 1e-6))
    if beyond:
        image = Image.fromarray(np.pad(np.asarray(image), [(beyond, beyond)] * 2 + [(0, 0)], mode="edge"))
    left, top, right, bottom = (float(value) for value in (*(low + beyond), *(high + beyond)))
    box: _PixelBox = (max(left, 0), max(top, 0), min(right, image.width), min(bottom, image.height))
    side = size + 2 * pad
    return np.asarray(image.resize((side, side), Image.Resampling.LANCZOS, box=box))
