"""Photos: read upright, with all that must survive an edit, and written back whole or not at all.

Pixels stay in the photo's own colour space: a profile travels beside them and is written back. Only CMYK and greyscale
photos, whose profiles would not fit RGB pixels, are converted to sRGB. `ptk.faces.colour` converts the others where
sRGB is needed.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from ptk.errors import ImageError
from ptk.faces.colour import convert_image as to_srgb
from ptk.faces.image_files.encoding import SUFFIXES, encode_copy, encode_photo, photo_format
from ptk.faces.image_files.formats import READ_FORMATS, bit_depth, explain_failure, refusal
from ptk.faces.image_files.metadata import (
    COMPOSITE_WITH_TRAINED_MODEL,
    EditRecord,
    kept_exif,
    read_orientation,
    read_record,
)
from ptk.faces.image_files.pixels import take_pixels, turn_upright
from ptk.files import replacing, write_bytes

if TYPE_CHECKING:
    from jaxtyping import UInt8

__all__ = [
    "MAX_PIXELS",
    "MIN_SIDE",
    "SUFFIXES",
    "Photo",
    "copy_photo",
    "depth_warning",
    "open_image",
    "photo_format",
    "read_content",
    "read_photo",
    "to_srgb",
    "write_photo",
]

MAX_PIXELS = 100_000_000
"""Larger photos are refused by their header, before they fill the memory."""

MIN_SIDE = 32
"""Smaller pictures hold no face that anything could find."""

_MAX_BYTES = 1 << 30
_CHUNK = 1 << 20


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo as people see it: EXIF orientation applied, everything that an edit must keep beside it.

    `pixels` uint8 RGB in the colour space of `icc` (sRGB when None); `alpha` uint8 or None; `exif` without place,
    thumbnail and maker note, orientation 1; `sha256` of the file's bytes; `format` as Pillow names it ("JPEG"); `depth`
    in bits a channel of the file, at least 8; `edit` how ptk made the picture, where its XMP says that it did.
    """

    pixels: UInt8[np.ndarray, "height width 3"]
    alpha: UInt8[np.ndarray, "height width"] | None
    icc: bytes | None
    exif: bytes | None
    sha256: str
    path: Path
    format: str
    depth: int = 8
    edit: EditRecord | None = None

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])


def read_photo(path: str | Path, content: bytes | None = None) -> Photo:
    """The photo at `path`, upright; `content` is the file's, where it was read already.

    Raises ImageError, in one line, for whatever cannot be used.
    """
    path = Path(path)
    content = read_content(path) if content is None else content
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow's own, lower limit, and of oddities in damaged files
        image = open_image(path, content)
        name = "JPEG" if image.format == "MPO" else str(image.format)
        return Photo(
            sha256=hashlib.sha256(content).hexdigest(), path=path, format=name, **_decode(path, image, content, name)
        )


def read_content(path: Path) -> bytes:
    """Read the bytes of an image file. Raises ImageError for what is no file, empty, or larger than 1 GiB."""
    try:
        if path.is_dir():
            raise ImageError(f"{path}: is a folder; give a photo")
        if not path.exists():
            raise ImageError(f"{path}: no such file")
        if not path.is_file():
            raise ImageError(f"{path}: is not a regular file; give a photo")
        size = path.stat().st_size
        if size > _MAX_BYTES:
            raise ImageError(f"{path}: is larger than 1 GiB; scale it down first")
        if size == 0:
            raise ImageError(f"{path}: is empty; copy it again")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise _unreadable(path, error) from error


def open_image(place: str | Path, content: bytes, *, least: int = MIN_SIDE, most: int = MAX_PIXELS) -> Image.Image:
    """Open the image in `content` by its header, in READ_FORMATS alone: others are run by other programs.

    `place` names it in messages. Raises ImageError for other formats, sides below `least` pixels, and more than `most`
    pixels in all.
    """
    too_large = f"{place}: has more than {most // 1_000_000} megapixels; scale it down first"
    if (refused := refusal(content)) is not None:
        raise ImageError(f"{place}: {refused}")
    try:
        image = Image.open(io.BytesIO(content), formats=READ_FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(too_large) from error
    except Exception as error:  # Pillow's decoders raise a dozen kinds on damaged files
        raise ImageError(f"{place}: {explain_failure(content, opened=False)}") from error
    if image.width * image.height > most:
        raise ImageError(too_large)
    if min(image.size) < least:
        raise ImageError(f"{place}: {image.width} x {image.height} pixels are too small; {least} a side are the least")
    return image


def write_photo(
    path: str | Path,
    pixels: UInt8[np.ndarray, "height width 3"],
    like: Photo,
    *,
    digital_source_type: str | None = COMPOSITE_WITH_TRAINED_MODEL,
    record: EditRecord | None = None,
) -> None:
    """Write what `encode_photo` makes of `pixels`, whole or not at all. Raises OutputError."""
    write_bytes(path, encode_photo(path, pixels, like, digital_source_type=digital_source_type, record=record))


def copy_photo(path: str | Path, photo: Photo) -> None:
    """Write `photo` as it is, for an edit that changes nothing, whole or not at all.

    Where the suffix of `path` names its own format, the file itself is copied byte by byte, with all that it holds.
    Elsewhere its pixels are written as `write_photo` does, without a claim that a model had made something. Raises
    OutputError; ImageError where the file is another one than was read.
    """
    if photo_format(path) != photo.format:
        write_bytes(path, encode_copy(path, photo))
        return
    digest = hashlib.sha256()
    with replacing(path) as temporary, temporary.open("wb") as copy:
        for chunk in _read_chunks(photo.path):
            digest.update(chunk)
            copy.write(chunk)
        if digest.hexdigest() != photo.sha256:
            raise ImageError(f"{photo.path}: has changed since it was read; edit it again")


def depth_warning(photo: Photo) -> str | None:
    """Say that a result has fewer bits a channel than `photo`, or None."""
    return f"has {photo.depth} bits a channel, the result has 8" if photo.depth > 8 else None


def _read_chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ImageError:
    reason = getattr(error, "strerror", None) or str(error)
    return ImageError(f"{path}: cannot be read ({reason.lower()})")


def _decode(path: Path, image: Image.Image, content: bytes, name: str) -> dict[str, Any]:
    """The fields of the `Photo` in `image`."""
    try:
        # a phone's MPO is a JPEG and its depth or gain map
        frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
        if frames > 1:
            raise ImageError(f"holds {frames} frames or pages; export the one you want as PNG or JPEG")
        image.load()
        exif, orientation = kept_exif(image), read_orientation(image)
        record = read_record(image.info.get("xmp"))
        depth = bit_depth(content, name)
        pixels, alpha, icc = take_pixels(image, content, depth)
        pixels = turn_upright(pixels, orientation)
        alpha = None if alpha is None else turn_upright(alpha, orientation)
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error
    except MemoryError as error:
        raise ImageError(f"{path}: does not fit into memory; scale it down first") from error
    except Exception as error:  # Pillow's decoders raise a dozen kinds on damaged files
        raise ImageError(f"{path}: {explain_failure(content, opened=True)}") from error
    return {"pixels": pixels, "alpha": alpha, "icc": icc, "exif": exif, "depth": depth, "edit": record}
