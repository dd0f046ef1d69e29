"""Which photos a folder holds, and who they show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ptk.errors import DataError

__all__ = ["Skipped", "Source", "find_sources"]

_PHOTOS = {".avif", ".bmp", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp"}
_EXPRESSION = re.compile(r"([^\W\d_]+(?:[ _-][^\W\d_]+)*)\d{0,2}")  # smile, closed-mouth, smile2; not IMG_1234


@dataclass(frozen=True)
class Source:
    """A photo to prepare: `photo` is its name in the data set, unlike any other; `expression` is "" when unknown."""

    path: Path
    identity: str
    photo: str
    expression: str


@dataclass(frozen=True)
class Skipped:
    """A file that is not in the data set, by its path in the source folder, and why."""

    path: str
    reason: str


def find_sources(folder: Path) -> tuple[list[Source], list[Skipped]]:
    """The photos in `folder`, by identity and name, and whatever else lies there; hidden files are passed over.

    Either a tree ``identity/expression.jpg`` or files ``identity_expression.jpg`` (the last underscore counts; without
    one the whole name is the identity). Raises DataError when the folder cannot be read or holds no photo.
    """
    found: list[Source] = []
    skipped: list[Skipped] = []
    try:
        for path in sorted(folder.iterdir()):
            if path.name.startswith("."):
                continue
            if path.is_dir():
                _person(folder, path, found, skipped)
            else:
                _file(folder, path, _flat(path), found, skipped)
    except NotADirectoryError:
        raise DataError(f"{folder}: is not a folder; give one with a photo or more of each person") from None
    except OSError as error:
        raise DataError(f"{folder}: cannot be read ({(error.strerror or str(error)).lower()})") from error
    if not found:
        raise DataError(f"{folder}: no photos here; they lie as identity/expression.jpg or identity_expression.jpg")
    return _distinct(found), skipped


def _person(folder: Path, person: Path, found: list[Source], skipped: list[Skipped]) -> None:
    try:
        paths = sorted(person.iterdir())
    except OSError as error:
        skipped.append(Skipped(_shown(folder, person), f"cannot be read ({(error.strerror or str(error)).lower()})"))
        return
    for path in paths:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            skipped.append(Skipped(_shown(folder, path), "is a folder in a person's folder; photos lie one level down"))
            continue
        stem = path.stem.removeprefix(f"{person.name}_")
        named = Source(path, person.name, f"{person.name}_{stem}", _expression(stem))
        _file(folder, path, named, found, skipped)


def _flat(path: Path) -> Source:
    identity, underscore, expression = path.stem.rpartition("_")
    if not underscore or not identity:
        return Source(path, path.stem, path.stem, "")
    return Source(path, identity, path.stem, _expression(expression))


def _file(folder: Path, path: Path, source: Source, found: list[Source], skipped: list[Skipped]) -> None:
    if path.suffix.lower() not in _PHOTOS:
        skipped.append(Skipped(_shown(folder, path), "is no photo, going by its suffix"))
    elif not source.photo.isprintable():  # bytes that are no UTF-8, line breaks: a manifest cannot hold them
        skipped.append(Skipped(_shown(folder, path), "its name has characters that cannot be printed; rename it"))
    else:
        found.append(source)


def _expression(word: str) -> str:
    match = _EXPRESSION.fullmatch(word)
    return match[1].lower() if match else ""


def _shown(folder: Path, path: Path) -> str:
    """The path in the folder; what is no UTF-8 in it is shown as escapes."""
    return str(path.relative_to(folder)).encode("utf-8", "backslashreplace").decode()


def _distinct(sources: Iterable[Source]) -> list[Source]:
    """The same sources with `photo` names that differ: smile.jpg and smile.png of one person become smile, smile-2."""
    taken: set[str] = set()
    result = []
    for source in sources:
        name, number = source.photo, 1
        while name.casefold() in taken:
            number += 1
            name = f"{source.photo}-{number}"
        taken.add(name.casefold())
        result.append(replace(source, photo=name))
    return result
