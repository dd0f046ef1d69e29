"""A film, or a strip of its frames, of a face that goes through expressions, or between two photos."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from ptk.editing.drawings.styled import record_edit
from ptk.editing.rendered import PHOTO_STYLE
from ptk.errors import PtkError
from ptk.faces.colour import to_srgb
from ptk.faces.crop import Crop
from ptk.faces.images import SUFFIXES, write_photo
from ptk.video.animation import write_animation
from ptk.video.between import align_photo, morph_photos
from ptk.video.morph import find_keys, morph_expressions
from ptk.video.strip import STRIP, draw_strip

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.editing.editor import Editor
    from ptk.editing.session import Session
    from ptk.faces.image_files.metadata import EditRecord
    from ptk.faces.images import Photo
    from ptk.faces.words.source import ExpressionSource
    from ptk.video.between import Way

    Pixels = UInt8[np.ndarray, "height width 3"]
    Progress = Callable[[int, int], None]

__all__ = ["Film", "is_strip", "show_on_white"]

_MARGIN = 3.0  # outer eye distances that a strip shows of a face


def is_strip(out: Path) -> bool:
    """Whether `out` names a picture, which seven frames are laid in: WebP is a film."""
    return out.suffix.lower() in SUFFIXES and out.suffix.lower() != ".webp"


@dataclass(frozen=True)
class Film:
    """What is made, in `out`: `frames` at `rate` a second, there and back unless `once`, or a strip of seven.

    `way` is how it goes between two photos (`ptk.video.between`). Frames are as large as the photo, or their longer
    `side` has so many pixels.
    """

    out: Path
    frames: int = 48
    rate: float = 24.0
    once: bool = False
    way: Way = "landmarks"
    side: int | None = None

    def go_through(
        self,
        editor: Editor,
        photo: Photo,
        wishes: Sequence[dict[str, float] | ExpressionSource],
        progress: Progress = lambda *_: None,
    ) -> None:
        """Make the film of a `photo` that goes from expression to expression, and write it.

        `wishes` are words with their strengths, or others' photos. `progress` is given how many frames are done, of how
        many. Raises PtkError for what cannot be made, before anything is written, and OutputError.
        """
        session = editor.open(photo)
        session.check_photo(editor.style)
        if session.takes_pictures(editor.style):
            raise PtkError("`weights`: translate whole pictures, and move no face; leave them out")
        keys, seen = find_keys(editor, session, wishes)
        session.tell(seen)
        frames = morph_expressions(session, keys, editor.style, *self._plan())
        made_by: Literal["rendered", "learned"] = "learned" if session.choose(editor.style) is None else "rendered"
        record = record_edit(photo, editor.style, made_by, moved=True, anew=session.drawing is not None)
        self._write((show_on_white(each, session.photo) for each in frames), session, record, progress)

    def go_between(self, editor: Editor, first: Photo, second: Photo, progress: Progress = lambda *_: None) -> None:
        """Make the film of a face that goes from the `first` photo to the `second`, of the same person, and write it.

        Raises as `go_through`, and FaceError for heads that are turned differently.
        """
        session = editor.open(first)
        other = align_photo(editor, second, session)
        frames = morph_photos(session, other, self.way, *self._plan())
        self._write(frames, session, record_edit(first, PHOTO_STYLE, moved=True), progress)

    def _plan(self) -> tuple[int, bool, bool]:
        """How many frames there are, whether they go once, and eased: a strip does so evenly."""
        return (STRIP, True, False) if is_strip(self.out) else (self.frames, self.once, True)

    def _write(self, frames: Iterable[Pixels], session: Session, record: EditRecord, progress: Progress) -> None:
        frames = self._shrink(frames, progress)
        if not is_strip(self.out):
            write_animation(frames, self.out, self.rate, record)
            return
        strip = draw_strip(frames, Crop.around(session.faces[0].points, margin=_MARGIN))
        like = replace(session.photo, alpha=None, icc=None, exif=None)
        write_photo(self.out, strip, like, record=record)

    def _shrink(self, frames: Iterable[Pixels], progress: Progress) -> Iterator[Pixels]:
        """Pass frames on, of a film as small as asked for, and tell of each."""
        count, side = self._plan()[0], None if is_strip(self.out) else self.side
        for done, frame in enumerate(frames, 1):
            longer = max(frame.shape[:2])
            if side is None or side >= longer:
                yield frame
            else:
                height, width = (max(1, round(each * side / longer)) for each in frame.shape[:2])
                yield np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.LANCZOS))
            progress(done, count)


def show_on_white(pixels: Pixels, like: Photo) -> Pixels:
    """Show pixels of a photo in sRGB, on white where that is transparent."""
    shown = to_srgb(pixels, like.icc)
    if like.alpha is not None:
        opaque = np.float32(like.alpha[..., None]) / 255
        shown = shown * opaque + 255 * (1 - opaque)
    return np.asarray(np.rint(shown).clip(0, 255).astype(np.uint8))
