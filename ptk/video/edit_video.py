"""A film in, a film out: one face followed through it, each frame edited as a photo is, sound and times kept."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.known_faces import KnownFaces
from ptk.errors import OutputError, PtkError
from ptk.faces.gaze import lid_drift
from ptk.faces.images import Photo
from ptk.files import replacing, write_bytes
from ptk.prepare.video import Video
from ptk.types import Landmarks
from ptk.video.stream import import_av, join_pieces, write_piece
from ptk.video.track import Track, follow_face

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.dataset.renderings import Progress
    from ptk.editing.editor import Editor

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["default_film", "edit_video"]

_PIECE = 150
"""Frames of a piece: so many are made again at most where a run was stopped."""


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
) -> None:
    """Write the film at `path` to the MP4 file `out`, each frame edited as `editor` edits a photo.

    One face is followed, smoothed in time; frames that do not show it stay as they are, or get the style alone. Frames
    keep their times and sound its bytes; frames are upright, in sRGB. What is done is kept in a folder beside `out`
    until all is: called again with the same film and the same things `asked` (options by name, as JSON knows them) it
    goes on from there. Raises PtkError for what cannot be edited so, NoFaceError, ImageError, OutputError and
    MissingExtra.
    """
    import_av()
    if out.suffix.lower() != ".mp4":
        raise OutputError(f"{out}: films are written as MP4; name it *.mp4")
    if out.exists() and path.exists() and out.samefile(path):
        raise OutputError(f"{out}: is the film itself, which ptk never overwrites; give another `out`")
    if editor.pictures or not editor.translator.hears_landmarks:
        raise PtkError("`weights`: translate whole pictures, one by one; a film would flicker; leave them out")
    film = _Film(editor, Video(path), out.with_name(f".{out.name}.parts"), progress, smooth)
    film.begin(asked)
    pieces = [film.make_piece(number) for number in range(film.pieces)]
    with replacing(out) as temporary:
        join_pieces([piece for piece in pieces if piece is not None], path, temporary)
    shutil.rmtree(film.folder)


@dataclass(frozen=True, eq=False)
class _Film:
    """A film that is being edited, piece by piece, in a `folder` of its own."""

    editor: Editor
    video: Video
    folder: Path
    progress: Progress
    smooth: bool

    @property
    def pieces(self) -> int:
        """How many there are."""
        return -(-len(self.video) // _PIECE)

    @cached_property
    def rate(self) -> float:
        """About how many frames there are a second."""
        return float(1 / max(np.median(np.diff(self.video.times)), 1e-3))

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

    def begin(self, asked: Mapping[str, object]) -> None:
        """Open the folder, empty unless it is of the same film and the same things asked."""
        stat = self.video.path.stat()
        film = [str(self.video.path.absolute()), stat.st_size, stat.st_mtime_ns]
        said = {**asked, "film": film, "piece": _PIECE, "smooth": self.smooth}
        key = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        kept = self.folder / "key"
        if self.folder.exists() and (not kept.exists() or kept.read_text() != key):
            shutil.rmtree(self.folder)
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutputError(f"{self.folder}: cannot be made ({reason}); give another `out`") from error
        write_bytes(kept, key.encode())

    def make_piece(self, number: int) -> Path | None:
        """Make a piece, unless it is there; None where all its frames are damaged."""
        piece, first = self.folder / f"{number:05}.nut", number * _PIECE
        numbers = range(first, min(first + _PIECE, len(self.video)))
        if not piece.exists():
            write_piece(self._render(numbers), piece, self.rate)
        self.progress("editing frames", numbers.stop, len(self.video))
        return piece if piece.stat().st_size else None

    def _render(self, numbers: range) -> Iterator[tuple[float, Pixels]]:
        for frame in self.video.frames(numbers):
            yield self.video.start + frame.time, self._edit(frame.pixels, frame.number)
            self.progress("editing frames", frame.number + 1, len(self.video))

    def _edit(self, pixels: Pixels, number: int) -> Pixels:
        """Edit a frame as a photo whose face is known."""
        editor, renderer = self.editor, self.editor.renderer
        moves = any(editor.strengths.values()) or editor.like is not None
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
        goal = (face.points + share * (goals[0] - face.points)).astype(np.float32)
        looking = None
        if looks and irises is not None:
            still = irises.copy()
            still[:, :2] += lid_drift(face.points, goal)
            looking = {0: (still + share * (looks[0] - still)).astype(np.float32)}
        return session.render(goal, editor.style, preview=False, irises=looking)
