"""What there is to prepare, what of it is done already, and what is left to do."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

from ptk.dataset.journal import Made, Record, digest, file_digest
from ptk.dataset.manifest import PHOTO
from ptk.errors import DataError
from ptk.prepare.messages import Face, Settings, Task
from ptk.recipe.one_part import DomainUse, PartUse
from ptk.sources.names import VIDEOS, shown
from ptk.types import MediaFile, Skipped

__all__ = ["Item", "Plan", "find_items", "image_path", "make_plan", "path_of", "style_keys"]

_WORK = 1
"""Grows when what is cut or rendered changes, so that older data is made again."""

_LONGEST_NAME = 200  # bytes of a file's name; most systems take 255
_TABLES = {".csv", ".jsonl", ".tsv"}
_FRAME = re.compile(r"(.+)-\d{6}")


@dataclass(frozen=True)
class Item:
    """A file to prepare: `source` is how it is called in reports, unlike any other; `key` its fingerprint."""

    media: MediaFile
    source: str
    key: str = ""


@dataclass(frozen=True)
class Plan:
    """`done` are the records that stand, `styles` the styles' fingerprints, `missing` the ones to render by source."""

    items: tuple[Item, ...]
    done: Mapping[str, Record]
    styles: Mapping[str, str]
    missing: Mapping[str, tuple[str, ...]]

    def tasks(self, folder: Path) -> Iterator[Task]:
        """What is left to do, in order; of what was cut already, the photo images are read from `folder`."""
        for number, item in enumerate(self.items):
            record = self.done.get(item.source)
            if record is None:
                yield Task(number, item.media, missing=tuple(self.styles) if item.media.domain == PHOTO else ())
            elif missing := self.missing.get(item.source):
                cut = [
                    Face(face.photo, face.points, face.side, {PHOTO: _photo(folder, item, face)})
                    for face in record.faces
                ]
                yield Task(number, item.media, cut=tuple(cut), missing=missing)

    @property
    def media(self) -> list[MediaFile]:
        """The files, done or not, with what was read from their names."""
        return [item.media for item in self.items]

    @property
    def left(self) -> int:
        """How many files there is something to do for."""
        return sum(item.source not in self.done or bool(self.missing.get(item.source)) for item in self.items)


def find_items(places: Sequence[Path], source: PartUse | None) -> list[Item | Skipped]:
    """The files at `places`, as the source part finds them: by default a table for .csv and .jsonl, else a tree.

    Raises DataError when a place holds nothing to prepare, PluginError when there is no such source.
    """
    from ptk.recipe.one_part import build_one

    found: list[Item | Skipped] = []
    for place in places:
        use = source or PartUse("table" if place.suffix.lower() in _TABLES and place.is_file() else "tree")
        part = build_one("source", use.name, use.options, {})
        before = f"{place.name}/" if len(places) > 1 and place.is_dir() else ""
        for one in part.find(place):
            if isinstance(one, Skipped):
                found.append(replace(one, path=before + one.path))
            else:
                found.append(Item(one, before + shown(place, one.path)))
    return _distinct(found)


def style_keys(styles: Iterable[DomainUse]) -> dict[str, str]:
    """The fingerprint of each style, by name. Raises DataError when a picture cannot be read."""
    return {
        use.name: digest(_WORK, use.part, {name: _value(use.name, value) for name, value in use.options.items()})
        for use in styles
    }


def make_plan(
    found: Iterable[Item | Skipped],
    records: Iterable[Record],
    folder: Path,
    settings: Settings,
    styles: Mapping[str, str],
) -> Plan:
    """Compare what is wanted (`styles` by `style_keys`) with images and records, the last of each source."""
    known = {record.source: record for record in records}
    items = [one for one in found if isinstance(one, Item)]
    with ThreadPoolExecutor() as threads:  # hashing waits for the disk, or lets others run while it computes
        keyed = tuple(threads.map(lambda item: replace(item, key=_key(item.media, settings)), items))
        standing = dict(
            threads.map(lambda item: (item.source, _standing(item, known.get(item.source), folder, styles)), keyed)
        )
    return Plan(
        items=keyed,
        done={source: known[source] for source, missing in standing.items() if missing is not None},
        styles=styles,
        missing={source: missing for source, missing in standing.items() if missing},
    )


