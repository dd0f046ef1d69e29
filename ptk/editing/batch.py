"""One photo after the other through one editor: which photos, where their results go, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ptk.editing.edit import check_output, default_output
from ptk.errors import ImageError, OutputError, PtkError
from ptk.faces.images import SUFFIXES, read_photo

if TYPE_CHECKING:
    from ptk.dataset.renderings import Progress
    from ptk.editing.editor import Editor

__all__ = ["Job", "edit_all", "is_one_photo", "plan"]

_PHOTOS = (*SUFFIXES, ".avif", ".bmp", ".gif", ".heic", ".heif")
"""What is taken for a photo in a folder; those that ptk cannot read are told of, not passed over."""


@dataclass(frozen=True)
class Job:
    """A photo to edit, and the file that its result goes to."""

    photo: Path
    out: Path


def is_one_photo(places: Sequence[Path]) -> bool:
    """Whether `places` are one photo, whose result is a file, rather than several or folders."""
    return len(places) == 1 and not places[0].is_dir()


def plan(places: Sequence[Path], out: Path | None) -> list[Job]:
    """The photos in `places` (files and folders), each with its result.

    One photo goes to the file `out`, by default beside it. Several, or those of folders and the folders in them, go to
    the folder `out` by the names that they have, below the folder that was given. Raises OutputError where a result
    would replace a photo or another result, or `out` is missing; ImageError for a folder without photos.
    """
    if is_one_photo(places):
        job = Job(places[0], out or default_output(places[0]))
        check_output(job.out, job.photo)
        return [job]
    if out is None:
        raise OutputError("several photos need a folder for their results: give `out=FOLDER`")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: is a file; several photos need a folder: give another `out`")
    if not out.exists() and out.suffix.lower() in _PHOTOS:
        raise OutputError(f"{out}: is named like a photo; several photos need a folder: give another `out`")
    jobs = list(dict.fromkeys(job for place in places for job in _of_place(place, out)))
    _check_apart(jobs)
    return jobs


def edit_all(
    jobs: Iterable[Job],
    editor: Editor,
    progress: Progress = lambda *_: None,
    made: Callable[[Job], None] = lambda _: None,
) -> list[str]:
    """Edit all photos; what could not be edited, a line each. A photo that fails stops no other.

    Results that are there already are replaced, each whole or not at all. `made` is told of each that is written.
    """
    jobs, failures = list(jobs), []
    progress("editing photos", 0, len(jobs))
    for number, job in enumerate(jobs, 1):
        try:
            photo = read_photo(job.photo)
            folder = job.out.parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise OutputError(f"{folder}: cannot be made ({reason}); give another `out`") from error
            editor.edit(photo, job.out)
            made(job)
        except PtkError as error:
            failures.append(_named(job.photo, str(error)))
        except Exception as error:  # one odd photo is no reason to leave the others
            failures.append(f"{job.photo}: unexpected {type(error).__name__}: {' '.join(str(error).split())}")
        progress("editing photos", number, len(jobs))
    return failures


def _of_place(place: Path, out: Path) -> list[Job]:
    if not place.is_dir():
        return [Job(place, _result(out / place.name))]
    inside = out.resolve()
    found = [
        path
        for path in sorted(place.rglob("*"))
        if path.suffix.lower() in _PHOTOS
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(place).parts)
        and not (inside != place.resolve() and path.resolve().is_relative_to(inside))
    ]
    if not found:
        raise ImageError(f"{place}: no photos in this folder; give one that holds some")
    return [Job(path, _result(out / path.relative_to(place))) for path in found]


def _result(path: Path) -> Path:
    return path if path.suffix.lower() in SUFFIXES else path.with_suffix(".png")


def _check_apart(jobs: Sequence[Job]) -> None:
    photos = {job.photo.resolve() for job in jobs}
    taken: dict[Path, Path] = {}
    for job in jobs:
        place = job.out.resolve()
        if place in photos:
            raise OutputError(f"{job.out}: is a photo itself, which ptk never overwrites; give another `out`")
        if taken.setdefault(place, job.photo) != job.photo:
            raise OutputError(f"{job.out}: both {taken[place]} and {job.photo} would go there; edit them one by one")


def _named(photo: Path, message: str) -> str:
    return message if str(photo) in message else f"{photo}: {message}"
