"""Several data sets -> one: The people of different sets are different people."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ptk
from ptk.dataset.journal import SKIPPED, read_records, write_records
from ptk.dataset.manifest import (
    DATASET,
    UNFINISHED,
    Description,
    Entry,
    read_description,
    read_manifest,
    stored_size,
    write_manifest,
)
from ptk.dataset.renderings import Progress
from ptk.errors import DataError, OutputError
from ptk.files import replacing_folder
from ptk.plain import parse_json
from ptk.recipe.schema import IMAGES

__all__ = ["join"]

_APART: Mapping[str, Callable[[Entry], str]] = {
    "person": lambda entry: entry.identity,
    "photo": lambda entry: entry.photo,
    "image": lambda entry: str(Path(entry.image)).casefold(),  # some systems take Ann.jpg and ann.jpg for one file
}
"""What no two sets may share."""

_REAL = f"is made by {IMAGES}"

_RENAME = (
    "if these are two people, rename one where `prepare` takes the name from (a folder, a file, a table's identity) "
    "and prepare that set again; if they are one, prepare both sources together"
)


@dataclass(frozen=True)
class _Set:
    """A set to join; `name` is unlike that of any other and tells their sources apart."""

    folder: Path
    name: str
    description: Description
    entries: tuple[Entry, ...]


def join(
    folders: Sequence[Path], out: Path, *, all_train: Sequence[Path] = (), progress: Progress = lambda *_: None
) -> list[Entry]:
    """Make one data set of those in `folders`, in the new folder `out`, whole or not at all. Returns its entries.

    Everybody stays on their side of the split, but for the people of `all_train`, some of the folders: all of them are
    trained on. Images are hard links where the disk has them, else copies.

    Raises DataError when a set cannot be read, or they were made differently or share a person, a photo or an image;
    OutputError when `out` is there already or cannot be written.
    """
    places = [folder.resolve() for folder in folders]
    if len(set(places)) < max(2, len(places)):
        raise DataError(f"{', '.join(map(str, folders))}: these are not two sets or more; name different folders")
    for folder in all_train:
        if folder.resolve() not in places:
            raise DataError(f"`all_train` {folder}: is none of the sets to join; name one of them")
    _check_out(folders, out)
    sets = _read(folders)
    for other in sets[1:]:
        _check_alike(sets[0], other)
    _check_apart(sets)
    records = []
    for one in sets:
        photos = {entry.photo for entry in one.entries}  # one that is not listed could have the name of another set's
        for record in read_records(one.folder):
            faces = tuple(face for face in record.faces if isinstance(face.photo, str) and face.photo in photos)
            if faces or record.reason:
                records.append(replace(record, source=f"{one.name}/{record.source}", faces=faces))
    skipped = [line for one in sets for line in _skipped(one)]
    trained = {folder.resolve() for folder in all_train}
    entries = [
        replace(entry, split="train") if place in trained else entry
        for place, one in zip(places, sets, strict=True)
        for entry in one.entries
    ]
    with replacing_folder(out) as folder:
        _link_images(sets, folder, progress)
        (folder / DATASET).write_bytes(_json(_described(sets), indent=2))
        (folder / SKIPPED).write_bytes(b"".join(map(_json, skipped)))
        if records:
            write_records(folder, records)
        write_manifest(folder, entries)
    return entries


def _check_out(folders: Sequence[Path], out: Path) -> None:
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise OutputError(f"{out}: is there already; name a new folder with `out`")
    for folder in folders:
        if out.resolve().is_relative_to(folder.resolve()):
            raise OutputError(f"{out}: lies in a set to join; name a folder outside of {folder}")


def _read(folders: Sequence[Path]) -> list[_Set]:
    sets: list[_Set] = []
    for folder in folders:
        if (folder / UNFINISHED).exists():
            raise DataError(f"{folder}: `prepare` was interrupted or is at work here; run it to its end first")
        entries, name, number = tuple(read_manifest(folder)), folder.resolve().name, 1
        while name in [one.name for one in sets]:
            number += 1
            name = f"{folder.resolve().name} ({number})"
        sets.append(_Set(folder, name, read_description(folder), entries))
        for entry in entries:
            if not (folder / entry.image).is_file():
                raise DataError(f"{folder / entry.image}: is missing; `check` tells what is wrong with {folder}")
    return sets


def _check_alike(first: _Set, other: _Set) -> None:
    """Raise DataError when two sets were not made in the same way."""
    one, two = first.description, other.description
    if one.faces != two.faces:
        without, with_faces = (first, other) if two.faces else (other, first)
        said = f"{without.folder} was prepared without faces, {with_faces.folder} with them"
        raise DataError(f"{said}; prepare one of them again as the other")
    ways = (
        ("the margin is", "margin", one.margin, two.margin),
        ("the side of an image in pixels is", "size", _side(one), _side(two)),
        ("the detector is", "detector", one.detector, two.detector),
    )
    for what, name, mine, theirs in ways:
        if mine != theirs:
            said = f"{what} {theirs}, in {first.folder} it is {mine}"
            raise DataError(f"{other.folder}: {said}; make one again by `prepare`, with the `{name}` of the other")
    domains, others = _domains(first), _domains(other)
    for name in domains | others:
        made, otherwise = (those.get(name, "is not there") for those in (domains, others))
        if not one.faces and _REAL in (made, otherwise) and not (name in domains and name in others):
            continue  # a folder more: horses in one set, zebras in the other
        if made != otherwise:
            said = f"the domain {name} {otherwise}, in {first.folder} it {made}"
            raise DataError(f"{other.folder}: {said}; make one again by `prepare`, with the `styles` of the other")


def _side(description: Description) -> int | str:
    return stored_size(description.size, description.margin) if description.size else "unknown"


def _domains(one: _Set) -> dict[str, str]:
    """How each domain of a set is made, in words, by name."""
    listed = {entry.domain: "is made nobody knows how" for entry in one.entries}
    described = {
        str(said["name"]): f"is made by {said.get('part', said['name'])}"
        + (f" with {json.dumps(said['options'], sort_keys=True)}" if said.get("options") else "")
        for said in one.description.domains
    }
    return listed | described


def _check_apart(sets: Sequence[_Set]) -> None:
    """Raise DataError when two sets have a name in common."""
    for kind, name in _APART.items():
        owners: dict[str, _Set] = {}
        for one in sets:
            names = {name(entry): entry for entry in one.entries}
            shared = [found for found in names if found in owners]
            if shared:
                first = names[shared[0]].image if kind == "image" else shared[0]
                more = f" and {len(shared) - 1} more are" if len(shared) > 1 else " is"
                place = owners[shared[0]].folder
                raise DataError(f"{one.folder}: the {kind} {first}{more} in {place}, too; {_RENAME}")
            owners |= dict.fromkeys(names, one)


def _skipped(one: _Set) -> Iterator[dict[str, Any]]:
    """The lines of skipped.jsonl, which people read and ptk does not: what is no such line is passed over."""
    path = one.folder / SKIPPED
    try:
        lines = path.read_bytes().split(b"\n") if path.exists() else []
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error}); make it readable or remove it") from error
    for line in lines:
        try:
            said = parse_json(line)
            yield {**said, "path": f"{one.name}/{said['path']}"}
        except (ValueError, KeyError, TypeError):
            continue


def _link_images(sets: Sequence[_Set], folder: Path, progress: Progress) -> None:
    images = list(dict.fromkeys((one.folder, Path(entry.image)) for one in sets for entry in one.entries))
    for number, (place, image) in enumerate(images, 1):
        target = folder / image
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link((place / image).resolve(), target)  # resolved: a link to a symbolic link would lead astray
        except OSError:
            try:
                content = (place / image).read_bytes()
            except OSError as error:
                raise DataError(f"{place / image}: cannot be read ({error}); make it readable") from error
            with target.open("xb") as file:  # never into a file that is there: it may be a link to another set's image
                file.write(content)
        progress("joining", number, len(images))


def _described(sets: Sequence[_Set]) -> dict[str, Any]:
    """What dataset.json says. No share and seed give the split of the whole, so it tells none; nothing reads it."""
    first = sets[0].description
    licences = dict.fromkeys(licence for one in sets for licence in one.description.licence.split("; "))
    return {
        "ptk": ptk.__version__,
        "size": first.size,
        "margin": first.margin,
        "detector": first.detector,
        **({} if first.faces else {"faces": False}),
        "domains": list({said["name"]: said for one in sets for said in one.description.domains}.values()),
        "licence": "; ".join(licences),
    }


def _json(value: Any, indent: int | None = None) -> bytes:
    return f"{json.dumps(value, indent=indent, ensure_ascii=False)}\n".encode()
