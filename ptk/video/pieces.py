"""Long films made in pieces, so that a run that was stopped resumes where it was."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from ptk.errors import ImageError, OutputError
from ptk.files import replacing, write_bytes
from ptk.video.stream import join_pieces, write_piece

if TYPE_CHECKING:
    from jaxtyping import UInt8
    from numpy import ndarray

    from ptk.dataset.renderings import Progress

    Pixels = UInt8[ndarray, "height width 3"]
    Render = Callable[[range], Iterator[tuple[float, Pixels]]]

__all__ = ["Pieces", "check_film_name", "find_files"]

_PIECE = 150
"""Frames of a piece: so many are made again at most where a run was stopped."""


def check_film_name(out: Path, *sources: Path) -> None:
    """Raise OutputError where a film cannot be written to `out`: no MP4, or one of the `sources` itself."""
    if out.suffix.lower() != ".mp4":
        raise OutputError(f"{out}: films are written as MP4; name it *.mp4")
    if any(out.exists() and each.exists() and out.samefile(each) for each in sources):
        raise OutputError(f"{out}: is the film itself, which ptk never overwrites; give another `out`")


def find_files(words: Iterable[str | None]) -> list[Path]:
    """The files that options name, wholly or before or behind a colon: other.jpg:mouth=1, picture:painting.jpg."""
    found = []
    for word in filter(None, words):
        for each in (word, word.partition(":")[2], word.rpartition(":")[0]):
            if each and Path(each).is_file():
                found.append(Path(each))
    return found


@dataclass(frozen=True, eq=False)
class Pieces:
    """A film of `count` frames, about `rate` a second, made piece by piece in a folder beside `out`."""

    out: Path
    count: int
    rate: float

    @property
    def folder(self) -> Path:
        """Where the pieces are until all are there."""
        return self.out.with_name(f".{self.out.name}.parts")

    def begin(self, asked: Mapping[str, object], files: Iterable[Path]) -> None:
        """Open the folder, emptied unless it is of the same things `asked`, as JSON knows them, and the same `files`.

        A file is the same while its place, size and time of change are.
        """
        stats = [(str(file.absolute()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        said = {**asked, "files": stats, "piece": _PIECE, "count": self.count}
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

    def make(self, render: Render, sound: Path, progress: Progress) -> None:
        """Make the pieces that are not there, join all with the sound of the film `sound`, and remove the folder.

        `render` gives the frames with these numbers, each with its time in seconds, without those that are damaged.
        Raises ImageError where all are.
        """
        pieces = []
        for first in range(0, self.count, _PIECE):
            numbers = range(first, min(first + _PIECE, self.count))
            piece = self.folder / f"{first // _PIECE:05}.nut"
            if not piece.exists():
                self._write(render(numbers), piece)
            if piece.stat().st_size:
                pieces.append(piece)
            progress("editing frames", numbers.stop, self.count)
        if not pieces:
            shutil.rmtree(self.folder)
            raise ImageError(f"{sound}: all frames are damaged; convert it to MP4 anew")
        with replacing(self.out) as temporary:
            join_pieces(pieces, sound, temporary)
        shutil.rmtree(self.folder)

    def _write(self, frames: Iterator[tuple[float, Pixels]], piece: Path) -> None:
        """Write a piece; an empty file where all its frames are damaged."""
        first = next(frames, None)
        if first is None:
            with replacing(piece) as temporary:
                temporary.touch()
        else:
            write_piece(chain([first], frames), piece, self.rate)
