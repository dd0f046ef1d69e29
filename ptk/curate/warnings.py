"""What is odd about a data set, but wrong only if its owner thinks so."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from ptk.curate.errors import Problem, nearest_detection
from ptk.curate.inspect_files import Contents
from ptk.dataset.manifest import PHOTO
from ptk.faces.images import SUFFIXES

__all__ = ["find_warnings"]


def find_warnings(contents: Contents) -> list[Problem]:
    """What a person should look at; `fix` mends none of it."""
    return [remark for rule in (_notes, _faceless, _same, _fewer, _sides, _unlisted) for remark in rule(contents)]


def _remark(kind: str, what: str, mend: str, line: int = 0, image: str = "", other: int = 0) -> Problem:
    return Problem(kind, what, mend, line, image, other, fixable=False)


def _notes(contents: Contents) -> Iterator[Problem]:
    if contents.unfinished:
        yield _remark("unfinished", "`prepare` was interrupted or is at work", "run it again to its end")
    if contents.detector.note:
        yield _remark("detector", contents.detector.note, "name another with `detector`")


def _faceless(contents: Contents) -> Iterator[Problem]:
    name = contents.detector.name
    for number, entry in contents.entries.items():
        look = contents.look(entry)
        if look.faces is not None and nearest_detection(contents, entry) is None:
            what = f"{name} finds no face in it" + (" where `prepare` puts one" if look.faces else "")
            yield _remark("faceless", what, "look at it", number, entry.image)


def _same(contents: Contents) -> Iterator[Problem]:
    """One person's photos that are one file; those of two people are copies, which are problems. Without faces any."""
    first: dict[tuple[str, str], int] = {}
    faces = contents.description.faces
    for number, entry in contents.entries.items():
        look = contents.look(entry)
        if look.state == "whole" and (entry.domain == PHOTO or not faces):
            other = first.setdefault((entry.identity if faces else "", look.sha256), number)
            before = contents.entries[other]
            if before.image != entry.image:
                apart = f": a test would show what training saw ({before.split}, {entry.split})"
                why = ": a pair of them says nothing" if faces else apart if before.split != entry.split else ""
                what = f"is the same file as {before.image} in line {other}{why}"
                yield _remark("same", what, "take one of them out of the source", number, entry.image, other)


def _fewer(contents: Contents) -> Iterator[Problem]:
    photos: dict[str, set[str]] = defaultdict(set)
    for entry in contents.entries.values():
        photos[entry.domain].add(entry.photo)
    for domain, rendered in photos.items():
        missing = photos.get(PHOTO, set()) - rendered
        if missing and missing != photos[PHOTO]:  # none at all: its images are real ones, not renderings
            what = (
                f"{len(missing)} of {len(photos[PHOTO])} photos are not in the domain {domain}, such as {min(missing)}"
            )
            yield _remark("fewer", what, "`prepare` renders them, or `train` when it starts")


def _sides(contents: Contents) -> Iterator[Problem]:
    sides = {entry.split for entry in contents.entries.values()}
    who = "nobody" if contents.description.faces else "no picture"
    more = "prepare more people" if contents.description.faces else "prepare more pictures"
    for side, purpose in (("train", "to train on"), ("test", "to test with")):
        if side not in sides:
            yield _remark("split", f"there is {who} {purpose}", f"{more}, or set some lines' split")


def _unlisted(contents: Contents) -> Iterator[Problem]:
    listed = {Path(entry.image) for entry in contents.entries.values()}
    for place, folders, files in os.walk(contents.folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = Path(place).relative_to(contents.folder)
        extra = sorted(
            name
            for name in files
            if Path(name).suffix.lower() in SUFFIXES and not name.startswith(".") and inside / name not in listed
        )
        if extra:
            others = f" and {len(extra) - 1} more here" if len(extra) > 1 else ""
            what = f"is in the folder, but in no line of the manifest{others}"
            yield _remark("unlisted", what, "remove it, or prepare the data again", image=str(inside / extra[0]))
