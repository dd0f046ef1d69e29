"""One mend for each kind of problem."""

from __future__ import annotations

import errno
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.curate.check import escape_unprintable
from ptk.curate.errors import Problem, larger_sides, nearest_detection
from ptk.curate.inspect_files import Contents, inspect_image
from ptk.dataset.images import encode
from ptk.dataset.journal import Made
from ptk.dataset.manifest import MANIFEST, PHOTO, Entry
from ptk.dataset.renderings import stylise
from ptk.device import resolve_device
from ptk.errors import DataError, OutputError, PtkError
from ptk.faces.images import read_photo
from ptk.faces.topology import POINTS
from ptk.files import write_bytes
from ptk.recipe.build import build_part
from ptk.recipe.one_part import PartUse

if TYPE_CHECKING:
    import torch

    from ptk.types import Domain

__all__ = ["LISTING", "Repairs"]

LISTING = ("line", "twice", "people")
"""The kinds that are to be mended first: what the lines say must be settled before files are held against them."""

_JPEG = (".jpg", ".jpeg")
_NO_FILE = {errno.EEXIST, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTEMPTY}


@dataclass
class Repairs:
    """Mends problems one by one in `contents`; writes renderings at once, and nothing else.

    `done` tells of every mend. `points` are new landmarks by photo, `made` new hashes by photo and domain.
    """

    contents: Contents
    done: list[str] = field(default_factory=list)
    points: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    made: dict[tuple[str, str], str] = field(default_factory=dict)
    _domains: dict[str, Domain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lines: dict[str, list[int]] = defaultdict(list)
        for number, entry in self.contents.entries.items():
            self._lines[entry.photo].append(number)

    def make(self, problem: Problem) -> None:
        """Mend one problem, unless an earlier mend did. Raises OutputError when a rendering cannot be written."""
        entry = self.contents.entries.get(problem.line)
        if problem.kind == "line":
            del self.contents.damaged[problem.line]
            self._say(problem.line, "", f"dropped: {problem.what}")
        elif entry is not None:
            _REPAIRS[problem.kind](self, problem, entry)

    def update_record(self, face: Made) -> Made:
        """What sources.jsonl is to say of a face now."""
        images = {
            domain: self.made.get((face.photo, domain), sha256)
            for domain, sha256 in (face.images.items() if isinstance(face.images, Mapping) else ())
        }
        return replace(face, points=self.points.get(face.photo, face.points), images=images)

    def twice(self, problem: Problem, _: Entry) -> None:
        """The line goes, the earlier one stays."""
        self._drop(problem.line, problem.what)

    def people(self, _: Problem, entry: Entry) -> None:
        """Two photos of one name get two names; a rendering belongs to whom its photo is of."""
        entries = {number: self.contents.entries[number] for number in self._lines[entry.photo]}
        counts = Counter(one.identity for one in entries.values())
        owners = list(dict.fromkeys(one.identity for one in entries.values() if one.domain == PHOTO))
        owners = owners or [max(counts, key=lambda identity: counts[identity])]
        owner = next(one for one in entries.values() if one.identity == owners[0])
        names: dict[str, str] = {}
        for identity in owners[1:]:
            name, number = f"{entry.photo}-{identity}", 1
            while self._lines.get(name):
                number += 1
                name = f"{entry.photo}-{identity}-{number}"
            names[identity] = name
        for number, one in entries.items():
            if one.identity in names:
                self._change(number, replace(one, photo=names[one.identity]), f"its photo is now {names[one.identity]}")
            elif one.identity != owner.identity:
                self._change(
                    number, replace(one, identity=owner.identity, split=owner.split), f"now of {owner.identity}"
                )

    def file(self, problem: Problem, entry: Entry) -> None:
        """A rendering is made again; a photo cannot be, so its lines go."""
        if entry.domain == PHOTO:
            self._drop_photo(entry.photo, f"{entry.image} {problem.what}")
            return
        failed = self._rendered(entry)
        if failed:
            self._drop(problem.line, f"{problem.what}, and it cannot be made again ({failed})")
        else:
            self._say(problem.line, entry.image, "made again from its photo")

    def landmarks(self, problem: Problem, entry: Entry) -> None:
        """The detector's points for the photo and its renderings; where it finds no face, the lines go."""
        found = nearest_detection(self.contents, entry)
        if found is None and entry.domain == PHOTO:
            self._drop_photo(entry.photo, f"{problem.what}, and {self.contents.detector.name} finds no other face")
        elif found is None:
            self._drop(problem.line, f"{problem.what}, and there is no photo to find them in")
        else:
            points = tuple((round(float(x), 2), round(float(y), 2)) for x, y in found[0])
            self.points[entry.photo] = points
            for number in self._lines[entry.photo]:
                one = self.contents.entries[number]
                self._change(number, replace(one, landmarks=points), f"landmarks now of {self.contents.detector.name}")

    def rendering(self, problem: Problem, entry: Entry) -> None:
        """The landmarks of its photo."""
        photo = self._photo(entry)
        if photo is not None and photo.landmarks != entry.landmarks:
            self._change(problem.line, replace(entry, landmarks=photo.landmarks), "landmarks now of its photo")

    def split(self, _: Problem, entry: Entry) -> None:
        """The whole person to where most of its images are."""
        self._move(entry.identity, larger_sides(self.contents.entries)[entry.identity], "where most of them are")

    def copy(self, problem: Problem, entry: Entry) -> None:
        """The later one goes. Across splits the person to test goes to train first, unless nobody else is to test."""
        other = self.contents.entries.get(problem.other)
        if other is None or other.identity == entry.identity:
            return
        people = {one.identity for one in self.contents.entries.values() if one.split == "test"}
        tested, trained = (entry, other) if entry.split == "test" else (other, entry)
        if entry.split == other.split:
            self._drop_photo(entry.photo, f"{entry.image} {problem.what}")
        elif people - {tested.identity}:
            self._move(tested.identity, "train", f"for {tested.image} shows what {trained.image} shows")
        else:
            why = "the only one left to test with is known by it"
            self._drop_photo(trained.photo, f"{trained.image} shows what {tested.image} shows, and {why}")

    def _move(self, identity: str, side: str, why: str) -> None:
        moved = [
            number for number, one in self.contents.entries.items() if one.identity == identity and one.split != side
        ]
        for number in moved:
            self.contents.entries[number] = replace(self.contents.entries[number], split=side)
        if moved:
            self._say(moved[0], "", f"{identity} is now to {side} with all images, {why}")

    def _rendered(self, entry: Entry) -> str:
        """Make a rendering again. Returns why that cannot be, "" when it is done."""
        photo = self._photo(entry)
        path = self.contents.folder / entry.image
        if photo is None or self.contents.look(photo).state != "whole":
            return "its photo is not there"
        if path.suffix.lower() not in _JPEG or photo.image == entry.image:
            return "renderings are JPEG files of their own"
        try:
            pixels = read_photo(self.contents.folder / photo.image).pixels
            where = (np.full((POINTS, 2), np.nan) if photo.anatomy is None else photo.anatomy)[None] / len(pixels)
            content = encode(stylise(pixels[None], where, self._domain(entry.domain), self._device)[0])
        except PtkError as error:
            return str(error)
        failed = _put(path, content)
        if not failed:
            look = inspect_image(self.contents.folder, entry.image, self.contents.description.margin, None)
            self.contents.looks[entry.image] = look
            self.made[entry.photo, entry.domain] = look.sha256
            if (entry.photo, entry.domain) in self.contents.hashes:
                self.contents.hashes[entry.photo, entry.domain] = look.sha256
        return failed

    @cached_property
    def _device(self) -> torch.device:
        return resolve_device("auto")

    def _domain(self, name: str) -> Domain:
        if name not in self._domains:
            said = next((one for one in self.contents.description.domains if one["name"] == name), None)
            if said is None:
                raise DataError(f"dataset.json does not say how {name} is made")
            part, options = said.get("part", name), said.get("options", {})
            if not isinstance(part, str) or not isinstance(options, dict):
                raise DataError(f"dataset.json does not say in a way that ptk reads how {name} is made")
            domain: Domain = build_part("domain", PartUse(part, options), {})
            if domain.stylise is None or (domain.needs_face and not self.contents.description.faces):
                raise DataError(f"{name} cannot be made from photos")
            self._domains[name] = domain
        return self._domains[name]

    def _photo(self, entry: Entry) -> Entry | None:
        entries = (self.contents.entries[number] for number in self._lines[entry.photo])
        return next((one for one in entries if one.domain == PHOTO), None)

    def _change(self, number: int, entry: Entry, what: str) -> None:
        before = self.contents.entries[number]
        self.contents.entries[number] = entry
        if before.photo != entry.photo:
            self._lines[before.photo].remove(number)
            self._lines[entry.photo].append(number)
        self._say(number, entry.image, what)

    def _drop(self, number: int, why: str) -> None:
        entry = self.contents.entries.pop(number)
        self._lines[entry.photo].remove(number)
        self._say(number, entry.image, f"dropped: {why}")

    def _drop_photo(self, photo: str, why: str) -> None:
        for number in list(self._lines[photo]):
            self._drop(number, why)

    def _say(self, number: int, image: str, what: str) -> None:
        place = f"{self.contents.folder / MANIFEST}:{number}"
        self.done.append(escape_unprintable(f"{place}: {image}: {what}" if image else f"{place}: {what}"))


_REPAIRS: Mapping[str, Callable[[Repairs, Problem, Entry], None]] = {
    "twice": Repairs.twice,
    "people": Repairs.people,
    "missing": Repairs.file,
    "damaged": Repairs.file,
    "changed": Repairs.file,
    "size": Repairs.file,
    "landmarks": Repairs.landmarks,
    "rendering": Repairs.rendering,
    "split": Repairs.split,
    "copy": Repairs.copy,
}


def _put(path: Path, content: bytes) -> str:
    """Write a file. Returns why none can lie there, "" when it does. Raises OutputError when the disk will not."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
    except (OSError, OutputError) as error:
        cause = error.__cause__ if isinstance(error, OutputError) else error
        if isinstance(cause, OSError) and cause.errno in _NO_FILE:
            return "no file can lie there"
        if isinstance(error, OutputError):
            raise
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{path}: cannot be written ({reason}); the manifest is as it was, free space") from error
    return ""
