"""Photos as the bytes of files, with all that must survive an edit: nothing is written here."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

import ptk
from ptk.errors import OutputError
from ptk.faces.image_files.metadata import COMPOSITE_WITH_TRAINED_MODEL, EditRecord, xmp_packet

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.faces.images import Photo

__all__ = ["SUFFIXES", "encode_copy", "encode_photo", "photo_format"]

SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
"""The formats that photos are written in, by suffix."""

_MAX_SIDES = {"JPEG": 65_500, "WEBP": 16_383}
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "PNG": {"compress_level": 2},
    "WEBP": {"lossless": True, "quality": 20, "exact": True},
    "TIFF": {},
}


def photo_format(path: str | Path) -> str:
    """The format that the suffix of `path` names. Raises OutputError for a suffix that ptk does not write."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise OutputError(f"{path}: photos are not written as {suffix or 'a file without suffix'}; use {known}")
    return SUFFIXES[suffix]


def encode_photo(
    path: str | Path,
    pixels: UInt8[np.ndarray, "height width 3"],
    like: Photo,
    *,
    digital_source_type: str | None = COMPOSITE_WITH_TRAINED_MODEL,
    record: EditRecord | None = None,
) -> bytes:
    """Encode `pixels` in the format that the suffix of `path` names, with profile, alpha and EXIF of `like`.

    JPEG at quality 95 without chroma subsampling; PNG, WebP and TIFF without loss. Where a format has no alpha the
    photo is put on white. `digital_source_type` and the `record` of the edit go into the XMP; without the former no XMP
    is written. Raises OutputError.
    """
    name = photo_format(path)
    height, width = pixels.shape[:2]
    limit = _MAX_SIDES.get(name, max(width, height))
    if max(width, height) > limit:
        raise OutputError(f"{path}: {name} holds at most {limit} pixels a side, not {width} x {height}; use .png")
    packet = None
    if digital_source_type is not None:
        packet = xmp_packet(digital_source_type, f"ptk {ptk.__version__}", record)
    return _encode(name, pixels, like, packet)


def encode_copy(path: str | Path, photo: Photo, content: bytes | None = None) -> bytes:
    """Encode `photo` as it is, as `copy_photo` writes it to `path`; its own format is the file's `content` itself.

    Without that it is encoded anew. Raises OutputError.
    """
    if content is not None and photo_format(path) == photo.format:
        return content
    source = None if photo.edit is None else COMPOSITE_WITH_TRAINED_MODEL
    return encode_photo(path, photo.pixels, photo, digital_source_type=source, record=photo.edit)


def _encode(name: str, pixels: np.ndarray, like: Photo, packet: bytes | None) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    image = Image.fromarray(pixels)
    if like.alpha is not None:
        alpha = Image.fromarray(like.alpha)
        if name == "JPEG":
            image = Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
        else:
            image.putalpha(alpha)
    options: dict[str, Any] = dict(_SAVE_OPTIONS[name])
    if like.icc:
        options["icc_profile"] = like.icc
    exif = Image.Exif()
    if like.exif:
        exif.load(like.exif)
    if packet is not None:
        if name == "PNG":
            options["pnginfo"] = PngInfo()
            options["pnginfo"].add_itxt("XML:com.adobe.xmp", packet.decode())
        elif name == "TIFF":
            exif[700] = packet
        else:
            options["xmp"] = packet
    if len(exif):
        options["exif"] = exif
    buffer = io.BytesIO()
    image.save(buffer, format=name, **options)
    return buffer.getvalue()
