"""Writing a data set: images as they are made, then everything that lists them."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from ptk.dataset.journal import SKIPPED, SOURCES, Made, Record, write_records
from ptk.dataset.manifest import DATASET, MANIFEST, PHOTO, UNFINISHED, Entry, write_manifest
from ptk.files import write_bytes
from ptk.prepare.messages import Face, Outcome
from ptk.prepare.plan import Plan, path_of
from ptk.types import MediaFile, Skipped

__all__ = ["Writer", "remove_partial_files"]


@dataclass
class Writer:
    """Writes what workers made into `folder` and keeps the records of it."""

    folder: Path
    plan: Plan
    records: dict[str, Record] = field(init=False)
    made: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.records = dict(self.plan.done)

    def write(self, outcome: Outcome) -> Record:
        """Write the images of one file. Returns the record to note when they are there. Raises OSError."""
        started = perf_counter()
        item = self.plan.items[outcome.number]
        key = "" if outcome.passing else item.key
        if outcome.reason:
            record = Record(item.source, key, reason=outcome.reason)
        else:
            known = self.plan.done.get(item.source)
            before = {face.photo: face for face in known.faces} if known else {}
            faces = tuple(self._face(item.media, face, before.get(face.photo)) for face in outcome.faces)
            note = outcome.note or (known.note if known else "")
            media = item.media
            record = Record(item.source, key, media.identity, media.expression, faces, note=note, domain=media.domain)
        self.records[item.source] = record
        for what, seconds in (*outcome.seconds.items(), ("writing", perf_counter() - started)):
            self.seconds[what] = self.seconds.get(what, 0.0) + seconds
        return record

    def ordered(self) -> list[Record]:
        """A record a file, in the order of the plan, of the styles that are wanted only."""
        return [self._wanted(self.records[item.source]) for item in self.plan.items]

    def entries(self) -> list[Entry]:
        """The manifest's entries, without a split where the source says none."""
        return [
            Entry(
                image=path_of(record, domain, face),
                identity=record.identity,
                domain=domain,
                photo=face.photo,
                split=item.media.split,
                landmarks=face.points or None,
                expression=record.expression,
            )
            for item, record in zip(self.plan.items, self.ordered(), strict=True)
            for face in record.faces
            for domain in face.images
        ]

    def finish(
        self, described: Mapping[str, Any], skipped: Iterable[Skipped], entries: Sequence[Entry], stale: Iterable[str]
    ) -> None:
        """Write what lists the images, and remove the images in `stale` that are not among the entries.

        In this order a run that is killed here finds again what is left to do. Raises OutputError or OSError.
        """
        write_bytes(self.folder / DATASET, _json(described, indent=2))
        write_bytes(self.folder / SKIPPED, b"".join(_json(vars(one)) for one in skipped))
        os.sync()  # the images, before what says that they are there
        write_manifest(self.folder, entries)
        for image in set(stale) - {entry.image for entry in entries}:
            (self.folder / image).unlink(missing_ok=True)
            for parent in list(Path(image).parents)[:-1]:
                try:
                    (self.folder / parent).rmdir()
                except OSError:
                    break  # it holds other images
        write_records(self.folder, self.ordered())
        (self.folder / UNFINISHED).unlink(missing_ok=True)

    def _face(self, media: MediaFile, face: Face, before: Made | None) -> Made:
        images = dict(before.images) if before else {}
        styles = dict(before.styles) if before else {}
        for domain, content in face.images.items():
            sha256 = hashlib.sha256(content).hexdigest()
            if images.get(domain) != sha256 or domain != media.domain:  # the photo comes back as it was sent
                self._put(path_of(media, domain, face), content)
            images[domain] = sha256
            if domain in self.plan.styles:
                styles[domain] = self.plan.styles[domain]
        return Made(face.photo, face.points, face.side, images, styles)

    def _put(self, image: str, content: bytes) -> None:
        path = self.folder / image
        if path.exists():
            (self.folder / MANIFEST).unlink(missing_ok=True)  # it lists another image by this name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it may be another data set's, too, by a hard link
        path.write_bytes(content)  # not by another name first: until the journal has its hash, it does not count
        self.made += 1

    def _wanted(self, record: Record) -> Record:
        styles = self.plan.styles if record.domain == PHOTO else {}
        faces = tuple(
            replace(
                face,
                images={domain: face.images[domain] for domain in (record.domain, *styles)},
                styles={domain: face.styles[domain] for domain in styles},
            )
            for face in record.faces
        )
        return replace(record, faces=faces)


def remove_partial_files(folder: Path) -> None:
    """Remove what a run left that was killed while it wrote a list."""
    for name in (DATASET, MANIFEST, SKIPPED, SOURCES):
        for half in folder.glob(f".{name}.*.part"):
            half.unlink(missing_ok=True)


def _json(value: Any, indent: int | None = None) -> bytes:
    return f"{json.dumps(value, indent=indent, default=str, ensure_ascii=False)}\n".encode()
