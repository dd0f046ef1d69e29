"""What a file is, by its first bytes: the formats that ptk reads, and those that it can only name."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from PIL import ExifTags, TiffImagePlugin

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["READ_FORMATS", "bit_depth", "explain_failure", "find_format", "refusal"]

READ_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "BMP", "GIF")
"""The formats that photos are read in, as Pillow names them."""

_Signature = tuple[tuple[int, bytes], ...]
_FTYP = ((0, b"\0\0\0"), (4, b"ftyp"))
_READ: dict[str, tuple[_Signature, ...]] = {
    "JPEG": (((0, b"\xff\xd8\xff"),),),
    "PNG": (((0, b"\x89PNG\r\n\x1a\n"),),),
    "WEBP": (((0, b"RIFF"), (8, b"WEBP")),),
    "TIFF": tuple(((0, first),) for first in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
    "AVIF": tuple((*_FTYP, (8, brand)) for brand in (b"avif", b"avis")),
    "BMP": (((0, b"BM"), (6, bytes(4))),),
    "GIF": (((0, b"GIF87a"),), ((0, b"GIF89a"),)),
}

_AS_PICTURE = "export it as JPEG or PNG"
_DEVELOP = "develop it, and save it as JPEG or as TIFF with 16 bits"
_FRAME = "export a picture of it as JPEG or PNG"
_TONE_MAP = "map its tones to 8 or 16 bits, and save it as JPEG or PNG"
_OTHERS: tuple[tuple[str, str, tuple[_Signature, ...]], ...] = (
    ("a JPEG XL picture", _AS_PICTURE, (((0, b"\xff\x0a"),), ((0, b"\0\0\0\x0cJXL \r\n\x87\n"),))),
    ("a JPEG 2000 picture", _AS_PICTURE, (((0, b"\0\0\0\x0cjP  \r\n\x87\n"),), ((0, b"\xff\x4f\xff\x51"),))),
    ("a Photoshop document (PSD)", _AS_PICTURE, (((0, b"8BPS"),),)),
    ("a GIMP document (XCF)", _AS_PICTURE, (((0, b"gimp xcf"),),)),
    ("a PDF document", "export the picture in it as JPEG or PNG", (((0, b"%PDF-"),),)),
    ("a PostScript document", _AS_PICTURE, (((0, b"%!PS"),),)),
    ("an OpenEXR picture", _TONE_MAP, (((0, b"\x76\x2f\x31\x01"),),)),
    ("a Radiance HDR picture", _TONE_MAP, (((0, b"#?RADIANCE"),), ((0, b"#?RGBE"),))),
    ("a camera's raw file (CR2)", _DEVELOP, (((0, b"II*\0"), (8, b"CR")),)),
    ("a camera's raw file (CR3)", _DEVELOP, ((*_FTYP, (8, b"crx ")),)),
    ("a camera's raw file (RAF)", _DEVELOP, (((0, b"FUJIFILMCCD-RAW"),),)),
    ("a camera's raw file (ORF)", _DEVELOP, tuple(((0, first),) for first in (b"IIRO", b"IIRS", b"MMOR"))),
    ("a camera's raw file (RW2)", _DEVELOP, (((0, b"IIU\0"),),)),
    ("a camera's raw file (X3F)", _DEVELOP, (((0, b"FOVb"),),)),
    ("an icon", _AS_PICTURE, (((0, b"\0\0\1\0"),), ((0, b"icns"),))),
    ("a video", _FRAME, (_FTYP, ((0, b"\x1a\x45\xdf\xa3"),), ((0, b"RIFF"), (8, b"AVI ")))),
    ("a zip archive", "unpack it, and give the photo in it", (((0, b"PK\3\4"),),)),
)
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_HEIC = "HEIC is not supported; export it as JPEG or PNG"
_MARKUP = (
    (b"<svg", "is an SVG drawing, which ptk does not read; export it as PNG"),
    (b"<html", "is a web page, not a photo; save the photo in it"),
    (b"<!doctype html", "is a web page, not a photo; save the photo in it"),
)

_BIG = (b"+\0", b"\0+")  # a TIFF with offsets of 64 bits
_RAW_COMPRESSIONS = (32767, 34713, 65535)  # of Sony, Nikon and Pentax
_RAW_PIXELS = (32803, 34892)  # a colour filter array, and what was made of it
_LAB = (8, 9, 10)
_TIFF_TAGS = (
    ExifTags.Base.NewSubfileType,
    ExifTags.Base.BitsPerSample,
    ExifTags.Base.Compression,
    ExifTags.Base.PhotometricInterpretation,
    ExifTags.Base.PlanarConfiguration,
    ExifTags.Base.SubIFDs,
    ExifTags.Base.SampleFormat,
    ExifTags.Base.DNGVersion,
    ExifTags.Base.SamplesPerPixel,
    ExifTags.Base.StripOffsets,
    ExifTags.Base.StripByteCounts,
    ExifTags.Base.TileOffsets,
    ExifTags.Base.TileByteCounts,
)
_SAMPLES = {2: "signed integer", 3: "floating-point", 5: "complex integer", 6: "complex floating-point"}
_BOXES = 1 << 16  # the description of an AVIF or a PNG stands before its pixels
_HDR = {16: "PQ", 18: "HLG"}  # transfer characteristics of ITU-T H.273
_TRANSFER = {"AVIF": (b"colrnclx", 2, 2), "PNG": (b"cICP", 1, 1)}  # what they follow, how far behind, in how many bytes


def find_format(content: bytes) -> str | None:
    """Name the format in READ_FORMATS that `content` begins as, as far as it goes, or None."""
    return next((name for name, signatures in _READ.items() if _begins(content, signatures)), None)


def refusal(content: bytes) -> str | None:
    """Say what `content` is and what to do, where it is a kind of file or of pixels that ptk does not read, or None."""
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        return _HEIC
    own = find_format(content)
    for kind, fix, signatures in _OTHERS:
        if (own is None or kind.endswith("(CR2)")) and len(content) >= 16 and _begins(content, signatures):
            return f"is {kind}, which ptk does not read; {fix}"
    if own == "TIFF":
        return _tiff_refusal(content)
    if own == "JPEG" and _jpeg_bits(content) > 8:
        return f"is a JPEG with {_jpeg_bits(content)} bits a channel; save it with 8, or as PNG or TIFF with 16"
    mark, offset, count = _TRANSFER.get(own or "", (b"", 0, 0))
    start = content.find(mark, 0, _BOXES)
    at = start + len(mark) + offset
    if start >= 0 and (curve := _HDR.get(int.from_bytes(content[at : at + count], "big"))):
        return f"is an HDR picture ({curve}); export it for a standard screen (SDR), as JPEG or PNG"
    text = content[:1024].lower()
    is_markup = own is None and text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return next((line for mark, line in _MARKUP if is_markup and mark in text), None)


def explain_failure(content: bytes, *, opened: bool) -> str:
    """Say why Pillow failed to open, or to decode what it `opened`: nothing that ptk reads, a rare TIFF, or damage."""
    name = find_format(content)
    if name is None:
        return f"is not an image that ptk reads ({', '.join(READ_FORMATS)})"
    if name == "TIFF":
        tags = _tiff_tags(content)
        if _is_whole(tags, len(content)) and (not opened or tags.get(ExifTags.Base.Compression) == 1):
            names = {
                ExifTags.Base.PhotometricInterpretation: "photometric interpretation",
                ExifTags.Base.SamplesPerPixel: "channels",
                ExifTags.Base.Compression: "compression",
            }
            kind = "".join(f"{text} {tags[tag]}, " for tag, text in names.items() if tag in tags)
            kind += f"bits {max(_tiff_bits(tags))}"
            return f"is a TIFF of a kind that ptk does not read ({kind}); save it as RGB without compression"
    return "cannot be read as an image (damaged or cut short); export it again as JPEG or PNG"


def bit_depth(content: bytes, name: str) -> int:
    """Tell how many bits a channel the picture in `content`, of the format `name`, has; 8 where it has fewer."""
    bits = 8
    if name == "PNG":
        bits = content[24]
    elif name == "TIFF":
        bits = max(_tiff_bits(_tiff_tags(content)))
    elif name == "AVIF" and (start := content.find(b"av1C", 0, _BOXES)) >= 0:
        flags = content[start + 6]
        bits = 12 if flags & 0x20 else 10 if flags & 0x40 else 8
    return max(bits, 8)


def _begins(content: bytes, signatures: tuple[_Signature, ...]) -> bool:
    """Whether `content` agrees with one of `signatures` as far as it goes."""
    return len(content) > 0 and any(
        all(piece.startswith(content[start : start + len(piece)]) for start, piece in signature)
        for signature in signatures
    )


def _tiff_refusal(content: bytes) -> str | None:
    tags = _tiff_tags(content)
    base = ExifTags.Base
    compression, pixels = tags.get(base.Compression), tags.get(base.PhotometricInterpretation)
    preview = tags.get(base.NewSubfileType) == 1 and base.SubIFDs in tags
    if base.DNGVersion in tags or preview or compression in _RAW_COMPRESSIONS or pixels in _RAW_PIXELS:
        kind = " (DNG)" if base.DNGVersion in tags else ""
        return f"is a camera's raw file{kind}, which ptk does not read; {_DEVELOP}"
    bits = _tiff_bits(tags)
    samples = tags.get(base.SampleFormat, (1,))
    number = samples[0] if isinstance(samples, tuple) and samples else samples
    if number in _SAMPLES or max(bits) > 16:
        kind = _SAMPLES.get(number, "integer") if isinstance(number, int) else "unknown"
        return f"has {max(bits)}-bit {kind} samples; save it with 8 or 16 bits a channel"
    if pixels in _LAB:
        return "has the colour space Lab; save it as RGB"
    if max(bits) > 8 and len(bits) > 1 and tags.get(base.PlanarConfiguration) == 2:
        return "has a plane for each channel of 16 bits; save it interleaved, or with 8 bits"
    return None


def _tiff_tags(content: bytes) -> Mapping[int, Any]:
    """The tags of a TIFF's first picture that `_TIFF_TAGS` lists; none where they are damaged."""
    try:
        tags = TiffImagePlugin.ImageFileDirectory_v2(content[:16] if content[2:4] in _BIG else content[:8])
        stream = io.BytesIO(content)
        stream.seek(tags.next)
        tags.load(stream)
        return {tag: tags[tag] for tag in _TIFF_TAGS if tag in tags}
    except Exception:  # Pillow's reader raises a dozen kinds on damaged tags
        return {}


