"""What a photo says about itself: which EXIF may travel on, and the XMP packet that says how a result was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

from PIL import ExifTags, Image

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["COMPOSITE_WITH_TRAINED_MODEL", "kept_exif", "read_orientation", "xmp_packet"]

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


def kept_exif(image: Image.Image) -> bytes | None:
    """The EXIF of `image` that may travel on: upright, without place, thumbnail and maker note; None for none.

    Only a list of known tags is kept, so that whatever else a camera wrote stays behind. Damaged EXIF gives None.
    """
    try:
        exif = image.getexif()
        base = _only(exif, _BASE_TAGS)
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


def xmp_packet(digital_source_type: str, tool: str) -> bytes:
    """An XMP packet with Iptc4xmpExt:DigitalSourceType and the name of the `tool` that made the file."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about=""'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
        f" xmp:CreatorTool={quoteattr(tool)}"
        f" Iptc4xmpExt:DigitalSourceType={quoteattr(digital_source_type)}/>"
        "</rdf:RDF></x:xmpmeta>"
        '<?xpacket end="w"?>'
    ).encode()


def _only(exif: Mapping[int, Any], tags: Iterable[int]) -> dict[int, Any]:
    return {int(tag): exif[tag] for tag in tags if tag in exif}
