"""Pixels of an opened image: RGB of 8 bits and upright, whatever the file holds, without copies of the whole.

Pillow's own conversions hold four copies of a photo at once; here it is taken over in strips, and given back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.errors import ImageError
from ptk.faces.colour import convert_image

if TYPE_CHECKING:
    from jaxtyping import UInt8

__all__ = ["take_pixels", "turn_upright"]

_STRIP = 1 << 20  # pixels
_PNG = b"\x89PNG\r\n\x1a\n"
_ZERO_IS_WHITE, _PHOTOMETRIC = 0, 262
_MIRRORED = (2, 4, 5, 7)
_QUARTER_TURNS = {3: 2, 4: 2, 5: 3, 6: 3, 7: 1, 8: 1}  # to the left, before mirroring


def take_pixels(
    image: Image.Image, content: bytes, depth: int
) -> tuple[UInt8[np.ndarray, "height width 3"], UInt8[np.ndarray, "height width"] | None, bytes | None]:
    """Take pixels, alpha (or None) and the profile that fits the pixels out of a loaded `image`, and close it.

    `content` is its file, `depth` the bits a channel there: 16 are rounded to 8, v / 257. Pixels of grey or CMYK with a
    profile become sRGB. Raises ImageError for 32 bits a channel.
    """
    if image.mode in ("I", "F"):
        raise ImageError("has 32 bits a pixel; save it with 8 or 16")
    icc = image.info.get("icc_profile") or None
    applied = icc if icc and icc[16:20] != b"RGB " else None
    pixels = np.empty((image.height, image.width, 3), np.uint8)
    alpha = np.empty((image.height, image.width), np.uint8) if _has_alpha(image) else None
    levels = None  # what each of a deep grey picture becomes: Pillow leaves scaling and zero for white to its callers
    if image.mode.startswith("I;16"):
        top = (1 << depth) - 1
        levels = np.rint(np.arange(1 << 16).clip(max=top) * (255 / top)).astype(np.uint8)
        if getattr(image, "tag_v2", {}).get(_PHOTOMETRIC) == _ZERO_IS_WHITE:
            levels = 255 - levels
    for rows in _strips(image.height, image.width):
        part = image.crop((0, rows.start, image.width, rows.stop))
        if alpha is not None:
            alpha[rows] = np.asarray(part.convert("RGBA").getchannel("A"))
        if levels is not None:
            part = Image.fromarray(levels[np.asarray(part)])
        elif _has_alpha(part):
            part = part.convert("L") if part.mode == "LA" else part.convert("RGBA").convert("RGB")
        pixels[rows] = np.asarray(part.convert("RGB") if applied is None else convert_image(part, applied))
    coded_deep = depth > 8 and image.format in ("PNG", "TIFF") and image.mode in ("RGB", "RGBA", "LA")
    image.close()
    if coded_deep:
        _refine(pixels, alpha, content)
    return pixels, alpha, None if applied else icc


def turn_upright(stored: UInt8[np.ndarray, "a b *channels"], orientation: int) -> UInt8[np.ndarray, "c d *channels"]:
    """Turn and mirror an array as EXIF's `orientation` says; the same array for 1 and for what EXIF does not know."""
    if not 2 <= orientation <= 8:
        return stored
    turned = np.rot90(stored, _QUARTER_TURNS.get(orientation, 0))
    return np.ascontiguousarray(turned[:, ::-1] if orientation in _MIRRORED else turned)


def _strips(height: int, width: int) -> Iterator[slice]:
    rows = max(1, _STRIP // width)
    for top in range(0, height, rows):
        yield slice(top, min(top + rows, height))


def _has_alpha(image: Image.Image) -> bool:
    return image.has_transparency_data and not image.mode.startswith("I;16")


def _refine(
    pixels: UInt8[np.ndarray, "height width 3"], alpha: UInt8[np.ndarray, "height width"] | None, content: bytes
) -> None:
    """Round 16 bits where Pillow cut the lower eight off, in place; both must see the same picture."""
    deep = _decode_deep(content)
    if deep is None or deep.dtype != np.uint16 or deep.ndim != 3 or deep.shape[:2] != pixels.shape[:2]:
        return
    for rows in _strips(*pixels.shape[:2]):
        levels = deep[rows].astype(np.uint32)
        pairs = [(pixels[rows], levels[..., 2::-1])]
        if alpha is not None and levels.shape[2] == 4:
            pairs.append((alpha[rows], levels[..., 3]))
        for cut, whole in pairs:
            if (whole >> 8 == cut).all():
                cut[...] = (whole + 128) // 257


def _decode_deep(content: bytes) -> np.ndarray | None:
    """The channels that OpenCV finds, blue first, without what it would print of odd files on stderr."""
    import cv2

    coded = _bare_png(content) if content.startswith(_PNG) else content
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        return cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    finally:
        cv2.utils.logging.setLogLevel(level)


def _bare_png(content: bytes) -> bytes:
    """A PNG's header, pixels and end alone: libpng has warnings for the others, and errors where the end is missing."""
    chunks, at = [_PNG], len(_PNG)
    while at + 12 <= len(content):
        after = at + 12 + int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] in (b"IHDR", b"IDAT"):
            chunks.append(content[at:after])
        at = after
    return b"".join([*chunks, bytes(4), b"IEND", b"\xae\x42\x60\x82"])
