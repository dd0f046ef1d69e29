"""``ptk edit``: a photo in, a photo out; or many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ptk.cli.films import check_film, find_driving, make_film
from ptk.cli.flags import spell_here
from ptk.errors import PtkError

if TYPE_CHECKING:
    from ptk.editing.batch import Job
    from ptk.editing.editor import Editor
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = ["edit"]

_PhotosArgument = Annotated[
    list[Path], typer.Argument(metavar="PHOTO", help="The photo, or several, or folders; or a video; never changed.")
]
_LandmarksOption = Annotated[
    Path | None, typer.Option(help="Where the 68 points should go: a JSON of ptk landmarks, edited.")
]
_ExpressionOption = Annotated[
    str | None,
    typer.Option(metavar="WORDS", help="What the face should do more, or less, such as smile=0.7,brows_up=0.3."),
]
_ExpressionFromOption = Annotated[
    str | None,
    typer.Option(
        metavar="PHOTO[:PARTS]",
        help="Whose expression the face should have, or parts of it: other.jpg:mouth=1,eyes=0.5; or a film, to play.",
    ),
]
_StyleOption = Annotated[
    str | None,
    typer.Option(
        help="photo, or a domain as ptk domains lists them: sketch, klee, picture:painting.jpg, beard:length=2.",
        show_default="photo",
    ),
]
_FromOption = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="STYLE",
        help="What the PHOTO is: photo, sketch, watercolor, wave or poster; a drawing is edited over its photo.",
        show_default="what ptk wrote into it, or what it looks like",
    ),
]
_LearnedOption = Annotated[
    bool, typer.Option("--learned", help="The style as the weights learned it, not as it is rendered.")
]
_AreaOption = Annotated[
    Literal["photo", "head"] | None,
    typer.Option(help="What the style covers: the whole photo or the head.", show_default="photo, or head if learned"),
]
_WeightsOption = Annotated[
    Path | None,
    typer.Option(help="weights.safetensors of ptk train, or what ptk export made.", show_default=False),
]
_OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        help="The result: .jpg, .png, .webp or .tiff; of several photos a folder.",
        show_default="PHOTO.ptk.SUFFIX",
    ),
]
_FaceOption = Annotated[
    str | None,
    typer.Option(
        metavar="all|largest|N", help="Which face, where there are several; ptk landmarks --show numbers them."
    ),
]
_DetectorOption = Annotated[
    str | None, typer.Option(help="Who finds the face.", show_default="whom the weights learned from")
]
_ForceOption = Annotated[
    bool, typer.Option("--force", help="Edit although the face is turned too far, or the landmarks look wrong.")
]
_DeviceOption = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
_ObserveOption = Annotated[list[str], typer.Option(help="An observer to tell of it: NAME or NAME:option=value.")]


def edit(
    photos: _PhotosArgument,
    landmarks: _LandmarksOption = None,
    expression: _ExpressionOption = None,
    expression_from: _ExpressionFromOption = None,
    source: _FromOption = None,
    style: _StyleOption = None,
    learned: _LearnedOption = False,
    area: _AreaOption = None,
    weights: _WeightsOption = None,
    out: _OutOption = None,
    face: _FaceOption = None,
    detector: _DetectorOption = None,
    force: _ForceOption = False,
    device: _DeviceOption = "auto",
    observe: _ObserveOption = [],  # noqa: B006
) -> None:
    """Render the faces in photos with another expression, in another style."""
    from ptk.editing.batch import is_one_photo, plan
    from ptk.editing.opening import open_editor
    from ptk.faces.choose import parse_choice
    from ptk.faces.expressions import parse_expression
    from ptk.faces.images import read_photo
    from ptk.faces.landmarks import read_landmarks
    from ptk.faces.words.source import ExpressionSource

    choice = None if face is None else parse_choice(face)
    is_film = check_film(photos, landmarks, choice, source)
    _check_one_goal(photos, landmarks, expression, expression_from, choice)
    driving = find_driving(photos, expression_from, landmarks, choice, source)
    other = None if expression_from is None or driving is not None else ExpressionSource.open(expression_from)
    alone = read_photo(photos[0]) if is_one_photo(photos) and not is_film else None
    target = None if alone is None or landmarks is None else read_landmarks(landmarks, alone)
    jobs = [] if is_film or driving is not None else plan(photos, out)
    moving = {"landmarks": landmarks, "expression": expression, "expression_from": expression_from}
    editor = open_editor(
        weights,
        device,
        source=source,
        style=style,
        learned=learned,
        area=area,
        detector=detector,
        face=choice,
        strengths={} if expression is None else parse_expression(expression),
        moving=[name for name, value in moving.items() if value is not None],
        force=force,
        warn=_warn,
    )
    if other is not None:
        editor, seen = editor.take_over(other)
        _warn(f"{other.path}: {seen}")
    if is_film or driving is not None:
        asked = expression, expression_from, style, learned, area, weights, face, detector, device
        return make_film(alone or photos[0], out, editor, asked, driving)
    tell = partial(_build_teller(observe, weights, device), editor.style)
    return _edit_all(jobs, editor, tell) if alone is None else _edit_one(alone, jobs[0], editor, target, tell)


def _edit_one(photo: Photo, job: Job, editor: Editor, target: Landmarks | None, tell: Callable[[Job], None]) -> None:
    """Edit a photo, and say where its face was not found."""
    if not editor.edit(photo, job.out, target):
        near = "no face near the landmarks; taking their word for where it is"
        said = "no face; the style is sized by the picture" if target is None else near
        _warn(f"{photo.path}: {editor.detector_name} finds {said}")
    typer.echo(str(job.out))
    tell(job)


def _build_teller(observers: list[str], weights: Path | None, device: str) -> Callable[[str, Job], None]:
    """Build the `observers`; returns what tells them of an edit in a style. Without any, torch is not imported."""
    if not observers:
        return lambda style, job: None  # noqa: ARG005
    from ptk.editing.loading import shipped
    from ptk.events import EditMade
    from ptk.recipe.observing import build_observers

    built = build_observers(observers, lambda said: typer.echo(f"warning: {said}", err=True))

    def tell(style: str, job: Job) -> None:
        built.tell(EditMade(photo=job.photo, out=job.out, style=style, weights=weights or shipped(device)))

    return tell


def _check_one_goal(
    photos: list[Path], landmarks: Path | None, expression: str | None, expression_from: str | None, face: Choice
) -> None:
    """Raise PtkError where two options say where the points should go, or one JSON is for several photos."""
    from ptk.editing.batch import is_one_photo

    if landmarks is None:
        return
    given = {"--expression": expression, "--expression-from": expression_from}
    also = next((name for name, value in given.items() if value is not None), None)
    if also is not None:
        raise PtkError(f"--landmarks and {also} both say where the points go; leave one of them out")
    if not is_one_photo(photos):
        raise PtkError(f"--landmarks {landmarks}: belongs to one photo; edit several by --expression")
    if face == "all":
        raise PtkError(f"--landmarks {landmarks}: belongs to one face; edit all by --expression, or name one by --face")


def _edit_all(jobs: list[Job], editor: Editor, tell: Callable[[Job], None]) -> None:
    """Edit all, with a bar; what failed ends it in an error that has a line for each."""
    from ptk.cli.show import progress_bars
    from ptk.editing.batch import edit_all

    written: list[Job] = []
    warnings: list[str] = []  # told when the bar is gone

    def note(job: Job) -> None:
        written.append(job)
        tell(job)

    try:
        with progress_bars() as progress:
            failures = edit_all(jobs, replace(editor, warn=warnings.append), progress, note)
    except KeyboardInterrupt:
        typer.echo(f"stopped: {len(written)} of {len(jobs)} photos are edited", err=True)
        raise
    finally:  # below the bar
        for warning in warnings:
            _warn(warning)
    for job in written:
        typer.echo(str(job.out))
    if failures:
        count = f"{len(failures)} of {len(jobs)} photos"
        raise PtkError("\n".join([*failures, f"{count} could not be edited, the others are"]))


def _warn(line: str) -> None:
    typer.echo(spell_here(line), err=True)
