"""Fix what `ptk.curate.check` finds wrong with a data set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from ptk.curate.check import Report, judge
from ptk.curate.errors import find_problems
from ptk.curate.inspect_files import Contents, inspect_folder
from ptk.curate.repairs import LISTING, Repairs
from ptk.dataset.journal import SOURCES, read_records, write_records
from ptk.dataset.manifest import MANIFEST, write_manifest
from ptk.dataset.renderings import Progress
from ptk.errors import DataError, OutputError
from ptk.files import write_bytes

__all__ = ["BACKUP", "Fixed", "fix"]

BACKUP = f"{MANIFEST}.bak"

_ROUNDS = 20
"""A mend may bring to light what was hidden, so problems are looked for again: two rounds mended 150 spoilt sets."""


@dataclass(frozen=True)
class Fixed:
    """What was done, a sentence each, and the report on the data set as it is now."""

    done: tuple[str, ...]
    report: Report


def fix(folder: Path, *, detector: str | None = None, progress: Progress = lambda *_: None) -> Fixed:
    """Mend what can be mended in the data set `folder`.

    Renderings are made again; landmarks are found again; what cannot be made again from what is there loses its lines.
    The manifest is replaced whole or not at all, the old one kept as manifest.jsonl.bak. No image is removed. An
    interrupted run leaves the old manifest, and renderings that fit it.

    Raises DataError when there is no data set, nothing of it would be left, or `prepare` has not finished it;
    OutputError when it cannot be written.
    """
    contents = inspect_folder(folder, detector, progress)
    if contents.unfinished:
        raise DataError(f"{folder}: `prepare` was interrupted or is at work here; run it to its end first")
    before = list(contents.entries.values()), len(contents.damaged)
    repairs = Repairs(contents)
    for number in range(1, _ROUNDS + 1):
        problems = [problem for problem in find_problems(contents) if problem.fixable]
        if not problems:
            break
        listing = [problem for problem in problems if problem.kind in LISTING]
        for done, problem in enumerate(listing or problems, 1):
            repairs.make(problem)
            progress(f"mending, round {number}", done, len(listing or problems))
    if not contents.entries:
        raise DataError(f"{folder}: no image of it can be used, its manifest was left alone; prepare the data again")
    after = list(contents.entries.values()), len(contents.damaged)
    _write(contents, repairs, changed=before != after)
    contents.entries = dict(enumerate(contents.entries.values(), 1))  # the lines are numbered anew
    contents.looks = {entry.image: contents.look(entry) for entry in contents.entries.values()}
    return Fixed(tuple(repairs.done), judge(contents))


def _write(contents: Contents, repairs: Repairs, changed: bool) -> None:
    """Records first: should the manifest not follow, the renderings are still known by their new hashes."""
    folder = contents.folder
    if (repairs.points or repairs.made) and (folder / SOURCES).exists():
        records = [
            replace(record, faces=tuple(repairs.update_record(face) for face in record.faces))
            for record in read_records(folder)
        ]
        write_records(folder, records)
    if changed:
        try:
            old = (folder / MANIFEST).read_bytes()
        except OSError as error:
            raise OutputError(f"{folder / MANIFEST}: cannot be read ({error}); nothing was changed") from error
        write_bytes(folder / BACKUP, old)
        write_manifest(folder, contents.entries.values())