def image_path(domain: str, identity: str, photo: str) -> str:
    """Where an image lies in the data set. Names that no file may have are written as URLs write them.

    Whole pictures, of identity "", have no folder of an identity.
    """
    folder = f"{_file_name(identity)}/" if identity else ""
    return f"images/{domain}/{folder}{_file_name(photo)}.jpg"


def path_of(media: MediaFile | Record, domain: str, face: Face | Made) -> str:
    """Where the image of a face, or of a whole picture, in `domain` lies in the data set."""
    return image_path(domain, media.identity if face.points else "", face.photo)


def _photo(folder: Path, item: Item, face: Made) -> bytes:
    return (folder / path_of(item.media, PHOTO, face)).read_bytes()


def _standing(item: Item, record: Record | None, folder: Path, styles: Mapping[str, str]) -> tuple[str, ...] | None:
    """The styles that are missing of what was made before; None when all of it is to be made."""
    if record is None or not item.key or record.key != item.key:
        return None
    missing: set[str] = set()
    for face in record.faces:
        whole = {name for name, sha in face.images.items() if _is_there(folder, item, face, name, sha)}
        if item.media.domain not in whole:
            return None
        if item.media.domain != PHOTO:
            continue
        missing |= {name for name, key in styles.items() if name not in whole or face.styles.get(name) != key}
    return tuple(name for name in styles if name in missing)


def _is_there(folder: Path, item: Item, face: Made, domain: str, sha256: str) -> bool:
    try:
        return file_digest(folder / path_of(item.media, domain, face)) == sha256
    except OSError:
        return False


def _key(media: MediaFile, settings: Settings) -> str:
    try:
        if not media.path.is_file():  # a pipe would be waited for
            return ""
        content = file_digest(media.path)
    except OSError:
        return ""
    wanted = [settings.size, settings.margin, settings.detector if settings.faces else None]
    if media.path.suffix.lower() in VIDEOS:
        wanted.append(settings.frames)
    return digest(_WORK, content, media.identity, media.photo, media.expression, media.domain, wanted)


def _value(style: str, value: object) -> object:
    if not isinstance(value, Path):
        return value
    try:
        return file_digest(value)
    except OSError as error:
        raise DataError(f"`styles`: {style}: {value}: {(error.strerror or str(error)).lower()}") from error


def _file_name(name: str) -> str:
    safe = "".join(quote(sign, safe="") if sign in '/\\:*?"<>|%' or not sign.isprintable() else sign for sign in name)
    if safe[:1] in (".", " ") or safe[-1:] in (".", " "):
        safe = safe.replace(".", "%2E").replace(" ", "%20")
    encoded = safe.encode()
    if len(encoded) <= _LONGEST_NAME:
        return safe or "%"
    kept = encoded[: _LONGEST_NAME - 9].decode("utf-8", "ignore")
    return f"{kept}-{hashlib.sha256(encoded).hexdigest()[:8]}"


def _distinct(found: Iterable[Item | Skipped]) -> list[Item | Skipped]:
    """The same with sources and photo names that differ: smile.jpg and smile.png become smile and smile-2."""
    found = list(found)
    clips = {
        one.media.photo.casefold() for one in found if isinstance(one, Item) and one.media.path.suffix.lower() in VIDEOS
    }
    photos: set[str] = set()
    sources: set[str] = set()
    result: list[Item | Skipped] = []
    for one in found:
        if isinstance(one, Skipped):
            result.append(one)
        else:
            photo = _unlike(photos, one.media.photo, "-{}", clips)
            result.append(Item(replace(one.media, photo=photo), _unlike(sources, one.source, " ({})")))
    return result


def _unlike(taken: set[str], name: str, numbered: str, clips: Iterable[str] = ()) -> str:
    """`name`, with a number when it is taken already, or could be that of a frame of one of `clips`."""
    candidate, number = name, 1
    while candidate.casefold() in taken or ((frame := _FRAME.fullmatch(candidate.casefold())) and frame[1] in clips):
        number += 1
        candidate = name + numbered.format(number)
    taken.add(candidate.casefold())
    return candidate
