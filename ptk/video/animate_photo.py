"""A photo as a film: its face plays the performance of another film."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from ptk.errors import PtkError
from ptk.faces.gaze import lid_drift
from ptk.faces.plausibility import moves
from ptk.types import Landmarks
from ptk.video.film import show_on_white
from ptk.video.pieces import Pieces, check_film_name
from ptk.video.stream import import_av

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.dataset.renderings import Progress
    from ptk.editing.editor import Editor
    from ptk.faces.images import Photo
    from ptk.prepare.video import Video
    from ptk.video.performance import Performance

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["animate_photo"]

_LONGEST = 1920
"""Pixels of the longer side of a film: photos are larger than players like."""


def animate_photo(
    editor: Editor,
    photo: Photo,
    driving: Video,
    performance: Performance,
    out: Path,
    asked: Mapping[str, object],
    progress: Progress = lambda *_: None,
    *,
    files: Sequence[Path] = (),
) -> None:
    """Write a film of `photo` to the MP4 file `out`: its face plays the `performance` of the film `driving`.

    It begins with the expression, and the words, that `editor` gives the photo. Times and sound are those of `driving`.
    A run that was stopped goes on as in `ptk.video.edit_video`. Raises PtkError for what cannot be made so,
    NoFaceError, FaceError, ImageError, OutputError and MissingExtra.
    """
    import_av()
    check_film_name(out, driving.path, photo.path)
    if editor.pictures or not editor.translator.hears_landmarks:
        raise PtkError("`weights`: translate whole pictures, and move no face; leave them out")
    session = editor.open(_shrink(photo))
    session.check_photo(editor.style)
    goals, looks = editor.find_goals(session)
    index, goal = next(iter(goals.items()))
    own = session.faces[index]
    if not moves(own.points, goal):  # else `find_goals` has looked at it
        session.check_face(own)
    irises = looks.get(index)
    if irises is None and own.irises is not None:
        irises = own.irises.copy()
        irises[:, :2] += lid_drift(own.points, goal)
    start = Landmarks(points=goal, width=own.width, height=own.height, irises=irises)

    def render(numbers: range) -> Iterator[tuple[float, Pixels]]:
        for number in numbers:
            there, looking = performance.move(start, number)
            irises = None if looking is None else {index: looking}
            pixels = session.render({index: there}, editor.style, preview=False, irises=irises)
            yield driving.start + float(performance.times[number]), show_on_white(pixels, session.photo)
            progress("editing frames", number + 1, len(performance.times))

    pieces = Pieces(out, len(performance.times), float(1 / max(np.median(np.diff(performance.times)), 1e-3)))
    pieces.begin(asked, [photo.path, driving.path, *files])
    pieces.make(render, driving.path, progress)


def _shrink(photo: Photo) -> Photo:
    """The photo, at most as large as a film is."""
    factor = _LONGEST / max(photo.width, photo.height)
    if factor >= 1:
        return photo
    size = max(1, round(photo.width * factor)), max(1, round(photo.height * factor))
    pixels, alpha = (
        None if each is None else np.array(Image.fromarray(each).resize(size, Image.Resampling.LANCZOS))
        for each in (photo.pixels, photo.alpha)
    )
    assert pixels is not None
    return replace(photo, pixels=pixels, alpha=alpha)
