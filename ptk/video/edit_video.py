"""A film in, a film out: one face followed through it, each frame edited as a photo is, sound and times kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.known_faces import KnownFaces
from ptk.errors import PtkError
from ptk.faces.gaze import lid_drift
from ptk.faces.images import Photo
from ptk.files import replacing
from ptk.prepare.video import Video
from ptk.types import Landmarks
from ptk.video.pieces import Pieces, check_film_name
from ptk.video.stream import import_av
from ptk.video.track import Track, follow_face

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.dataset.renderings import Progress
    from ptk.editing.editor import Editor
    from ptk.video.performance import Performance

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["default_film", "edit_video"]


def default_film(video: Path) -> Path:
    """`<stem>.ptk.mp4` beside the video."""
    return video.with_name(f"{video.stem}.ptk.mp4")


def edit_video(
    editor: Editor,
    path: Path,
    out: Path,
    asked: Mapping[str, object],
    progress: Progress = lambda *_: None,
    *,
    smooth: bool = True,
    performance: Performance | None = None,
    files: Sequence[Path] = (),
) -> None:
    """Write the film at `path` to the MP4 file `out`, each frame edited as `editor` edits a photo.

    One face is followed, smoothed in time; frames that do not show it stay as they are, or get the style alone. It
    plays a `performance`, at the same times, if one is given. Frames keep their times and sound its bytes; frames are
    upright, in sRGB. What is done is kept in a folder beside `out` until all is: called again with the same film, the
    same `files` and the same things `asked` (options by name, as JSON knows them) it goes on from there. Raises
    PtkError for what cannot be edited so, NoFaceError, ImageError, OutputError and MissingExtra.
    """
    import_av()
    check_film_name(out, path)
    if editor.pictures or not editor.translator.hears_landmarks:
        raise PtkError("`weights`: translate whole pictures, one by one; a film would flicker; leave them out")
    video = Video(path)
    pieces = Pieces(out, len(video), float(1 / max(np.median(np.diff(video.times)), 1e-3)))
    pieces.begin({**asked, "smooth": smooth}, [path, *files])
    film = _Film(editor, video, pieces.folder, progress, smooth, performance)
    pieces.make(film.render, path, progress)


@dataclass(frozen=True, eq=False)
class _Film:
    """A film that is being edited; where its face is is kept in a `folder`."""

    editor: Editor
    video: Video
    folder: Path
    progress: Progress
    smooth: bool
    performance: Performance | None

    @cached_property
    def track(self) -> Track:
        """Where the face is, found once; of a style that looks at no face it is not looked for."""
        kept = self.folder / "track.npz"
        if kept.exists():
            with np.load(kept) as read:
                return Track(read["points"], read["irises"], read["shares"])
        editor, count = self.editor, len(self.video)
        track = follow_face(
            self.video,
            editor.detector,
            editor.detector_name,
            editor.face,
            smooth=self.smooth,
            warn=editor.warn,
            tell=lambda done: self.progress("finding the face", done, count),
        )
        with replacing(kept) as temporary, temporary.open("wb") as file:
            np.savez(file, points=track.points, irises=track.irises, shares=track.shares)
        if track.missing:
            editor.warn(f"{self.video.path}: {track.missing} of {count} frames do not show the face; they stay")
        return track

    def render(self, numbers: range) -> Iterator[tuple[float, Pixels]]:
        """The frames with these numbers, edited, each with its time."""
        for frame in self.video.frames(numbers):
            yield self.video.start + frame.time, self._edit(frame.pixels, frame.number)
            self.progress("editing frames", frame.number + 1, len(self.video))

    def _edit(self, pixels: Pixels, number: int) -> Pixels:
        """Edit a frame as a photo whose face is known."""
        editor, renderer = self.editor, self.editor.renderer
        moves = any(editor.strengths.values()) or editor.like is not None or self.performance is not None
        free = renderer is not None and not renderer.needs_face
        share = float(self.track.shares[number]) if moves or not free else 0.0
        if share == 0:
            return renderer.paint(pixels, []) if renderer is not None and free else pixels
        height, width = pixels.shape[:2]
        irises = None if np.isnan(self.track.irises[number]).any() else self.track.irises[number]
        face = Landmarks(points=self.track.points[number], width=width, height=height, irises=irises)
        quiet = replace(
            editor,
            detector=KnownFaces([face]),
            face=None,
            force=True,
            warn=lambda _: None,
            develop=lambda photo, _: photo,
        )
        session = quiet.open(Photo(pixels, None, None, None, "", self.video.path, "PNG"))
        goals, looks = quiet.find_goals(session)
        wanted, looking = goals[0], looks.get(0)
        if self.performance is not None:
            played = self.performance.find_number(float(self.video.times[number]))
            wanted, looking = self.performance.move(replace(face, points=wanted, irises=irises), played)
        goal = (face.points + share * (wanted - face.points)).astype(np.float32)
        if looking is None or irises is None:
            return session.render(goal, editor.style, preview=False)
        still = irises.copy()
        still[:, :2] += lid_drift(face.points, goal)
        there = (still + share * (looking - still)).astype(np.float32)
        return session.render(goal, editor.style, preview=False, irises={0: there})
