"""Where the faces of a photo go by what the page asks: through `Editor`, as every edit does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.rendered import PHOTO_STYLE
from ptk.errors import FaceError
from ptk.faces.gaze import lid_drift
from ptk.faces.plausibility import moves
from ptk.faces.pose import settle
from ptk.faces.words.expression import Expression
from ptk.faces.words.source import ExpressionSource
from ptk.studio.refusals import Refusal

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.editing.editor import Editor
    from ptk.editing.session import Session
    from ptk.editing.styles import Renders
    from ptk.studio.wishes import Edit, FaceWish
    from ptk.types import Landmarks

    Points = Float32[np.ndarray, "68 2"]
    Irises = Float32[np.ndarray, "2 3"]
    Styles = Callable[[str, str], Renders | None]

__all__ = ["Goals", "find_goals", "find_target", "is_nothing", "points_to_render", "render"]


@dataclass
class Goals:
    """Where landmarks of faces go, and irises that do not go along, by the index of the face; what was said of it."""

    points: dict[int, Points] = field(default_factory=dict)
    irises: dict[int, Irises] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def find_goals(
    editor: Editor,
    session: Session,
    edit: Edit,
    styles: Styles,
    upside_down: Mapping[int, str],
    scale: tuple[float, float] = (1.0, 1.0),
) -> tuple[Session, Goals]:
    """The `session` as `edit` asks it, and where its faces go; points that are moved go by `scale` in its pixels.

    Faces that are `upside_down` are known by their index, with what to say of them.

    Raises what `ptk.editing.editor.Editor.edit` raises for them, and Refusal for a face that is not there.
    """
    goals = Goals()
    asked = session.vary(
        choose=lambda style: styles(style, edit.area),
        warn=goals.warnings.append,
        force=edit.force,
    )
    asked.check_photo(edit.style)
    for index, wish in edit.asked.items():
        if index >= len(session.all_faces):
            raise Refusal(422, f"there is no face {index + 1} in this photo")
        fallen = upside_down.get(index)
        if fallen is not None:
            asked.tell(settle([fallen], FaceError, edit.force))
        target, alone = _follow(editor, asked, index, wish, scale)
        goals.points[index] = target.points
        if alone and target.irises is not None:
            goals.irises[index] = target.irises
    goals.warnings[:] = dict.fromkeys(goals.warnings)
    return asked, goals


def find_target(editor: Editor, session: Session, edit: Edit) -> Landmarks:
    """The landmarks of the face `edit.face`, where they go: a file of them is the edit once more."""
    index = edit.face - 1
    if index >= len(session.all_faces):
        raise Refusal(422, f"there is no face {edit.face} in this photo")
    wish = edit.asked.get(index)
    quiet = session.vary(warn=lambda _: None, force=edit.force)
    found = session.faces[index] if wish is None else _follow(editor, quiet, index, wish, (1.0, 1.0))[0]
    return replace(found, sha256=session.photo.sha256, width=session.photo.width, height=session.photo.height)


def render(session: Session, edit: Edit, goals: Goals) -> UInt8[np.ndarray, "height width 3"]:
    """Render what `find_goals` found, all of the photo."""
    points = points_to_render(session, edit, goals)
    return session.render(points, edit.style, preview=False, irises=goals.irises)


def points_to_render(session: Session, edit: Edit, goals: Goals) -> dict[int, Points] | None:
    """The points that `Session.render` and `Session.encode` are told: None where a style alone is asked for."""
    renderer = session.choose(edit.style)
    if renderer is None or not renderer.needs_face:
        return goals.points or (None if renderer is not None else {})
    faces = {index: face.points for index, face in enumerate(session.faces)}
    return {**faces, **goals.points}


def _follow(
    editor: Editor, session: Session, index: int, wish: FaceWish, scale: tuple[float, float]
) -> tuple[Landmarks, bool]:
    """Where a face goes by a wish, and whether its irises go elsewhere than along.

    By words and likeness first, as any edit, then by the points that are moved from there, as an edit by landmarks.
    """
    face = session.faces[index]
    wisher = replace(editor, strengths=wish.strengths, like=None, force=session.force)
    if wish.like is not None:
        taken = Expression(wish.like.words, wish.like.parts)
        wisher, _ = wisher.take_over(ExpressionSource(Path("expression"), taken, {}))
    goal, irises = wisher.find_goal(session, index)
    goal = np.asarray(goal, dtype=np.float32)
    looks = None if irises is None else np.asarray(irises, dtype=np.float32)
    if wish.is_dragged:
        there = goal.copy()
        for number, moved in wish.moved.items():
            there[int(number)] += np.multiply(moved, scale).astype(np.float32)
        if looks is not None:
            looks[:, :2] += lid_drift(goal, there).astype(np.float32)
        target = replace(face, points=there, irises=face.irises if looks is None else looks)
        goal, irises = replace(editor, force=session.force).find_goal(session, index, target)
        looks = None if irises is None else looks
    return replace(face, points=goal, irises=face.irises if looks is None else looks), looks is not None


def is_nothing(session: Session, edit: Edit, goals: Goals) -> bool:
    """Whether what is asked for is the photo itself."""
    if edit.style != PHOTO_STYLE or goals.irises:
        return False
    return not any(moves(session.faces[index].points, goal) for index, goal in goals.points.items())
