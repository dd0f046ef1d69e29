"""One photo after the other through one translator: which photos, where their results go, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.edit import PHOTO_STYLE, check_output, default_output, edit_face, find_source
from ptk.errors import ImageError, NoFaceError, OutputError, PtkError
from ptk.faces.expressions import vocabulary
from ptk.faces.images import SUFFIXES, read_photo, write_photo

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.data.renderings import Progress
    from ptk.editing.edit import Detector, Translates
    from ptk.editing.styles import MadeBy, Rendering
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = ["Editor", "Job", "edit_all", "is_one_photo", "plan"]

_PHOTOS = (*SUFFIXES, ".avif", ".bmp", ".gif", ".heic", ".heif")
"""What is taken for a photo in a folder; those that ptk cannot read are told of, not passed over."""


_STILL = 0.05
"""Pixels: points that move by less stay, for a landmarks JSON is rounded."""


@dataclass(frozen=True)
class Job:
    """A photo to edit, and the file that its result goes to."""

    photo: Path
    out: Path


@dataclass(frozen=True, eq=False)
class Editor:
    """What is the same for all photos: who translates, who finds faces, and what to change.

    `strengths` are words for the expression (`ptk.faces.expressions`), `like` the landmarks of a face whose expression
    is taken over, `face` which face of a photo is meant. `rendering` renders the `style` once the face has moved;
    without one the translator gives the style.
    """

    translator: Translates
    detector: Detector
    detector_name: str
    style: str = PHOTO_STYLE
    face: int | None = None
    strengths: Mapping[str, float] = field(default_factory=dict)
    like: Float32[np.ndarray, "68 2"] | None = None
    rendering: Rendering | None = None

    @property
    def made_by(self) -> MadeBy | None:
        """How results come by their `style`: a domain rendered it, or the translator learned it; None for photos."""
        if self.rendering is not None:
            return "rendered"
        return None if self.style == PHOTO_STYLE else "learned"

    def edit(self, photo: Photo, out: Path, target: Landmarks | None = None) -> bool:
        """Write the edit of `photo` to `out`; whether its face was found, rather than assumed to be at `target`.

        A photo without a face, or with several, is rendered where no face is to move and the style needs none.
        Raises NoFaceError, LandmarksError, WeightsError and OutputError as what it calls does.
        """
        if self.rendering is not None and target is None and not self._needs_face(self.rendering):
            faces = [found.points for found in self.detector.detect(photo.pixels)]
            write_photo(out, self.rendering.paint(photo.pixels, faces), photo)
            return bool(faces)
        source = find_source(photo, self.detector, self.detector_name, target, self.face)
        goal = self._expressed(source.points) if target is None else target.points
        write_photo(out, self._edited(photo, source.points, goal), photo)
        return source is not target

    def only_face(self, photo: Photo) -> Landmarks:
        """The face in a photo that shows one person. Raises NoFaceError."""
        found = self.detector.detect(photo.pixels)
        if len(found) != 1:
            many = f"{len(found)} faces" if found else "no face"
            raise NoFaceError(
                f"{photo.path}: {many} found (tried {self.detector_name}); crop it to the one that is meant"
            )
        return found[0]

    def _needs_face(self, rendering: Rendering) -> bool:
        moves = self.like is not None or any(self.strengths.values())
        return moves or self.face is not None or rendering.needs_face

    def _edited(self, photo: Photo, source: np.ndarray, goal: np.ndarray) -> UInt8[np.ndarray, "height width 3"]:
        if self.rendering is None:
            return edit_face(photo, source, goal, self.translator, self.style)
        stays = np.abs(goal - source).max() < _STILL
        moved = photo.pixels if stays else edit_face(photo, source, goal, self.translator)
        return self.rendering.paint(moved, [goal])

    def _expressed(self, points: Float32[np.ndarray, "68 2"]) -> Float32[np.ndarray, "68 2"]:
        if self.like is None and not self.strengths:
            return points
        words = vocabulary()
        change = {} if self.like is None else words.difference(points, self.like)
        for name, strength in self.strengths.items():
            change[name] = change.get(name, 0.0) + strength
        return words.moved(points, change)


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
        raise OutputError("several photos need a folder for their results: give --out FOLDER")
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out}: is a file; several photos need a folder: give another --out")
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
            _make_folder(job.out.parent)
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
            raise OutputError(f"{job.out}: is a photo itself, which ptk never overwrites; give another --out")
        if taken.setdefault(place, job.photo) != job.photo:
            raise OutputError(f"{job.out}: both {taken[place]} and {job.photo} would go there; edit them one by one")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{folder}: cannot be made ({reason}); give another --out") from error


def _named(photo: Path, message: str) -> str:
    return message if str(photo) in message else f"{photo}: {message}"
