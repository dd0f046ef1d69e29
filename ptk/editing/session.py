"""A photo opened once, and rendered often: read, its faces found and cut, then edited as often as is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.editing.composite.irises import move_irises
from ptk.editing.composite.unseen_eyes import describe_missing_irises, describe_unseen_eyes
from ptk.editing.dense_face import find_dense_face
from ptk.editing.drawings.styled import check_not_styled, record_edit
from ptk.editing.edit import check_style, choose_sources
from ptk.editing.face_cut import FaceCut
from ptk.editing.rendered import PHOTO_STYLE
from ptk.faces.gaze import lid_drift
from ptk.faces.image_files.encoding import encode_photo
from ptk.faces.image_files.metadata import ALGORITHMICALLY_ENHANCED, COMPOSITE_WITH_TRAINED_MODEL
from ptk.faces.images import copy_photo, depth_warning
from ptk.faces.plausibility import check_target, check_unseen_target, moves
from ptk.faces.pose import check_pose, check_turn, check_upright
from ptk.files import write_bytes

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

    from ptk.editing.edit import Detector
    from ptk.editing.rendered import Translates
    from ptk.editing.styles import MadeBy, Renders
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

    Points = Float[np.ndarray, "68 2"]
    Irises = Float[np.ndarray, "2 3"]
    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["Session"]


@dataclass(frozen=True, eq=False)
class Session:
    """An open `photo`: faces are found, cut and brought to sRGB once, when they are first needed.

    `detector`, called `detector_name` in messages, finds the faces, of which `face` are meant, or the one nearest to
    `near` (`ptk.editing.edit.choose_sources`). `choose` gives who renders a style, None where `translator` gives it,
    which learned from whole `pictures`, or from faces. `drawing` is what the photo was made of, where it was
    (`ptk.editing.drawings.photographs.make_photo`). `warn` is told, in a line that names the photo, what may spoil a
    result; what certainly does is an error, or with `force` such a line. Where faces are known to be `upright` none is
    looked at again for standing on its head. Every result depends on the photo and on what
    is asked for alone, not on what was asked before.
    """

    photo: Photo
    translator: Translates
    detector: Detector
    detector_name: str
    face: Choice = None
    near: Landmarks | None = None
    choose: Callable[[str], Renders | None] = lambda _: None
    pictures: bool = False
    drawing: Photo | None = None
    warn: Callable[[str], None] = lambda _: None
    force: bool = False
    upright: bool = False
    _cuts: dict[int, FaceCut] = field(default_factory=dict, init=False, repr=False)

    def vary(self, **changes: Any) -> Session:
        """A copy with another `choose`, `warn` or `force`: what was cut out of the photo is not cut again."""
        assert changes.keys() <= {"choose", "warn", "force"}, "the cuts are of this photo and these faces"
        copy = replace(self, **changes)
        object.__setattr__(copy, "_cuts", self._cuts)
        return copy

    @cached_property
    def all_faces(self) -> list[Landmarks]:
        """All faces in the photo, the surest first."""
        return list(self.detector.detect(self.photo.pixels))

    @cached_property
    def faces(self) -> list[Landmarks]:
        """The faces that are meant, in the order of their numbers. Raises NoFaceError."""
        return choose_sources(self.all_faces, self.photo, self.detector_name, self.near, self.face, self.warn)

    def takes_pictures(self, style: str) -> bool:
        """Whether the whole picture is translated into `style`: no face is looked for."""
        return self.pictures and self.choose(style) is None

    def render(
        self,
        points: Points | Mapping[int, Points] | None = None,
        style: str = PHOTO_STYLE,
        *,
        preview: bool = True,
        irises: Mapping[int, Irises] | None = None,
    ) -> Pixels:
        """Render the photo in `style` with the landmarks of its face at `points`, in its pixels and colour space.

        Of several faces `points` are given by their index in `faces`; None moves none. The `preview` is the edit of the
        crop around the first of these at the network's size, which takes no longer for a larger photo: `size` x `size`,
        upright; else all of the photo is returned. `irises` are where those of faces go, by their index: elsewhere than
        with their lids. Raises NoFaceError, and WeightsError for a style that there is not.
        """
        if self.takes_pictures(style):
            from ptk.editing.pictures import shrink_picture, translate_picture

            pixels = self.photo.pixels
            pixels = shrink_picture(pixels, self.translator.size) if preview else pixels
            return translate_picture(pixels, self.translator, style, self.photo.icc)
        renderer = self.choose(style)
        moving = style if renderer is None else PHOTO_STYLE
        if preview:
            index, at = next(iter(self._by_face(points).items()))
            check_style(self.translator, moving)
            cut = self._cut(index)
            small, goal = cut.preview, cut.crop.to_unit(at)
            if irises and index in irises:
                small = small.look(cut.crop, *self._gaze(index, at, irises[index]))
            pixels = small.edit(goal, moving)
            return pixels if renderer is None else renderer.paint(pixels, [small.crop.to_photo(goal)], self.photo.icc)
        if points is None and renderer is not None and not renderer.needs_face:
            return renderer.paint(self.photo.pixels, [face.points for face in self.all_faces], self.photo.icc)
        pixels, goals = self.photo.pixels, self._by_face(points)
        for index, goal in goals.items():
            if irises and index in irises:
                pixels = move_irises(pixels, self.faces[index].points, *self._gaze(index, goal, irises[index]))
            if renderer is None or moves(self.faces[index].points, goal):  # else no weights need be loaded
                check_style(self.translator, moving)
                cut = self._cut(index)
                pixels = cut.over(pixels).edit(cut.crop.to_unit(goal), moving)
        if renderer is None:
            return pixels
        for painted in [[goal] for goal in goals.values()] if renderer.needs_face else [list(goals.values())]:
            pixels = renderer.paint(pixels, painted, self.photo.icc)
        return pixels

    def finish(
        self,
        points: Points | Mapping[int, Points] | None,
        style: str,
        out: Path,
        irises: Mapping[int, Irises] | None = None,
    ) -> None:
        """Write what `encode` makes to `out`, whole or not at all; where nothing changes the photo is copied.

        Raises OutputError, and what `render` raises.
        """
        made = self.encode(points, style, out, irises)
        if made is None:
            copy_photo(out, self.photo)
            self.warn(f"{self.photo.path}: nothing to change; {out} is the photo as it was")
        else:
            write_bytes(out, made)

    def encode(
        self,
        points: Points | Mapping[int, Points] | None,
        style: str,
        out: Path,
        irises: Mapping[int, Irises] | None = None,
    ) -> bytes | None:
        """Encode the photo rendered as `render` does as the file `out`, with its metadata and a record.

        It is at its own resolution; None where nothing changes. Nothing is written. Raises OutputError for what the
        format of `out` cannot hold, and what `render` raises.
        """
        pixels, whole = self.render(points, style, preview=False, irises=irises), self.takes_pictures(style)
        if not whole and self.drawing is None and np.array_equal(pixels, self.photo.pixels):
            return None
        moved = points is not None and not whole
        moved = moved and any(moves(self.faces[index].points, goal) for index, goal in self._by_face(points).items())
        moved = moved or (bool(irises) and not whole)
        renderer = self.choose(style)
        made_by: MadeBy = "learned" if renderer is None else renderer.made_by
        before = self.photo if self.drawing is None else self.drawing
        record = record_edit(before, self._name_style(style), made_by, moved=moved, anew=self.drawing is not None)
        plain = made_by == "rendered" and not record.moved and self.drawing is None
        source = ALGORITHMICALLY_ENHANCED if plain else COMPOSITE_WITH_TRAINED_MODEL
        return encode_photo(out, pixels, self.photo, digital_source_type=source, record=record)

    def check_photo(self, style: str) -> None:
        """Warn of what the photo itself does to an edit. Raises ImageError for one that is in `style` already."""
        styled = None if self.takes_pictures(style) else check_not_styled(self.photo, self._name_style(style))
        self.tell(f"{self.photo.path}: {text}" for text in (styled, depth_warning(self.photo)) if text)

    def check_face(self, face: Landmarks, turn: float = 0.0) -> None:
        """Warn of a face whose expression, or `turn` in degrees, may come out wrong.

        Raises FaceError where it certainly does.
        """
        name = str(self.photo.path)
        self.tell(check_pose(face.points, name, force=self.force))
        self.tell(check_turn(face.points, turn, name, force=self.force))
        if not self.upright:
            self.tell(check_upright(self.photo.pixels, face, self.detector, name, force=self.force))

    def check_target(self, face: Landmarks, target: Landmarks) -> None:
        """Warn of landmarks which no face moves to. Raises LandmarksError for those of something else."""
        name = str(self.photo.path)
        if face is not target:
            self.tell(check_target(face.points, target.points, name, force=self.force))
            return
        others = [each.points for each in self.all_faces]
        self.tell(check_unseen_target(others, target.points, name, force=self.force))

    def check_eyes(self, index: int, goal: Points) -> None:
        """Warn of eyes of a face that are asked to move to `goal`, and that the photo does not show."""
        cut = self._cut(index)
        self.tell(
            f"{self.photo.path}: {text}" for text in describe_unseen_eyes(cut.cut, cut.start, cut.crop.to_unit(goal))
        )

    def find_why_no_gaze(self, index: int) -> str:
        """Find why the irises of a face cannot move, in words; empty where they can."""
        if self.faces[index].irises is None:
            return f"{self.detector_name} finds no irises, which stay; find faces by `detector=mediapipe68`"
        cut = self._cut(index)
        return describe_missing_irises(cut.cut, cut.start)

    def tell(self, warnings: Iterable[str]) -> None:
        """Pass each of the `warnings` to `warn`."""
        for warning in warnings:
            self.warn(warning)

    def _name_style(self, style: str) -> str:
        """What the record of a result calls a style: without the distribution that was asked for it."""
        renderer = self.choose(style)
        return style if renderer is None else renderer.name or style

    def _by_face(self, points: Points | Mapping[int, Points] | None) -> dict[int, Points]:
        if points is None:
            return {index: face.points for index, face in enumerate(self.faces)}
        return dict(points) if isinstance(points, Mapping) else {0: np.asarray(points)}

    def _gaze(self, index: int, goal: Points, irises: Irises) -> tuple[Irises, Irises]:
        """The irises of a face, and where they have to be before its landmarks, which take them along, go to `goal`."""
        face = self.faces[index]
        assert face.irises is not None
        before = np.array(irises, dtype=np.float32)
        before[:, :2] -= lid_drift(face.points, goal)
        return face.irises, before

    def _cut(self, index: int) -> FaceCut:
        if index not in self._cuts:
            face, names = self.faces[index], (str(self.photo.path), self.detector_name)
            cut = FaceCut.around(self.photo.pixels, face.points, self.translator, self.photo.icc)
            dense = find_dense_face(face, self.near, cut.crop, self.translator, *names)
            self._cuts[index] = replace(cut, dense=dense)
        return self._cuts[index]
