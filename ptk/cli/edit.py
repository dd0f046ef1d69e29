"""``ptk edit``: a photo in, a photo out; or many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ptk.cli.edit_options import (
    AreaOption,
    DetectorOption,
    DeviceOption,
    ExpressionFromOption,
    ExpressionOption,
    FaceOption,
    ForceOption,
    LandmarksOption,
    LearnedOption,
    ObserveOption,
    OutOption,
    PhotosArgument,
    StyleOption,
    WeightsOption,
)
from ptk.errors import PtkError
from ptk.types import PHOTO

if TYPE_CHECKING:
    from ptk.editing.batch import Job
    from ptk.editing.edit import Translates
    from ptk.editing.editor import Editor
    from ptk.editing.pictures import PictureEditor
    from ptk.editing.styles import Area, StyleRenderer
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.recipe.observing import Observers
    from ptk.types import Landmarks

__all__ = ["edit"]

_NOBODY = ("mesh", "unknown")
"""What weights say that learned from landmarks which no detector found; no plug-in is asked for one of that name."""

_DETECTOR = "mediapipe68"
"""Who found the landmarks that ptk's own weights learned from."""


def edit(
    photos: PhotosArgument,
    landmarks: LandmarksOption = None,
    expression: ExpressionOption = None,
    expression_from: ExpressionFromOption = None,
    style: StyleOption = None,
    learned: LearnedOption = False,
    area: AreaOption = None,
    weights: WeightsOption = None,
    out: OutOption = None,
    face: FaceOption = None,
    detector: DetectorOption = None,
    force: ForceOption = False,
    device: DeviceOption = "auto",
    observe: ObserveOption = [],  # noqa: B006
) -> None:
    """Render the faces in photos with another expression, in another style."""
    from ptk.editing.batch import is_one_photo, plan
    from ptk.editing.loading import DeferredTranslator, load_translator, shipped
    from ptk.editing.pictures import PictureEditor
    from ptk.faces.choose import parse_choice
    from ptk.faces.expressions import parse_expression
    from ptk.faces.images import read_photo
    from ptk.faces.landmarks import read_landmarks

    choice = None if face is None else parse_choice(face)
    _check_one_goal(photos, landmarks, expression, expression_from, choice)
    strengths = {} if expression is None else parse_expression(expression)
    other = None if expression_from is None else read_photo(expression_from)
    alone = read_photo(photos[0]) if is_one_photo(photos) else None
    target = None if alone is None or landmarks is None else read_landmarks(landmarks, alone)
    jobs = plan(photos, out)
    own = weights is None
    weights = weights or shipped(device)
    observers = _observers(observe)
    deferred = DeferredTranslator(weights, device)
    if own and (any(strengths.values()) or other is not None or target is not None):
        deferred.start()
    translator = deferred if own else load_translator(weights, device)
    if not own:
        moving = {"--landmarks": landmarks, "--expression": expression, "--expression-from": expression_from}
        style = _check_heard(translator, weights, style, moving)
        _check_whole(translator, weights, {"--face": face, "--area head": True if area == "head" else None})
    style = style or PHOTO
    renderer = _renderer(style, translator, own, learned, area)
    editor: Editor | PictureEditor
    if not own and translator.multiple and renderer is None:
        editor = PictureEditor(translator, style, _warn)
    else:
        detector = detector or (_DETECTOR if own else _detector_for(translator))
        chosen = _editor(translator, style, detector, renderer)
        editor = replace(chosen, face=choice, strengths=strengths, force=force, warn=_warn)
        if other is not None:
            editor = _taking_over(editor, other)
    made = partial(_tell, observers, style, weights)
    if alone is None:
        _edit_all(jobs, editor, made)
    else:
        _edit_one(alone, jobs[0], editor, target)
        made(jobs[0])


def _tell(observers: Observers | None, style: str, weights: Path, job: Job) -> None:
    from ptk.events import EditMade

    if observers is not None:
        observers.tell(EditMade(photo=job.photo, out=job.out, style=style, weights=weights))


def _check_whole(translator: Translates, weights: Path, asked: Mapping[str, object]) -> None:
    """Raise PtkError where weights that learned whole pictures are `asked` for a face."""
    named = [option for option, value in asked.items() if value is not None]
    if translator.multiple and named:
        raise PtkError(f"{named[0]}: {weights} learned whole pictures, not faces; leave it out")


