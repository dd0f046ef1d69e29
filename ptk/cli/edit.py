"""``ptk edit``: one photo in, one photo out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["edit"]

_NOBODY = ("mesh", "unknown")
"""What weights say that learned from landmarks which no detector found; no plug-in is asked for one of that name."""


def edit(
    photo: Annotated[Path, typer.Argument(help="The photo; it is never changed.")],
    landmarks: Annotated[
        Path | None, typer.Option(help="Where the 68 points should go: a JSON of ptk landmarks, edited.")
    ] = None,
    style: Annotated[str, typer.Option(help="One of the styles that the weights know.")] = "photo",
    weights: Annotated[Path | None, typer.Option(help="weights.safetensors of ptk train.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The result: .jpg, .png, .webp or .tiff.", show_default="PHOTO.ptk.SUFFIX"),
    ] = None,
    face: Annotated[int | None, typer.Option(help="Which face, where there are several, from 1.")] = None,
    detector: Annotated[
        str | None, typer.Option(help="Who finds the face.", show_default="whom the weights learned from")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    observe: Annotated[list[str], typer.Option(help="An observer to tell of it: NAME or NAME:option=value.")] = [],  # noqa: B006
) -> None:
    """Render the face in a photo with another expression, in another style."""
    from ptk.editing.edit import check_output, check_style, default_output, edit_face, find_source
    from ptk.errors import WeightsError
    from ptk.faces.images import read_photo, write_photo
    from ptk.faces.landmarks import read_landmarks

    source_photo = read_photo(photo)
    target = None if landmarks is None else read_landmarks(landmarks, source_photo)
    out = out or default_output(photo)
    check_output(out, photo)
    if weights is None:
        raise WeightsError(
            "--weights: none come with ptk; train some with ptk train portraitgan-tiny "
            "and give the weights.safetensors that it writes"
        )

    from ptk.editing.translator import Translator
    from ptk.events import EditMade
    from ptk.recipe.observing import build_observers
    from ptk.registry.registry import load_registry

    registry, observers = (
        load_registry(),
        build_observers(observe, lambda said: typer.echo(f"warning: {said}", err=True)),
    )
    translator = Translator.load(weights, device)
    check_style(translator, style)
    if detector is None:
        said = translator.detector
        detector = said if said not in _NOBODY and registry.offers("detector", said) else "mediapipe68"
    source = find_source(source_photo, registry.part("detector", detector).load()(), detector, target, face)
    if source is target:
        typer.echo(f"{photo}: {detector} finds no face near the landmarks; taking their word for where it is", err=True)
    pixels = edit_face(source_photo, source.points, (target or source).points, translator, style)
    write_photo(out, pixels, source_photo)
    typer.echo(str(out))
    observers.tell(EditMade(photo=photo, out=out, style=style, weights=weights))
