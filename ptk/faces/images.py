"""Photos: read upright, with all that must survive an edit, and written back whole or not at all.

Pixels stay in the photo's own colour space: a profile travels beside them and is written back. Only CMYK and greyscale
photos, whose profiles would not fit RGB pixels, are converted to sRGB.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from ptk.errors import ImageError, OutputError
from ptk.faces.metadata import COMPOSITE_WITH_TRAINED_MODEL, kept_exif, xmp_packet
from ptk.files import write_bytes

if TYPE_CHECKING:
    from jaxtyping import UInt8

__all__ = ["MAX_PIXELS", "MIN_SIDE", "SUFFIXES", "Photo", "photo_format", "read_photo", "to_srgb", "write_photo"]

MAX_PIXELS = 100_000_000
"""Larger photos are refused by their header, before they fill the memory."""

MIN_SIDE = 32
"""Smaller pictures hold no face that anything could find."""

SUFFIXES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".tif": "TIFF", ".tiff": "TIFF"}
"""The formats that photos are written in, by suffix."""

_READ_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "BMP", "GIF")
_MAX_BYTES = 1 << 30
_MAX_SIDES = {"JPEG": 65_500, "WEBP": 16_383}
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": "4:4:4"},
    "PNG": {"compress_level": 4},
    "WEBP": {"lossless": True, "quality": 20, "exact": True},
    "TIFF": {},
}
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
_UNREADABLE = "cannot be read as an image (damaged or cut short); export it again as JPEG or PNG"


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo as people see it: EXIF orientation applied, everything that an edit must keep beside it.

    `pixels` uint8 RGB in the colour space of `icc` (sRGB when None); `alpha` uint8 or None; `exif` without place,
    thumbnail and maker note, orientation 1; `sha256` of the file's bytes; `format` as Pillow names it ("JPEG").
    """

    pixels: UInt8[np.ndarray, "height width 3"]
    alpha: UInt8[np.ndarray, "height width"] | None
    icc: bytes | None
    exif: bytes | None
    sha256: str
    path: Path
    format: str

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
    content = _read_bytes(path) if content is None else content
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pillow's own, lower limit, and of oddities in damaged files
        image = _opened(path, content)
        pixels, alpha, icc, exif = _decoded(path, image)
    return Photo(
        pixels=pixels,
        alpha=alpha,
        icc=icc,
        exif=exif,
        sha256=hashlib.sha256(content).hexdigest(),
        path=path,
        format="JPEG" if image.format == "MPO" else str(image.format),
    )


def photo_format(path: str | Path) -> str:
    """The format that the suffix of `path` names. Raises OutputError for a suffix that ptk does not write."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise OutputError(f"{path}: photos are not written as {suffix or 'a file without suffix'}; use {_listed()}")
    return SUFFIXES[suffix]


def write_photo(
    path: str | Path,
    pixels: UInt8[np.ndarray, "height width 3"],
    like: Photo,
    *,
    digital_source_type: str | None = COMPOSITE_WITH_TRAINED_MODEL,
) -> None:
    """Write `pixels` in the format that the suffix names, with profile, alpha and EXIF of `like`, whole or not at all.

    JPEG at quality 95 without chroma subsampling; PNG, WebP and TIFF without loss. Where a format has no alpha the
    photo is put on white. `digital_source_type` goes into the XMP; None writes no XMP. Raises OutputError.
    """
    name = photo_format(path)
    height, width = pixels.shape[:2]
    limit = _MAX_SIDES.get(name, max(width, height))
    if max(width, height) > limit:
        raise OutputError(f"{path}: {name} holds at most {limit} pixels a side, not {width} x {height}; use .png")
    write_bytes(path, _encoded(name, pixels, like, digital_source_type))


def _encoded(name: str, pixels: np.ndarray, like: Photo, digital_source_type: str | None) -> bytes:
    from PIL.PngImagePlugin import PngInfo

    import ptk

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
    if digital_source_type is not None:
        packet = xmp_packet(digital_source_type, f"ptk {ptk.__version__}")
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


def _read_bytes(path: Path) -> bytes:
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
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(f"{path}: cannot be read ({reason.lower()})") from error


def _opened(path: Path, content: bytes) -> Image.Image:
    too_large = f"{path}: has more than {MAX_PIXELS // 1_000_000} megapixels; scale it down first"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        raise ImageError(f"{path}: HEIC is not supported; export it as JPEG or PNG")
    try:
        image = Image.open(io.BytesIO(content), formats=_READ_FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(too_large) from error
    except Exception as error:  # Pillow's decoders raise a dozen kinds on damaged files
        raise ImageError(f"{path}: is not an image that ptk reads ({', '.join(_READ_FORMATS)})") from error
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(too_large)
    if min(image.size) < MIN_SIDE:
        raise ImageError(
            f"{path}: {image.width} x {image.height} pixels are too small; {MIN_SIDE} a side are the least"
        )
    return image


def _decoded(path: Path, image: Image.Image) -> tuple[np.ndarray, np.ndarray | None, bytes | None, bytes | None]:
    """Pixels (H, W, 3), alpha (H, W) or None, profile and EXIF of the upright picture."""
    try:
        # a phone's MPO is a JPEG and its depth or gain map
        frames = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
        if frames > 1:
            raise ImageError(f"{path}: holds {frames} frames or pages; export the one you want as PNG or JPEG")
        image.load()
        if image.mode in ("I", "F"):
            raise ImageError(f"{path}: has 32 bits a pixel; save it with 8 or 16")
        exif = kept_exif(image)  # not of the upright copy: a TIFF's would have none
        return (*_rgb(ImageOps.exif_transpose(image)), exif)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(f"{path}: does not fit into memory; scale it down first") from error
    except Exception as error:  # Pillow's decoders raise a dozen kinds on damaged files
        raise ImageError(f"{path}: {_UNREADABLE}") from error


def _rgb(image: Image.Image) -> tuple[np.ndarray, np.ndarray | None, bytes | None]:
    """Pixels (H, W, 3), alpha (H, W) or None, and the profile that still fits them."""
    icc = image.info.get("icc_profile") or None
    alpha = None
    if image.mode.startswith("I;16"):
        # Pillow's own conversion of 16 bits to 8 clips at 255 instead of scaling
        levels = np.asarray(image, dtype=np.float32)
        image = Image.fromarray(np.round(levels / 257).astype(np.uint8))
    elif image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = np.array(image.getchannel("A"))
        image = image.convert("RGB")
    if icc and icc[16:20] != b"RGB ":
        image, icc = to_srgb(image, icc), None
    return np.array(image.convert("RGB")), alpha, icc


def to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """The image, in the space of the profile `icc`, as RGB in sRGB; as it is where the profile is damaged."""
    if image.mode == "1":
        image = image.convert("L")
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        converted = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):  # a profile that is damaged, or of another space than the pixels
        return image.convert("RGB")
    return image if converted is None else converted


def _listed() -> str:
    return ", ".join(SUFFIXES)
