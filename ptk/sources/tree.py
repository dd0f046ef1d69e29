"""Folders of one's own: identity/expression.jpg, identity_expression.jpg, and videos in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ptk.sources.names import EXPRESSIONS, VIDEOS, expression_word, named, shown
from ptk.sources.walk import complete, entries
from ptk.types import MediaFile, Skipped

__all__ = ["Tree"]

_COUNTER = re.compile(r"\d.*|.*\d{3}.*", re.DOTALL)  # 1234, 20240131, E1234, 1234-edited; not smile2


class Tree:
    """A tree ``identity/expression.jpg``, or files ``identity_expression.jpg``: the last underscore counts.

    Videos lie as ``identity.mp4``, ``identity_clip.mp4`` or ``identity/clip.mp4``; their expression is not known. A
    file whose name has no underscore, or a number after the last (``IMG_1234.jpg``, ``ann_1.jpg``), is an identity of
    its own: one camera shows many people, and people taken for one would teach a network to swap them. Hidden files
    are passed over, whatever else lies there is listed.
    """

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The photos and videos in the folder `place`, or that file itself, by path.

        Raises DataError when it cannot be read, or is a folder that holds none.
        """
        missing = "no photos or videos here; they lie as identity/expression.jpg or identity_expression.jpg"
        media: list[MediaFile | Skipped] = []
        for entry in entries(place, place):
            if isinstance(entry, Skipped):
                media.append(entry)
            elif entry[1]:
                media += _person(place, entry[0])
            else:
                media.append(named(place, entry[0], *_flat(entry[0])))
        return complete(place, media, missing)


def _person(place: Path, person: Path) -> Iterator[MediaFile | Skipped]:
    for entry in entries(place, person):
        if isinstance(entry, Skipped):
            yield entry
            continue
        path, is_folder = entry
        if is_folder:
            why = "is a folder in a person's folder; files lie one level down, `pattern` tells another way"
            yield Skipped(shown(place, path), why)
            continue
        stem = path.stem.removeprefix(f"{person.name}_")
        yield named(place, path, person.name, f"{person.name}_{stem}", _expression(path, stem))


def _flat(path: Path) -> tuple[str, str, str]:
    """Identity, photo and expression, from a file's name alone."""
    stem = path.stem
    identity, _, last = stem.rpartition("_")
    if identity and last.isdecimal() and identity.lower().endswith(tuple(f"_{word}" for word in EXPRESSIONS)):
        identity, _, last = identity.rpartition("_")  # ann_smile_2
    if not identity or _COUNTER.fullmatch(last):
        return stem, stem, ""
    return identity, stem, _expression(path, last)


def _expression(path: Path, text: str) -> str:
    return "" if path.suffix.lower() in VIDEOS else expression_word(text)
