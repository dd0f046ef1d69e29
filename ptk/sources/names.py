"""What sources share: which files they take, and what a data set can call them."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from ptk.types import MediaFile, Skipped

__all__ = ["EXPRESSIONS", "PHOTOS", "VIDEOS", "expression_word", "is_media", "named", "shown", "unfit"]

PHOTOS = frozenset(".avif .bmp .gif .heic .heif .jfif .jpe .jpeg .jpg .mpo .png .tif .tiff .webp".split())
"""Suffixes of photos, in lower case."""

VIDEOS = frozenset(".3gp .avi .flv .m2ts .m4v .mkv .mov .mp4 .mpeg .mpg .mts .ogv .webm .wmv".split())
"""Suffixes of videos, in lower case."""

EXPRESSIONS = ("neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise", "smile")
"""The words of ready-made sources: those of the bundled data set, and a smile, which is not always happiness."""

_LONGEST = 200  # bytes; a file name has 255, of which numbers and suffixes need some
_WORD = re.compile(r"([^\W\d_]+(?:[ _-][^\W\d_]+)*)\d{0,2}")  # smile, closed-mouth, smile2; not IMG_1234
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}  # controls, bytes that are no UTF-8, ends of line; not the joiners of Persian


def is_media(path: Path) -> bool:
    """Whether a file is a photo or video, going by its suffix."""
    return path.suffix.lower() in PHOTOS | VIDEOS


def named(place: Path, path: Path, identity: str, photo: str, expression: str = "") -> MediaFile | Skipped:
    """The file `path` of the source `place` under these names, or why a data set cannot have it.

    Names are normalised (NFC): the same name typed on two systems is one person.
    """
    if not is_media(path):
        return Skipped(shown(place, path), "is no photo or video, going by its suffix")
    identity, photo, expression = (unicodedata.normalize("NFC", name) for name in (identity, photo, expression))
    for name in (identity, photo, expression or "unknown"):
        if why := unfit(name):
            return Skipped(shown(place, path), f"its name {why}; rename it")
    return MediaFile(path, identity, photo, expression)


def unfit(name: str) -> str:
    """Why a person or photo cannot be called `name` (it names a file or folder of the data set), "" when it can."""
    if any(unicodedata.category(character) in _UNPRINTABLE for character in name):
        return "has characters that cannot be printed"
    if not name.strip():
        return "is empty"
    if "/" in name or "\\" in name or name in (".", ".."):
        return "holds a path"
    if len(name.encode()) > _LONGEST:
        return f"would be longer than {_LONGEST} bytes in the data set"
    return ""


def expression_word(text: str) -> str:
    """The word in `text`, in lower case, without a number of two digits after it; "" for what is no word."""
    match = _WORD.fullmatch(text)
    return match[1].lower() if match else ""


def shown(place: Path, path: Path) -> str:
    """The path in the source `place`, for people: what cannot be printed is shown as escapes.

    Where `place` is a file, the path is shown as it lies beside that file.
    """
    folders = (folder for folder in (place, place.parent) if path != folder and path.is_relative_to(folder))
    folder = next(folders, None)
    text = (path.relative_to(folder) if folder else path).as_posix()
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