def _is_whole(tags: Mapping[int, Any], size: int) -> bool:
    """Whether all pixels that the `tags` of a TIFF tell of lie within its `size`."""
    base = ExifTags.Base
    for starts, counts in ((base.StripOffsets, base.StripByteCounts), (base.TileOffsets, base.TileByteCounts)):
        places = _numbers(tags.get(starts)), _numbers(tags.get(counts))
        if places[0] and len(places[0]) == len(places[1]):
            return all(start + count <= size for start, count in zip(*places, strict=True))
    return False


def _numbers(value: Any) -> tuple[int, ...]:
    """The whole numbers of a tag; none where it holds anything else, as damaged ones do."""
    numbers = value if isinstance(value, tuple) else ()
    return numbers if all(isinstance(each, int) for each in numbers) else ()


def _tiff_bits(tags: Mapping[int, Any]) -> tuple[int, ...]:
    bits = tags.get(ExifTags.Base.BitsPerSample, (1,))
    bits = bits if isinstance(bits, tuple) else (bits,)
    return tuple(each for each in bits if isinstance(each, int)) or (1,)


def _jpeg_bits(content: bytes) -> int:
    """The precision in a JPEG's frame header; 8 where that is not found."""
    at = 2
    while at + 5 <= len(content) and content[at] == 0xFF:
        marker, size = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return content[at + 4]
        at += 2 + size
    return 8
