"""What people can ask of ``ptk edit``: its argument and its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "AreaOption",
    "DetectorOption",
    "DeviceOption",
    "ExpressionFromOption",
    "ExpressionOption",
    "FaceOption",
    "ForceOption",
    "LandmarksOption",
    "LearnedOption",
    "ObserveOption",
    "OutOption",
    "PhotosArgument",
    "StyleOption",
    "WeightsOption",
]

PhotosArgument = Annotated[
    list[Path], typer.Argument(metavar="PHOTO", help="The photo, or several, or folders of them; never changed.")
]
LandmarksOption = Annotated[
    Path | None, typer.Option(help="Where the 68 points should go: a JSON of ptk landmarks, edited.")
]
ExpressionOption = Annotated[
    str | None,
    typer.Option(metavar="WORDS", help="What the face should do more, or less, such as smile=0.7,brows_up=0.3."),
]
ExpressionFromOption = Annotated[
    Path | None, typer.Option(metavar="PHOTO", help="Whose expression the face should have.")
]
StyleOption = Annotated[
    str | None,
    typer.Option(
        help="photo, or a domain as ptk domains lists them: sketch, klee, picture:painting.jpg, beard:length=2.",
        show_default="photo",
    ),
]
LearnedOption = Annotated[
    bool, typer.Option("--learned", help="The style as the weights learned it, not as it is rendered.")
]
AreaOption = Annotated[
    Literal["photo", "head"] | None,
    typer.Option(help="What the style covers: the whole photo or the head.", show_default="photo, or head if learned"),
]
WeightsOption = Annotated[
    Path | None,
    typer.Option(help="weights.safetensors of ptk train, or what ptk export made.", show_default=False),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="The result: .jpg, .png, .webp or .tiff; of several photos a folder.",
        show_default="PHOTO.ptk.SUFFIX",
    ),
]
FaceOption = Annotated[
    str | None,
    typer.Option(
        metavar="all|largest|N", help="Which face, where there are several; ptk landmarks --show numbers them."
    ),
]
DetectorOption = Annotated[
    str | None, typer.Option(help="Who finds the face.", show_default="whom the weights learned from")
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Edit although the face is turned too far, or the landmarks look wrong.")
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
ObserveOption = Annotated[list[str], typer.Option(help="An observer to tell of it: NAME or NAME:option=value.")]
