"""One photo from the file to the result: whom it shows, whether the edit makes sense, the edit, and what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ptk.editing.edit import PHOTO_STYLE, edit_face, find_sources
from ptk.editing.styled import check_not_styled, record_edit
from ptk.errors import FaceError, NoFaceError
from ptk.faces.choose import main_face
from ptk.faces.expressions import vocabulary
from ptk.faces.images import copy_photo, depth_warning, write_photo
from ptk.faces.metadata import ALGORITHMICALLY_ENHANCED, COMPOSITE_WITH_TRAINED_MODEL
from ptk.faces.plausibility import check_reading, check_target, check_unseen_target, moves
from ptk.faces.pose import check_pose, check_upright

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.editing.edit import Detector, Translates
    from ptk.editing.styles import StyleRenderer
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

    Points = Float32[np.ndarray, "68 2"]

__all__ = ["Editor"]


@dataclass(frozen=True, eq=False)
class Editor:
    """What is the same for all photos: who translates, who finds faces, and what to change.

    `strengths` are words for the expression (`ptk.faces.expressions`), `like` the landmarks of a face whose expression
    is taken over, `face` which face of a photo is meant (`ptk.faces.choose`). `renderer` renders the `style` once the
    face has moved; without one the translator gives the style. `warn` is told, in a line that names the photo, what is
    odd about it and may spoil a result; what certainly does is an error, or with `force` such a line.
    """

    translator: Translates
    detector: Detector
    detector_name: str
    style: str = PHOTO_STYLE
    face: Choice = None
    strengths: Mapping[str, float] = field(default_factory=dict)
    like: Points | None = None
    renderer: StyleRenderer | None = None
    force: bool = False
    warn: Callable[[str], None] = lambda _: None

    def edit(self, photo: Photo, out: Path, target: Landmarks | None = None) -> bool:
        """Write the edit of `photo` to `out`; whether its face was found, rather than assumed to be at `target`.

        A photo without a face, or with several, is rendered where no face is to move and the style needs none.
        Raises ImageError for a photo that is in the style already; NoFaceError, FaceError, LandmarksError, WeightsError
        and OutputError as what it calls does.
        """
        self._tell(
            f"{photo.path}: {text}" for text in (check_not_styled(photo, self.style), depth_warning(photo)) if text
        )
        if self.renderer is not None and target is None and not self._needs_face(self.renderer):
            faces = [found.points for found in self.detector.detect(photo.pixels)]
            self._write(photo, out, self.renderer.paint(photo.pixels, faces), moved=False)
            return bool(faces)
        sources = find_sources(photo, self.detector, self.detector_name, target, self.face, self.warn)
        goals = self._goals(photo, sources, target)
        pixels = self._edit_faces(photo, goals)
        self._write(photo, out, pixels, moved=any(moves(source.points, goal) for source, goal in goals))
        return sources[0] is not target

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

    def _edit_faces(
        self, photo: Photo, goals: Sequence[tuple[Landmarks, Points]]
    ) -> UInt8[np.ndarray, "height width 3"]:
        """The photo's pixels with these faces moved, and in the style."""
        pixels = photo.pixels
        style = self.style if self.renderer is None else PHOTO_STYLE
        for source, goal in goals:
            if self.renderer is None or moves(source.points, goal):  # else no weights need be loaded
                pixels = edit_face(replace(photo, pixels=pixels), source.points, goal, self.translator, style)
        if self.renderer is None:
            return pixels
        faces = [goal for _, goal in goals]
        for painted in [[face] for face in faces] if self.renderer.needs_face else [faces]:
            pixels = self.renderer.paint(pixels, painted)
        return pixels

    def _write(self, photo: Photo, out: Path, pixels: np.ndarray, *, moved: bool) -> None:
        if np.array_equal(pixels, photo.pixels):
            copy_photo(out, photo)
            self.warn(f"{photo.path}: nothing to change; {out} is the photo as it was")
            return
        made_by: Literal["rendered", "learned"] = "learned" if self.renderer is None else "rendered"
        record = record_edit(photo, self.style, made_by, moved=moved)
        plain = made_by == "rendered" and not record.moved
        source = ALGORITHMICALLY_ENHANCED if plain else COMPOSITE_WITH_TRAINED_MODEL
        write_photo(out, pixels, photo, digital_source_type=source, record=record)

    def _goals(
        self, photo: Photo, sources: Sequence[Landmarks], target: Landmarks | None
    ) -> list[tuple[Landmarks, Points]]:
        """The faces and where their landmarks go. Of several, one that is turned too far is told of and left out."""
        found: list[tuple[Landmarks, Points]] = []
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

    def _goal(self, photo: Photo, source: Landmarks, target: Landmarks | None) -> Points:
        """Where the landmarks of a face go, once it is known that they can."""
        if target is not None:
            self._check_target(photo, source, target)
        goal = self._express(source.points) if target is None else target.points
        if moves(source.points, goal):
            self._check_pose(photo, source)
        return goal

    def _express(self, points: Points) -> Points:
        if self.like is None and not self.strengths:
            return points
        words = vocabulary()
        change = {} if self.like is None else words.difference(points, self.like)
        for name, strength in self.strengths.items():
            change[name] = change.get(name, 0.0) + strength
        return words.moved(points, change)

    def _needs_face(self, renderer: StyleRenderer) -> bool:
        wanted = self.like is not None or any(self.strengths.values()) or self.face is not None
        return wanted or renderer.needs_face

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
