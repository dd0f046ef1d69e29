"""``ptk landmarks``: where the 68 points of a face are, as a JSON to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["landmarks"]


def landmarks(
    photo: Annotated[Path, typer.Argument(help="The photo; it is never changed.")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The JSON. [PHOTO.landmarks.json]")] = None,
    detector: Annotated[str, typer.Option(help="Who finds the face; ptk plugins lists them.")] = "mediapipe68",
    show: Annotated[
        Path | None, typer.Option(help="Also draw the points on a copy: .png, .jpg, .webp or .tiff.")
    ] = None,
    face: Annotated[int | None, typer.Option(help="Which face, where there are several, from 1.")] = None,
    expression: Annotated[
        str | None, typer.Option(metavar="WORDS", help="Move the points as ptk edit would: smile=0.7,brows_up=0.3.")
    ] = None,
) -> None:
    """Find the 68 landmarks of the face in a photo."""
    from dataclasses import replace

    from ptk.faces.choose import choose_face
    from ptk.faces.expressions import parse_expression, vocabulary
    from ptk.faces.images import read_photo, write_photo
    from ptk.faces.landmarks import draw_landmarks, write_landmarks
    from ptk.registry.registry import load_registry

    strengths = {} if expression is None else parse_expression(expression)
    content = read_photo(photo)
    out = _checked_outputs(photo, out, show)
    found = load_registry().part("detector", detector).load()().detect(content.pixels)
    chosen = choose_face(found, str(photo), detector, face)
    if strengths:
        chosen = replace(chosen, points=vocabulary().moved(chosen.points, strengths))
    write_landmarks(out, replace(chosen, sha256=content.sha256))
    typer.echo(str(out))
    if show is not None:
        write_photo(show, draw_landmarks(content.pixels, chosen.points), content, digital_source_type=None)
        typer.echo(str(show))


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
