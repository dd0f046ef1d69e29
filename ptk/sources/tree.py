"""Folders of one's own: identity/expression.jpg, or identity_expression.jpg."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ptk.errors import DataError
from ptk.types import MediaFile, Skipped

__all__ = ["Tree"]

_PHOTOS = {".avif", ".bmp", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp"}
_EXPRESSION = re.compile(r"([^\W\d_]+(?:[ _-][^\W\d_]+)*)\d{0,2}")  # smile, closed-mouth, smile2; not IMG_1234


class Tree:
    """A tree ``identity/expression.jpg``, or files ``identity_expression.jpg``: the last underscore counts.

    A file's name without one is the identity. Hidden files are passed over, whatever else lies there is listed.
    """

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The photos in the folder `place`, sorted. Raises DataError when it cannot be read or holds none."""
        found: list[MediaFile | Skipped] = []
        try:
            for path in sorted(place.iterdir()):
                if path.name.startswith("."):
                    continue
                found.extend(_person(place, path) if path.is_dir() else [_file(place, path, _flat(path))])
        except NotADirectoryError:
            raise DataError(f"{place}: is not a folder; give one with a photo or more of each person") from None
        except OSError as error:
            raise DataError(f"{place}: cannot be read ({(error.strerror or str(error)).lower()})") from error
        if not any(isinstance(one, MediaFile) for one in found):
            raise DataError(f"{place}: no photos here; they lie as identity/expression.jpg or identity_expression.jpg")
        return found


def _person(place: Path, person: Path) -> Iterator[MediaFile | Skipped]:
    try:
        paths = sorted(person.iterdir())
    except OSError as error:
        yield Skipped(_shown(place, person), f"cannot be read ({(error.strerror or str(error)).lower()})")
        return
    for path in paths:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield Skipped(_shown(place, path), "is a folder in a person's folder; photos lie one level down")
            continue
        stem = path.stem.removeprefix(f"{person.name}_")
        yield _file(place, path, MediaFile(path, person.name, f"{person.name}_{stem}", _expression(stem)))


def _flat(path: Path) -> MediaFile:
    identity, underscore, expression = path.stem.rpartition("_")
    if not underscore or not identity:
        return MediaFile(path, path.stem, path.stem)
    return MediaFile(path, identity, path.stem, _expression(expression))


def _file(place: Path, path: Path, named: MediaFile) -> MediaFile | Skipped:
    if path.suffix.lower() not in _PHOTOS:
        return Skipped(_shown(place, path), "is no photo, going by its suffix")
    if not named.photo.isprintable():  # bytes that are no UTF-8, line breaks: a manifest cannot hold them
        return Skipped(_shown(place, path), "its name has characters that cannot be printed; rename it")
    return named


def _expression(word: str) -> str:
    match = _EXPRESSION.fullmatch(word)
    return match[1].lower() if match else ""


def _shown(folder: Path, path: Path) -> str:
    """The path in the folder; what is no UTF-8 in it is shown as escapes."""
    return str(path.relative_to(folder)).encode("utf-8", "backslashreplace").decode()