def _check_heard(translator: Translates, weights: Path, style: str | None, asked: Mapping[str, object]) -> str | None:
    """Return the style that weights are to give, the only one where they have but one.

    Raises PtkError where weights that hear no landmarks are `asked` to move some, or not told which style of several.
    """
    from ptk.editing.learned import learned_goals

    if translator.hears_landmarks:
        return style
    named = [option for option, value in asked.items() if value is not None]
    if named:
        raise PtkError(f"{named[0]}: {weights} hear no landmarks, so no face moves; leave it out, and name a --style")
    goals = learned_goals(translator.metadata, translator.domains)
    if style in translator.domains and style not in goals:
        raise PtkError(f"--style {style}: {weights} translate from {style} only, to {', '.join(goals)}")
    if style is not None or len(goals) == 1:
        return style or goals[0]
    other = f"{goals[0]} or {goals[1]}, the one that the picture is not in" if len(goals) == 2 else ", ".join(goals)
    raise PtkError(f"{weights}: hear no landmarks, they only translate; say where to with --style: {other}")


def _edit_one(photo: Photo, job: Job, editor: Editor | PictureEditor, target: Landmarks | None) -> None:
    if not editor.edit(photo, job.out, target):
        near = "no face near the landmarks; taking their word for where it is"
        said = "no face; the style is sized by the picture" if target is None else near
        typer.echo(f"{photo.path}: {editor.detector_name} finds {said}", err=True)
    typer.echo(str(job.out))


def _renderer(style: str, translator: Translates, own: bool, learned: bool, area: Area | None) -> StyleRenderer | None:
    """Who renders `style`; None where the weights give it: a photo, or a style that they learned.

    Weights that the user named lead with what they learned, ptk's `own` follow domains that render.
    """
    from ptk.editing.edit import PHOTO_STYLE, check_style
    from ptk.editing.learned import find_untrained
    from ptk.registry.registry import load_registry

    if style == PHOTO_STYLE:
        if not own:
            check_style(translator, style)
        if learned or area is not None:
            raise PtkError(f"{'--learned' if learned else '--area'}: belongs to a style; name one with --style")
        return None
    untrained = not own and style in find_untrained(translator.metadata)
    if untrained and not learned and load_registry().offers("domain", style):
        _warn(f"--style {style}: these weights were never trained in it; the domain {style} renders it")
    elif learned or (not own and style in translator.domains):
        check_style(translator, style)
        if area == "photo" and not translator.multiple:
            mend = "--learned" if learned else "--weights"
            raise PtkError(f"--area photo: these weights learned {style} of heads only; leave out {mend}")
        return None
    from ptk.editing.styles import choose_renderer

    return choose_renderer(style, area or "photo")


def _editor(translator: Translates, style: str, detector: str, renderer: StyleRenderer | None) -> Editor:
    """Who edits in `style`, with the `detector` of that name."""
    from ptk.editing.editor import Editor
    from ptk.recipe.one_part import build_one

    return Editor(translator, build_one("detector", detector, {}, {}), detector, style, renderer=renderer)


def _detector_for(translator: Translates) -> str:
    """The detector that the weights learned from."""
    from ptk.registry.registry import load_registry

    said = translator.detector
    return said if said not in _NOBODY and load_registry().offers("detector", said) else _DETECTOR


def _check_one_goal(
    photos: list[Path], landmarks: Path | None, expression: str | None, expression_from: Path | None, face: Choice
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


def _taking_over(editor: Editor, other: Photo) -> Editor:
    """`editor` that takes the expression over from the one face in `other`; says what it sees there."""
    from ptk.faces.expressions import told, vocabulary

    words = vocabulary()
    if editor.detector_name != words.detector:
        raise PtkError(
            f"--expression-from {other.path}: expressions are read as {words.detector} sees faces, "
            f"not {editor.detector_name}; add --detector {words.detector}"
        )
    face, seen = editor.read_expression(other)
    typer.echo(f"{other.path}: {told(seen) or 'no expression, as far as landmarks tell'}", err=True)
    return replace(editor, like=face.points)


def _edit_all(jobs: list[Job], editor: Editor | PictureEditor, made: Callable[[Job], None]) -> None:
    """Edit all, with a bar; what failed ends it in an error that has a line for each."""
    from ptk.cli.show import progress_bars
    from ptk.editing.batch import edit_all

    written: list[Job] = []
    warnings: list[str] = []  # told when the bar is gone

    def note(job: Job) -> None:
        written.append(job)
        made(job)

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
    typer.echo(line, err=True)


def _observers(words: list[str]) -> Observers | None:
    """None without any: whoever tells them imports torch."""
    if not words:
        return None
    from ptk.recipe.observing import build_observers

    return build_observers(words, lambda said: typer.echo(f"warning: {said}", err=True))
