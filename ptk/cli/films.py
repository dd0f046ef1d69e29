"""Films of ``ptk edit``: what goes with them, and bars while they are made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ptk.errors import PtkError

if TYPE_CHECKING:
    from ptk.editing.editor import Editor
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo

__all__ = ["check_film", "find_driving", "make_film"]


def check_film(photos: list[Path], landmarks: Path | None, face: Choice, source: str | None) -> bool:
    """Whether a video is to be edited. Raises PtkError for what belongs to photos alone."""
    from ptk.sources.names import VIDEOS

    film = next((path for path in photos if path.suffix.lower() in VIDEOS), None)
    if film is None:
        return False
    if len(photos) > 1:
        raise PtkError(f"{film}: is a video, and edited alone; edit the others by themselves")
    if landmarks is not None:
        raise PtkError(f"--landmarks {landmarks}: belongs to one photo; edit videos by --expression")
    if face == "all":
        raise PtkError("--face all: of a video one face is followed; name it, largest or 1, and edit the result again")
    if source not in (None, "photo"):
        raise PtkError(f"--from {source}: videos are edited as photos are; leave it out")
    return True


def find_driving(
    photos: list[Path], expression_from: str | None, landmarks: Path | None, face: Choice, source: str | None
) -> tuple[Path, dict[str, float]] | None:
    """The film whose face is to be played, and by which parts; None where another's expression is none of a film."""
    from ptk.faces.words.source import parse_source
    from ptk.sources.names import VIDEOS

    if expression_from is None:
        return None
    path, parts = parse_source(expression_from)
    if path.suffix.lower() not in VIDEOS:
        return None
    if len(photos) > 1 or photos[0].is_dir():
        raise PtkError(f"--expression-from {path}: is played by one photo or video; name one")
    if face == "all":
        raise PtkError(f"--face all: one face plays {path}; name it, largest or 1, and edit the result again")
    if landmarks is not None:
        raise PtkError(f"--landmarks {landmarks}: stay where they are, while {path} moves; leave one of them out")
    if source not in (None, "photo"):
        raise PtkError(f"--from {source}: films are made of photos; edit the drawing first")
    return path, parts


def make_film(
    source: Photo | Path,
    out: Path | None,
    editor: Editor,
    asked: Sequence[object],
    driving: tuple[Path, dict[str, float]] | None,
) -> None:
    """Edit a video, or have a photo play one, with bars; what is done is kept where it is stopped."""
    from ptk.cli.show import progress_bars
    from ptk.prepare.video import Video
    from ptk.video.animate_photo import animate_photo
    from ptk.video.edit_video import default_film, edit_video
    from ptk.video.performance import Performance
    from ptk.video.pieces import check_film_name, find_files

    path = source if isinstance(source, Path) else source.path
    out = default_film(path) if out is None else out
    check_film_name(out, path)
    said = {"asked": [None if each is None else str(each) for each in asked]}
    files = find_files(said["asked"])
    try:
        with progress_bars() as progress:
            performance = None
            if driving is not None:
                film = Video(driving[0])
                count = len(film)
                performance = Performance.read(
                    film,
                    editor.detector,
                    editor.detector_name,
                    driving[1],
                    warn=editor.warn,
                    tell=lambda done: progress("watching the performance", done, count),
                )
            if isinstance(source, Path):
                edit_video(editor, source, out, said, progress, performance=performance, files=files)
            else:
                assert performance is not None
                animate_photo(editor, source, film, performance, out, said, progress, files=files)
    except KeyboardInterrupt:
        typer.echo("stopped: call it again to go on from here", err=True)
        raise
    typer.echo(str(out))
