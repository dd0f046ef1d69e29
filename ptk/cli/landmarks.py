"""``ptk landmarks``: where the landmarks of a face are, as a JSON to edit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float

    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = ["landmarks"]


def landmarks(
    photo: Annotated[Path, typer.Argument(help="The photo; it is never changed.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The JSON. [PHOTO.landmarks.json]")] = None,
    detector: Annotated[str, typer.Option(help="Who finds the face; ptk plugins lists them.")] = "mediapipe68",
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="STYLE",
            help="What the photo is: photo, sketch, watercolor, wave or poster; drawings are seen through their photo.",
            show_default="what ptk wrote into it, or what it looks like",
        ),
    ] = None,
    show: Annotated[
        Path | None, typer.Option(help="Also draw the points on a copy: .png, .jpg, .webp or .tiff.")
    ] = None,
    face: Annotated[
        str | None,
        typer.Option(metavar="largest|N", help="Which face, where there are several; --show numbers them."),
    ] = None,
    expression: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Move the points as ptk edit would: smile=0.7,brows_up=0.3.")
    ] = None,
) -> None:
    """Find the 68 landmarks of the face in a photo."""
    from dataclasses import replace

    from ptk.editing.drawings.photographs import make_photo
    from ptk.errors import NoFaceError, PtkError
    from ptk.faces.choose import choose_face, number_faces, parse_choice
    from ptk.faces.expressions import parse_expression, vocabulary
    from ptk.faces.images import read_photo
    from ptk.faces.landmarks import move_landmarks, write_landmarks
    from ptk.recipe.one_part import build_one

    strengths = {} if expression is None else parse_expression(expression)
    choice = None if face is None else parse_choice(face)
    if choice == "all":
        raise PtkError("--face all: a landmarks file is of one face; name a number, or largest")
    content = read_photo(photo)
    out = _checked_outputs(photo, out, show)
    finder = build_one("detector", detector, {}, {})
    faces = number_faces(finder.detect(make_photo(content, finder, source, _warn).pixels))
    try:
        chosen = choose_face(faces, str(photo), detector, choice, _warn)
    except NoFaceError:
        if show is not None and faces:  # to choose by
            _show(show, content, faces, None)
        raise
    moved = move_landmarks(chosen, vocabulary().moved(chosen.points, strengths)) if strengths else chosen
    write_landmarks(out, replace(moved, sha256=content.sha256))
    typer.echo(str(out))
    if show is not None:
        _show(show, content, faces, chosen, moved.all_points)


def _warn(text: str) -> None:
    from ptk.cli.flags import spell_here

    typer.echo(spell_here(text), err=True)


def _show(
    out: Path,
    photo: Photo,
    faces: list[Landmarks],
    chosen: Landmarks | None,
    points: Float[np.ndarray, "count 2"] | None = None,
) -> None:
    """Draw the `points` on a copy of the photo; where it shows several faces, their numbers, too."""
    from ptk.faces.drawing.number_plates import draw_numbers
    from ptk.faces.images import write_photo
    from ptk.faces.landmarks import draw_landmarks

    pixels = photo.pixels if points is None else draw_landmarks(photo.pixels, points)
    if len(faces) > 1:
        pixels = draw_numbers(pixels, faces, chosen)
    write_photo(out, pixels, photo, digital_source_type=None)
    typer.echo(str(out))


def _checked_outputs(photo: Path, out: Path | None, show: Path | None) -> Path:
    """Where the JSON goes. Raises OutputError where a photo or an edited JSON would be lost, or a folder is missing."""
    from ptk.errors import OutputError
    from ptk.faces.images import photo_format

    if out is None:
        out = photo.with_name(f"{photo.stem}.landmarks.json")
        if out.exists():
            raise OutputError(f"{out}: is there already, perhaps edited; replace it with -o {out}, or name another")
    if show is not None:
        photo_format(show)
    for written in (out, show):
        if written is not None and written.exists() and written.samefile(photo):
            raise OutputError(f"{written}: is the photo itself, which ptk never overwrites; name another file")
        if written is not None and not written.parent.is_dir():
            raise OutputError(f"{written}: there is no folder {written.parent}; make it first")
    if show is not None and show.resolve() == out.resolve():
        raise OutputError(f"{out}: the JSON and the picture need a file each; name another with --show")
    return out
