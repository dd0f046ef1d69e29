"""Folders of people at several ages, as `ptk-aging` writes them and as one's own albums can be sorted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import ptk

__all__ = ["AGES", "Ages"]

AGES = ("photo", "young", "old")
"""The domains that a folder or file can be named after."""

_PHOTOS = frozenset(".avif .bmp .heic .heif .jpeg .jpg .png .tif .tiff .webp".split())
_WORD = r"[^\W\d_]+(?:[- ][^\W\d_]+)*"
_AGE = re.compile(rf"({'|'.join(AGES)})(?:_({_WORD}))?(?:_\d{{1,2}})?", re.IGNORECASE)  # old, old_smile, old_smile_2
_PERSON = re.compile(rf"(.*?[^_\d]\d{{0,2}})(?:_({_WORD}))?(?:_\d{{1,2}})?", re.DOTALL)  # ann, ann_smile, p07_smile_2
_LAYOUT = "photos lie as ann/young.jpg, ann/old_smile.jpg, or young/ann.jpg, old/ann_smile.jpg"
_LONGEST = 80  # bytes of a person's or file's name; together they name a photo, in at most 200


class Ages:
    """A tree ``person/age.jpg``, or ``age/person.jpg``; age is photo, young or old, "photo" being any other.

    An expression may follow, and a number of one or two digits: ``ann/old_smile_2.jpg``, ``old/ann_smile_2.jpg``.
    Hidden files are passed over; whatever else lies there is listed with the reason why it is not taken.
    """

    def find(self, place: Path) -> list[ptk.MediaFile | ptk.Skipped]:
        """The photos in the folder `place`, or that file itself, by path.

        Raises DataError when it cannot be read, or is a folder that holds none.
        """
        try:
            found = list(_files(place))
        except OSError as error:
            raise ptk.DataError(f"{place}: cannot be read ({(error.strerror or str(error)).lower()})") from error
        if place.is_dir() and not any(isinstance(one, ptk.MediaFile) for one in found):
            raise ptk.DataError(f"{place}: no photos of people at several ages here; {_LAYOUT}")
        return found


def _files(place: Path) -> Iterator[ptk.MediaFile | ptk.Skipped]:
    if not place.is_dir():
        place.stat()
        yield _told(place.parent, place)
        return
    for path in _inside(place):
        if not path.is_dir():
            yield ptk.Skipped(_shown(path.name), f"lies in nobody's folder; {_LAYOUT}")
        elif path.is_symlink() and _meets(path.resolve(), place.resolve()):
            yield ptk.Skipped(_shown(path.name), "is a link to a folder that is searched anyway, or to one above")
        else:
            yield from _folder(path)


def _folder(folder: Path) -> Iterator[ptk.MediaFile | ptk.Skipped]:
    try:
        paths = _inside(folder)
    except OSError as error:
        yield ptk.Skipped(_shown(folder.name), f"cannot be read ({(error.strerror or str(error)).lower()})")
        return
    for path in paths:
        if path.is_dir():
            yield ptk.Skipped(_shown(f"{folder.name}/{path.name}"), f"is a folder two levels down; {_LAYOUT}")
        else:
            yield _told(folder, path)


def _told(folder: Path, path: Path) -> ptk.MediaFile | ptk.Skipped:
    """The photo `path` of `folder`, by both their names, or why it is none."""
    first, last = (unicodedata.normalize("NFC", name) for name in (folder.name, path.stem))
    names = _unusable(path) or _unfit(first) or _unfit(last) or _names(first, last)
    if isinstance(names, str):
        return ptk.Skipped(_shown(f"{folder.name}/{path.name}"), names)
    person, photo, expression, age = names
    return ptk.MediaFile(path, person, photo, expression, age)


def _names(folder: str, stem: str) -> tuple[str, str, str, str] | str:
    """Person, photo, expression and age of a photo named `stem` in `folder`, or why they cannot be told."""
    by_file, by_folder = _AGE.fullmatch(stem), folder.lower() in AGES
    if by_file and by_folder:
        return f"can be read in two ways; call nobody {by_file[1]}"
    if by_file:
        return folder, f"{folder}_{stem}", (by_file[2] or "").lower(), by_file[1].lower()
    if not by_folder:
        return f"is named after no age; {_LAYOUT}"
    match = _PERSON.fullmatch(stem)
    if not match:
        return "is named after nobody (a camera's number?); name it like ann.jpg or ann_smile_2.jpg"
    age = folder.lower()
    rest = stem[len(match[1]) :]
    return match[1], f"{match[1]}_{age}{rest}", (match[2] or "").lower(), age


def _inside(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _meets(there: Path, here: Path) -> bool:
    return there.is_relative_to(here) or here.is_relative_to(there)


def _unusable(path: Path) -> str:
    if path.suffix.lower() not in _PHOTOS:
        return "is no photo, going by its suffix"
    return "" if path.is_file() else "is no file that can be read"


def _unfit(name: str) -> str:
    """Why a data set cannot have a person or photo of this name, "" when it can."""
    if not name.isprintable():
        return "its name has characters that cannot be printed; rename it"
    if "\\" in name or not name.strip(" ."):
        return "its name holds a path; rename it"
    return f"its name is longer than {_LONGEST} bytes; rename it" if len(name.encode()) > _LONGEST else ""


def _shown(path: str) -> str:
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in path)
