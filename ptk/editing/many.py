"""One photo after the other through one translator: which photos, where their results go, and what failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.edit import PHOTO_STYLE, check_output, default_output, edit_face, find_sources
from ptk.editing.styled import check_not_styled, record_edit
from ptk.errors import FaceError, ImageError, NoFaceError, OutputError, PtkError
from ptk.faces.choose import main_face
from ptk.faces.expressions import vocabulary
from ptk.faces.images import SUFFIXES, copy_photo, depth_warning, read_photo, write_photo
from ptk.faces.plausibility import check_reading, check_target, check_unseen_target, moves
from ptk.faces.pose import check_pose, check_upright

if TYPE_CHECKING:
    from jaxtyping import Float32

    from ptk.data.renderings import Progress
    from ptk.editing.edit import Detector, Translates
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = ["Editor", "Job", "edit_all", "is_one_photo", "plan"]

_PHOTOS = (*SUFFIXES, ".avif", ".bmp", ".gif", ".heic", ".heif")
"""What is taken for a photo in a folder; those that ptk cannot read are told of, not passed over."""


@dataclass(frozen=True)
class Job:
    """A photo to edit, and the file that its result goes to."""

    photo: Path
    out: Path


@dataclass(frozen=True, eq=False)
class Editor:
    """What is the same for all photos: who translates, who finds faces, and what to change.

    `strengths` are words for the expression (`ptk.faces.expressions`), `like` the landmarks of a face whose expression
    is taken over, `face` which face of a photo is meant (`ptk.faces.choose`). `warn` is told, in a line that names the
    photo, what is odd about it and may spoil a result; what certainly does is an error, or with `force` such a line.
    """

    translator: Translates
    detector: Detector
    detector_name: str
    style: str = PHOTO_STYLE
    face: Choice = None
    strengths: Mapping[str, float] = field(default_factory=dict)
    like: Float32[np.ndarray, "68 2"] | None = None
    force: bool = False
    warn: Callable[[str], None] = lambda _: None

    def edit(self, photo: Photo, out: Path, target: Landmarks | None = None) -> bool:
        """Write the edit of `photo` to `out`; whether its face was found, rather than assumed to be at `target`.

        Raises ImageError for a photo that is in the style already; NoFaceError, FaceError, LandmarksError, WeightsError
        and OutputError as what it calls does.
        """
        for text in (check_not_styled(photo, self.style), depth_warning(photo)):
            if text is not None:
                self.warn(f"{photo.path}: {text}")
        sources = find_sources(photo, self.detector, self.detector_name, target, self.face, self.warn)
        pixels, moved = photo.pixels, False
        for source, goal in self._goals(photo, sources, target):
            pixels = edit_face(replace(photo, pixels=pixels), source.points, goal, self.translator, self.style)
            moved = moved or moves(source.points, goal)
        if np.array_equal(pixels, photo.pixels):
            copy_photo(out, photo)
            self.warn(f"{photo.path}: nothing to change; {out} is the photo as it was")
        else:
            write_photo(out, pixels, photo, record=record_edit(photo, self.style, moved=moved))
        return sources[0] is not target

    def _goals(
        self, photo: Photo, sources: Sequence[Landmarks], target: Landmarks | None
    ) -> list[tuple[Landmarks, Float32[np.ndarray, "68 2"]]]:
        """The faces and where their landmarks go. Of several, one that is turned too far is told of and left out."""
        found: list[tuple[Landmarks, Float32[np.ndarray, "68 2"]]] = []
        refused: list[FaceError] = []
        for source in sources:
            try:
                found.append((source, self._goal(photo, source, target)))
            except FaceError as error:
                refused.append(error)
        if refused and not found:
            raise refused[0]
        self._tell(map(str, refused))
        return found

    def _goal(self, photo: Photo, source: Landmarks, target: Landmarks | None) -> Float32[np.ndarray, "68 2"]:
        """Where the landmarks of a face go, once it is known that they can."""
        if target is not None:
            self._check_target(photo, source, target)
        goal = self._expressed(source.points) if target is None else target.points
        if moves(source.points, goal):
            self._check_pose(photo, source)
        return goal

    def read_expression(self, photo: Photo) -> tuple[Landmarks, dict[str, float]]:
        """The one face in `photo` and which words it shows, each up to its limit.

        Raises NoFaceError, and FaceError where what is seen is not to be believed.
        """
        face, words = self.only_face(photo), vocabulary()
        self._check_pose(photo, face)
        seen = words.seen(face.points)
        self._tell(check_reading(seen, words.words, str(photo.path), force=self.force))
        return face, {name: min(strength, words.words[name].most) for name, strength in seen.items()}

    def only_face(self, photo: Photo) -> Landmarks:
        """The face in a photo that shows one person, or one large before others. Raises NoFaceError."""
        found = self.detector.detect(photo.pixels)
        main = main_face(found)
        if main is None:
            many = f"{len(found)} faces" if found else "no face"
            raise NoFaceError(
                f"{photo.path}: {many} found (tried {self.detector_name}); crop it to the one that is meant"
            )
        return main

    def _check_pose(self, photo: Photo, face: Landmarks) -> None:
        name = str(photo.path)
        self._tell(check_pose(face.points, name, force=self.force))
        self._tell(check_upright(photo.pixels, face, self.detector, name, force=self.force))

    def _check_target(self, photo: Photo, source: Landmarks, target: Landmarks) -> None:
        name = str(photo.path)
        if source is not target:
            self._tell(check_target(source.points, target.points, name, force=self.force))
            return
        faces = [found.points for found in self.detector.detect(photo.pixels)]
        self._tell(check_unseen_target(faces, target.points, name, force=self.force))

    def _tell(self, warnings: Iterable[str]) -> None:
        for warning in warnings:
            self.warn(warning)

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
