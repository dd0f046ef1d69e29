"""A folder a domain: horse/ and zebra/, or trainA/, trainB/, testA/ and testB/ as CycleGAN's data sets have them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ptk.sources.names import VIDEOS, named, shown
from ptk.sources.walk import complete, entries, files
from ptk.types import MediaFile, Skipped

__all__ = ["Folders"]

_SIDES = {"train": "train", "test": "test", "val": "test", "valid": "test", "validation": "test"}
_PUBLISHED = re.compile(r"(train|test|val)_?(\w[\w.-]*)")
_DOMAIN = re.compile(r"\w[\w.-]*")
_MISSING = "no pictures here; each domain has a folder of its own, such as horse/1.jpg, or trainA/1.jpg and testA/1.jpg"


@dataclass(frozen=True)
class _Folder:
    """A folder of pictures of one `domain`, for one `side` of the split where that is said."""

    path: Path
    domain: str
    side: str


class Folders:
    """Pictures in a folder for each domain, ``horse/1.jpg`` and ``zebra/1.jpg``; folders inside of these are searched.

    Where all folders are called as in CycleGAN's data sets, ``trainA``, ``trainB``, ``testA``, ``testB``, or lie in two
    called ``train`` and ``test``, that is the split (val counts as test); else ptk prepare makes one. Every picture is
    an identity of its own.

    Source: how CycleGAN's data sets (Zhu et al. 2017), and StarGAN's (Choi et al. 2018), are laid out.
    """

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The pictures in the folders of `place`, by path. Raises DataError when it cannot be read, or holds none."""
        return complete(place, _distinct(_find_pictures(place)), _MISSING)


def _find_pictures(place: Path) -> Iterator[MediaFile | Skipped]:
    folders = []
    for entry in entries(place, place):
        if isinstance(entry, Skipped):
            yield entry
        elif entry[1]:
            folders.append(entry[0])
        else:
            yield Skipped(shown(place, entry[0]), "lies in no folder of a domain; move it into one")
    for folder in _by_domain(folders):
        if isinstance(folder, Path):
            yield Skipped(shown(place, folder), "is no name of a domain; rename it with letters, digits, _, - and .")
            continue
        for path in files(folder.path):
            if isinstance(path, Skipped):
                yield path
            elif path.suffix.lower() in VIDEOS:
                yield Skipped(shown(place, path), "is a video; take pictures out of it first")
            else:
                inside = "_".join(path.relative_to(folder.path).with_suffix("").parts)
                name = "_".join(part for part in (folder.side, folder.domain, inside) if part)
                media = named(place, path, name, name)
                yield media if isinstance(media, Skipped) else replace(media, domain=folder.domain, split=folder.side)


def _by_domain(folders: list[Path]) -> Iterator[_Folder | Path]:
    """The folders with the domain and split that their names say; those that say none as they are."""
    names = {folder.name.lower() for folder in folders}
    if names and names <= _SIDES.keys():
        for side in folders:
            for folder in (each for each in sorted(side.iterdir()) if each.is_dir() and not each.name.startswith(".")):
                yield _Folder(folder, folder.name, _SIDES[side.name.lower()]) if _is_domain(folder.name) else folder
        return
    published = {folder: _PUBLISHED.fullmatch(folder.name) for folder in folders}
    told = [match for match in published.values() if match]
    if folders and len(told) == len(folders) and any(match[1] == "train" for match in told):
        yield from (_Folder(folder, match[2], _SIDES[match[1]]) for folder, match in published.items() if match)
        return
    yield from (_Folder(folder, folder.name, "") if _is_domain(folder.name) else folder for folder in folders)


def _is_domain(name: str) -> bool:
    return _DOMAIN.fullmatch(name) is not None


def _distinct(found: Iterator[MediaFile | Skipped]) -> Iterator[MediaFile | Skipped]:
    """The same with a number after names that come again, as those of 1.jpg and 1.png do."""
    taken: set[str] = set()
    for one in found:
        if isinstance(one, MediaFile):
            name, number = one.photo, 1
            while name.casefold() in taken:
                number += 1
                name = f"{one.photo}-{number}"
            taken.add(name.casefold())
            yield replace(one, identity=name, photo=name)
        else:
            yield one
