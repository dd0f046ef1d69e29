"""Files to take home: the result as `ptk edit` writes it, landmarks, an expression. All in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.faces.expressions import told, vocabulary
from ptk.faces.gaze import LOOKS
from ptk.faces.image_files.encoding import SUFFIXES, encode_copy
from ptk.faces.images import read_photo
from ptk.faces.landmarks import encode_landmarks, eye_distance
from ptk.faces.topology import REGIONS, indices
from ptk.faces.words.expression import Expression
from ptk.faces.words.expression_file import encode_expression, looks_like_expression, read_expression
from ptk.faces.words.head import HEAD_WORDS
from ptk.faces.words.source import ExpressionSource
from ptk.studio.goals import find_goals, find_target, points_to_render, render
from ptk.studio.refusals import Refusal, say_plainly

if TYPE_CHECKING:
    from ptk.studio.goals import Styles
    from ptk.studio.photos import OpenPhoto, Photos
    from ptk.studio.wishes import Edit

__all__ = ["Download", "make_expression", "make_landmarks", "make_result", "measure", "read_other"]

_PARTS = {
    "mouth": ("outer_lips", "inner_lips"),
    "eyes": ("right_eye", "left_eye"),
    "brows": ("right_brow", "left_brow"),
    "jaw": ("jaw",),
    "nose": ("nose_bridge", "nose_base"),
}
_DECIMALS = 9  # landmarks are read back to the last bit


@dataclass(frozen=True)
class Download:
    """A file's `content`, its `name` and its `media_type`."""

    content: bytes
    name: str
    media_type: str


def make_result(photos: Photos, opened: OpenPhoto, edit: Edit, suffix: str, styles: Styles) -> Download:
    """Make the file that an edit gives, as `Session.finish` writes it; the file itself where nothing changes."""
    suffix = suffix.lower()
    if suffix not in SUFFIXES:
        raise Refusal(422, f"photos are not written as {suffix[:8] or 'files without suffix'}; {', '.join(SUFFIXES)}")
    session = photos.session(opened)
    asked, goals = find_goals(photos.editor, session, edit, styles, opened.upside_down)
    photos.memory.make_room(session.photo.pixels.nbytes)
    name = f"{Path(opened.name).stem}.ptk{suffix}"
    content = asked.encode(points_to_render(asked, edit, goals), edit.style, Path(name), goals.irises)
    if content is None:
        content = encode_copy(name, session.photo, opened.content)
    return Download(content, name, f"image/{SUFFIXES[suffix].lower()}")


def make_landmarks(photos: Photos, opened: OpenPhoto, edit: Edit) -> Download:
    """Make the landmarks file of the face `edit.face`, where they go.

    Of an edit of several faces it names no photo, but for the first of them: the next is edited in the result.
    """
    target = find_target(photos.editor, photos.session(opened), edit)
    if edit.face - 1 in list(edit.asked)[1:]:
        target = replace(target, sha256="")
    return Download(encode_landmarks(target, decimals=_DECIMALS), landmarks_name(opened, edit), "application/json")


def landmarks_name(opened: OpenPhoto, edit: Edit, face: int | None = None) -> str:
    """What the landmarks file of a face is called."""
    number = f".{face or edit.face}" if len(opened.faces) > 1 else ""
    return f"{Path(opened.name).stem}{number}.landmarks.json"


def make_expression(photos: Photos, opened: OpenPhoto, edit: Edit) -> Download:
    """Make the expression file of the face `edit.face`: the words asked for.

    Of a face that only takes over another's expression it is that. Where points were dragged, or words go with it, it
    is what is read in the face where it goes, with the words asked for that no face is read for.
    """
    wish = edit.asked.get(edit.face - 1)
    words = {} if wish is None else wish.strengths
    if wish is not None and wish.like is not None and not words and not wish.is_dragged:
        content = encode_expression(Expression(wish.like.words, wish.like.parts))
        return Download(content, f"{Path(opened.name).stem}.expression.json", "application/json")
    if wish is not None and (wish.is_dragged or wish.like is not None):
        target = find_target(photos.editor, photos.session(opened), edit)
        unread = {name: each for name, each in words.items() if name in LOOKS or name in HEAD_WORDS}
        words = {**{name: each for name, each in vocabulary().shown(target.points).items() if each}, **unread}
    content = encode_expression(Expression(words))
    return Download(content, f"{Path(opened.name).stem}.expression.json", "application/json")


def measure(photos: Photos, opened: OpenPhoto, edit: Edit, styles: Styles) -> dict[str, Any]:
    """Measure how far landmarks found in the result are from those asked for, in % of the eye distance."""
    session = photos.session(opened)
    asked, goals = find_goals(photos.editor, session, edit, styles, opened.upside_down)
    index = edit.face - 1
    if index >= len(session.faces):
        raise Refusal(422, f"there is no face {edit.face} in this photo")
    goal = goals.points.get(index, session.faces[index].points)
    found = photos.editor.detector.detect(render(asked, edit, goals))
    eyes = float(eye_distance(goal))
    off = [np.linalg.norm(face.points - goal, axis=-1) / eyes * 100 for face in found]
    nearest = min(off, key=lambda each: float(each.mean()), default=None)
    if nearest is None or nearest.mean() > 100:
        return {"error": "no face is found again in the result"}
    parts = {name: indices(*(REGIONS[region] for region in regions)) for name, regions in _PARTS.items()}
    return {
        "mean": round(float(nearest.mean()), 2),
        "parts": {name: round(float(nearest[list(points)].mean()), 2) for name, points in parts.items()},
    }


def read_other(photos: Photos, name: str, content: bytes) -> dict[str, Any]:
    """Read the expression in another photo, or in an expression file. Raises PtkError for what is neither."""
    if looks_like_expression(content):
        made = read_expression(name, content)
        return {"words": dict(made.words), "parts": dict(made.parts), "said": told(made.words)}
    photos.make_room_for(name, content)
    warnings: list[str] = []
    editor = replace(photos.editor, face=None, warn=warnings.append)
    editor, said = editor.take_over(ExpressionSource(Path(name), read_photo(Path(name), content), {}))
    words = {} if editor.like is None else dict(editor.like.words)
    line = "; ".join([said, *(say_plainly(warning, name) for warning in warnings)])
    return {"words": {name: each for name, each in words.items() if each}, "parts": {}, "said": line}
