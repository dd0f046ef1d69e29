"""What `prepare` has done, file by file: sources.jsonl, and beside it, while it works, sources.jsonl.part.

A line is written when all images of its file are, so that a run that was killed goes on behind the last whole line.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from filelock import FileLock, Timeout

from ptk.dataset.manifest import PHOTO, UNFINISHED
from ptk.errors import OutputError
from ptk.faces.topologies import find_topology
from ptk.files import write_bytes
from ptk.plain import is_text, parse_json, show

__all__ = [
    "LOCK",
    "SKIPPED",
    "SOURCES",
    "Made",
    "Record",
    "digest",
    "file_digest",
    "journal",
    "read_records",
    "write_records",
]

SOURCES = "sources.jsonl"
LOCK = "sources.jsonl.lock"
SKIPPED = "skipped.jsonl"
"""What could not be used, and why: people read it, ptk does not."""


@dataclass(frozen=True)
class Made:
    """A face in the data set: `points` in pixels of its images, `side` of the crop in pixels of the original photo.

    A whole picture has no points.

    `images` gives the sha256 of the file by domain, `styles` what each was rendered with.
    """

    photo: str
    points: tuple[tuple[float, float], ...]
    side: float
    images: Mapping[str, str]
    styles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """One source file. `key` is a fingerprint of its content and of all that decides what is cut from it.

    With key "" it is looked at again next time. There are either `faces` or the `reason` why there are none; `domain`
    is what they show before anything is rendered from them, `note` says how those of a video were chosen.
    """

    source: str
    key: str
    identity: str = ""
    expression: str = ""
    faces: tuple[Made, ...] = ()
    reason: str = ""
    note: str = ""
    domain: str = PHOTO


def read_records(folder: Path) -> list[Record]:
    """All records in `folder`, the newest of a source last. [] where none are.

    Lines that are cut or damaged are passed over: what they tell of is done again.
    """
    records: list[Record] = []
    for name in (SOURCES, UNFINISHED):
        try:
            lines = (folder / name).read_bytes().split(b"\n")
        except FileNotFoundError:
            continue
        except OSError as error:
            raise OutputError(f"{folder / name}: cannot be read ({error}); remove it to begin anew") from error
        records += [record for line in lines if (record := _record(line)) is not None]
    return records


def write_records(folder: Path, records: Iterable[Record]) -> None:
    """Write sources.jsonl, whole or not at all. Raises OutputError."""
    write_bytes(folder / SOURCES, "".join(_line(record) for record in records).encode())


@contextmanager
def journal(folder: Path) -> Iterator[Journal]:
    """The journal of a run that begins or goes on. Raises OutputError when another run is at work in `folder`."""
    with _alone(folder), (folder / UNFINISHED).open("a", encoding="utf-8") as file:
        if file.tell():
            file.write("\n")  # the last line may have been cut
        yield Journal(file)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of `folder`, whose file a run that was killed leaves behind, unlocked."""
    lock = FileLock(folder / LOCK, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise OutputError(f"{folder}: another `prepare` is at work here; wait for it to end") from None
    try:
        yield
    finally:
        with suppress(OSError):  # Windows keeps a file that is open
            (folder / LOCK).unlink()  # while it is held: nobody then locks a file that is gone
        lock.release()


class Journal:
    """Takes a line a source file."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def add(self, record: Record) -> None:
        """Note what was done. The line survives the end of the process, however sudden. Raises OutputError."""
        self._file.write(_line(record))
        self._file.flush()


def digest(*values: Any) -> str:
    """A fingerprint of plain values."""
    words = json.dumps(values, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(words.encode()).hexdigest()[:32]


def file_digest(path: Path) -> str:
    """The sha256 of a file's content. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _line(record: Record) -> str:
    """A record as it is read again: what could not be is refused here, not by every run to come."""
    if not _is_whole(record):
        raise OutputError(f"{show(record.source)}: cannot be noted in {SOURCES}; rename it in characters that print")
    said = {name: value for name, value in asdict(record).items() if value or name in ("source", "key")}
    return f"{json.dumps(said, ensure_ascii=False)}\n"


def _record(line: bytes) -> Record | None:
    try:
        said = parse_json(line)
        faces = tuple(
            Made(**{**face, "points": tuple((float(x), float(y)) for x, y in face["points"])})
            for face in said.pop("faces", ())
        )
        record = Record(**said, faces=faces)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None
    return record if (record.faces or record.reason) and _is_whole(record) else None


def _is_whole(record: Record) -> bool:
    """Whether all fields are of their kinds, and can be stored."""
    texts = [record.source, record.key, record.identity, record.expression, record.reason, record.note, record.domain]
    for face in record.faces:
        numbers = (face.side, *(value for point in face.points for value in point))
        if not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
            return False
        if face.points and find_topology(len(face.points)) is None:
            return False
        if not all(isinstance(table, Mapping) for table in (face.images, face.styles)):
            return False
        texts += [face.photo, *(word for pair in (*face.images.items(), *face.styles.items()) for word in pair)]
    return bool(record.domain) and all(map(is_text, texts))
