"""What the page is told of a photo that was opened: who is in it, and what each face cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ptk.errors import FaceError
from ptk.faces.expressions import vocabulary
from ptk.faces.gaze import LOOKS
from ptk.faces.images import depth_warning
from ptk.faces.pose import check_pose, check_turn
from ptk.studio.controls import group_word
from ptk.studio.refusals import say_plainly

if TYPE_CHECKING:
    from ptk.editing.session import Session
    from ptk.studio.photos import OpenPhoto, Photos

__all__ = ["describe_photo"]


def describe_photo(photos: Photos, opened: OpenPhoto) -> dict[str, Any]:
    """What `POST /api/photos` answers."""
    session = photos.session(opened)
    faces = [_describe_face(session, opened, index) for index in range(len(opened.faces))]
    warnings = list(opened.warnings)
    if (depth := depth_warning(session.photo)) is not None:
        warnings.append(depth)
    if not faces:
        warnings.append("no face was found: styles of the whole photo work, expressions need a face; crop closer")
    return {
        "id": opened.id,
        "name": opened.name,
        "width": opened.width,
        "height": opened.height,
        "from": opened.source or "",
        "drawing": opened.drawing,
        "warnings": [say_plainly(line, opened.name) for line in warnings],
        "faces": faces,
    }


def _describe_face(session: Session, opened: OpenPhoto, index: int) -> dict[str, Any]:
    face = session.faces[index]
    cannot, warnings = dict[str, str](), list[str]()
    try:
        warnings += check_pose(face.points, opened.name)
        if index in opened.upside_down:
            raise FaceError(opened.upside_down[index])
    except FaceError as error:
        warnings.append(str(error))
        cannot = dict.fromkeys(vocabulary().strengths, say_plainly(str(error), opened.name))
    else:
        cannot = _find_idle_words(session, opened, index)
    return {
        "number": index + 1,
        "points": [[round(x, 2), round(y, 2)] for x, y in face.points.tolist()],
        "irises": None if face.irises is None else [[round(each, 2) for each in row] for row in face.irises.tolist()],
        "cannot": cannot,
        "warning": say_plainly("; ".join(warnings), opened.name),
    }


def _find_idle_words(session: Session, opened: OpenPhoto, index: int) -> dict[str, str]:
    """Which words do nothing to a face of this photo, and why."""
    points, words = session.faces[index].points, vocabulary()
    found: dict[str, str] = {}
    no_gaze = session.find_why_no_gaze(index)
    if no_gaze:
        found |= dict.fromkeys(LOOKS, say_plainly(no_gaze, opened.name))
    for name, word in words.strengths.items():
        if group_word(name) == "eyes":
            said: list[str] = []
            goal = words.moved(points, {name: word.most})
            session.vary(warn=said.append).check_eyes(index, goal)
            if said:
                found[name] = say_plainly(said[0], opened.name)
    try:
        check_turn(points, 1.0, opened.name)
    except FaceError as error:
        found["turn"] = say_plainly(str(error), opened.name)
    return found
