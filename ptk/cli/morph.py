"""``ptk morph``: a photo, or two, as a film of a face that moves."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ptk.cli.flags import spell_here
from ptk.errors import PtkError

__all__ = ["morph"]

_PhotosArgument = Annotated[
    list[Path], typer.Argument(metavar="PHOTO [OTHER]", help="The photo; or two of one person, to go between.")
]
_OutOption = Annotated[
    Path,
    typer.Option(
        "--out",
        "-o",
        help="The film: .mp4, .gif, .webp, or a new folder of pictures; or a strip of seven frames: .png, .jpg.",
        show_default=False,
    ),
]
_ExpressionOption = Annotated[
    list[str],
    typer.Option(metavar="WORDS", help="An expression that the face goes through, such as smile=1; give several."),
]
_FromOption = Annotated[
    list[str],
    typer.Option(metavar="PHOTO[:PARTS]", help="Another's expression, or parts of it; after all --expression."),
]
_FramesOption = Annotated[int, typer.Option(help="How many frames there are, in all.")]
_RateOption = Annotated[float, typer.Option("--fps", min=1, max=120, help="Frames a second.")]
_OnceOption = Annotated[bool, typer.Option("--once", help="End with the last expression, without the way back.")]
_WayOption = Annotated[
    Literal["landmarks", "recursion"],
    typer.Option(help="Between two photos: each frame of both, or middles of middles, as in the paper's Figure 5."),
]
_SideOption = Annotated[
    int | None,
    typer.Option("--size", min=32, help="Make frames smaller: pixels of the longer side.", show_default="the photo's"),
]
_StyleOption = Annotated[str, typer.Option(help="The style of all frames, as in ptk edit.")]
_FaceOption = Annotated[str | None, typer.Option(metavar="all|largest|N", help="Which face, where there are several.")]
_DetectorOption = Annotated[
    str | None, typer.Option(help="Who finds the face.", show_default="whom the weights learned from")
]
_WeightsOption = Annotated[Path | None, typer.Option(help="weights.safetensors of ptk train, or what ptk export made.")]
_ForceOption = Annotated[bool, typer.Option("--force", help="Go on although the face is turned too far.")]
_DeviceOption = Annotated[str, typer.Option(help="auto, cpu or cuda.")]


def morph(
    photos: _PhotosArgument,
    out: _OutOption,
    expression: _ExpressionOption = [],  # noqa: B006
    expression_from: _FromOption = [],  # noqa: B006
    frames: _FramesOption = 48,
    rate: _RateOption = 24.0,
    once: _OnceOption = False,
    way: _WayOption = "landmarks",
    size: _SideOption = None,
    style: _StyleOption = "photo",
    face: _FaceOption = None,
    detector: _DetectorOption = None,
    weights: _WeightsOption = None,
    force: _ForceOption = False,
    device: _DeviceOption = "auto",
) -> None:
    """Make a film of the face in a photo that goes from expression to expression, or between two photos."""
    from ptk.cli.show import progress_bars
    from ptk.editing.opening import open_editor
    from ptk.faces.choose import parse_choice
    from ptk.faces.expressions import parse_expression
    from ptk.faces.images import read_photo
    from ptk.faces.words.source import ExpressionSource
    from ptk.video.animation import check_animation
    from ptk.video.film import Film, is_strip

    _check_wishes(photos, [*expression, *expression_from], style)
    if not is_strip(out):
        check_animation(out)
    wishes: list[Any] = [parse_expression(words) for words in expression]
    wishes += [ExpressionSource.open(name) for name in expression_from]
    opened = [read_photo(path) for path in photos]
    editor = open_editor(
        weights,
        device,
        style=style,
        detector=detector,
        face=None if face is None else parse_choice(face),
        moving=["expression"],
        force=force,
        warn=lambda line: typer.echo(spell_here(line), err=True),
    )
    film = Film(out, frames, rate, once=once, way=way, side=size)
    with progress_bars() as progress:
        if len(opened) == 2:
            film.go_between(editor, opened[0], opened[1], partial(progress, "frames"))
        else:
            film.go_through(editor, opened[0], wishes, partial(progress, "frames"))
    typer.echo(str(out))


def _check_wishes(photos: list[Path], wishes: list[str], style: str) -> None:
    """Raise PtkError where there is nothing to go to, or too much."""
    if len(photos) > 2:
        raise PtkError(f"{photos[2]}: a film is made of one photo, or goes between two; leave it out")
    if len(photos) == 1 and not wishes:
        raise PtkError("no expression to go to; name one by --expression smile=1, or another photo of the same person")
    if len(photos) == 2 and wishes:
        raise PtkError("two photos have their expressions; leave out --expression and --expression-from, or one photo")
    if len(photos) == 2 and style != "photo":
        raise PtkError(f"--style {style}: what lies between two photos is a photo; leave it out")
