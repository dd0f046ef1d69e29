"""What a photo says about itself: which EXIF may travel on, and the XMP packet that says how a result was made."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from PIL import ExifTags, Image

__all__ = [
    "ALGORITHMICALLY_ENHANCED",
    "COMPOSITE_WITH_TRAINED_MODEL",
    "EditRecord",
    "kept_exif",
    "read_orientation",
    "read_record",
    "xmp_packet",
]

ALGORITHMICALLY_ENHANCED = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"
"""IPTC digital source type of a photo that an algorithm altered as a whole."""

COMPOSITE_WITH_TRAINED_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC digital source type of a photo in which something was made by a trained model."""

_BASE_TAGS = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.XResolution,
    ExifTags.Base.YResolution,
    ExifTags.Base.ResolutionUnit,
    ExifTags.Base.Software,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
)
# A maker note points into the file that it came from and may hold a place or a serial number; the two size tags would
# be wrong for a turned photo.
_DROPPED_SHOT_TAGS = (
    ExifTags.Base.MakerNote,
    ExifTags.Base.ExifImageWidth,
    ExifTags.Base.ExifImageHeight,
    ExifTags.IFD.Interop,
)
_MAX_EXIF = 65_000  # a JPEG segment holds 65,533 bytes

_NAMESPACE = "https://ptk.invalid/ns/1.0/"
"""Names ptk's own XMP properties; of a domain that RFC 2606 keeps free, since nothing is to be found there."""

_STYLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_MAX_XMP = 1 << 20


@dataclass(frozen=True)
class EditRecord:
    """How ptk made a picture.

    `style` it is in; `made_by` "rendered" (by the domain's own filter) or "learned" (by weights); whether an expression
    was `moved`.
    """

    style: str
    made_by: Literal["rendered", "learned"]
    moved: bool


def kept_exif(image: Image.Image) -> bytes | None:
    """The EXIF of `image` that may travel on: upright, without place, thumbnail and maker note; None for none.

    Only a list of known tags is kept, so that whatever else a camera wrote stays behind. Damaged EXIF gives None.
    """
    try:
        exif = image.getexif()
        base = {int(tag): exif[tag] for tag in _BASE_TAGS if tag in exif}
        shot = {tag: value for tag, value in exif.get_ifd(ExifTags.IFD.Exif).items() if tag not in _DROPPED_SHOT_TAGS}
        if not base and not shot:
            return None
        kept = Image.Exif()
        kept.update(base)
        kept[ExifTags.Base.Orientation] = 1
        if shot:
            kept[ExifTags.IFD.Exif] = shot
        content = kept.tobytes()
    except Exception:  # Pillow's EXIF reader raises a dozen kinds on damaged tags; the pixels are still good
        return None
    return content if len(content) <= _MAX_EXIF else None


def read_orientation(image: Image.Image) -> int:
    """Read how a loaded `image` is to be turned, as EXIF numbers it from 1 to 8; 1 where it does not say."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # as above
        return 1
    return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1


def xmp_packet(digital_source_type: str, tool: str, record: EditRecord | None = None) -> bytes:
    """Write an XMP packet with Iptc4xmpExt:DigitalSourceType, the `tool` that made the file, and how it did."""
    own = ""
    if record is not None:
        own = (
            f" xmlns:ptk={quoteattr(_NAMESPACE)}"
            f" ptk:Style={quoteattr(record.style)}"
            f" ptk:StyleMadeBy={quoteattr(record.made_by)}"
            f' ptk:ExpressionMoved="{record.moved}"'
        )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about=""'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f" xmp:CreatorTool={quoteattr(tool)}"
        f" Iptc4xmpExt:DigitalSourceType={quoteattr(digital_source_type)}{own}/>"
        "</rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


def read_record(packet: object) -> EditRecord | None:
    """Read how ptk made a picture from its XMP `packet` (bytes); None where it does not say, or is damaged.

    A packet comes from strangers: one with a document type, and so with entities, or of over 1 MiB is not read.
    """
    if not isinstance(packet, bytes) or len(packet) > _MAX_XMP or _NAMESPACE.encode() not in packet:
        return None
    try:
        values = _own_properties(packet.rstrip(b"\0 \t\r\n"))
    except (expat.ExpatError, ValueError):
        return None
    style, made_by, moved = (values.get(name, "").strip() for name in ("Style", "StyleMadeBy", "ExpressionMoved"))
    if not _STYLE_NAME.fullmatch(style) or made_by not in ("rendered", "learned") or moved not in ("True", "False"):
        return None
    return EditRecord(style, "rendered" if made_by == "rendered" else "learned", moved == "True")


def _own_properties(packet: bytes) -> dict[str, str]:
    """Properties of ptk's namespace, written as attributes or, as other tools rewrite them, as elements.

    Raises ExpatError, and ValueError for a packet with a document type or entities.
    """
    values: dict[str, str] = {}
    inside: list[str] = []
    parser = expat.ParserCreate("utf-8", " ")

    def start(name: str, attributes: dict[str, str]) -> None:
        inside.append(name)
        for each, value in attributes.items():
            space, _, own = each.rpartition(" ")
            if space == _NAMESPACE:
                values.setdefault(own, value)

    def text(content: str) -> None:
        space, _, own = inside[-1].rpartition(" ")
        if space == _NAMESPACE:
            values[own] = values.get(own, "") + content

    def refuse(*_: object) -> None:
        raise ValueError("a packet with a document type")

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: inside.pop()
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.Parse(packet, True)
    return values
