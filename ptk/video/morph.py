"""Frames between expressions of one photo: landmarks go from one to the next, and each frame is an edit of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ptk.errors import PtkError
from ptk.faces.gaze import lid_drift

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.editing.editor import Editor
    from ptk.editing.session import Session
    from ptk.faces.words.source import ExpressionSource

    Pixels = UInt8[np.ndarray, "height width 3"]
    Points = dict[int, Float32[np.ndarray, "68 2"]]
    Irises = dict[int, Float32[np.ndarray, "2 3"]]

__all__ = ["Key", "ease", "find_keys", "morph_expressions", "place_frames"]

MOST_FRAMES = 10_000


@dataclass(frozen=True, eq=False)
class Key:
    """Where landmarks of faces are in one moment, by the number of the face, and irises that do not go with them."""

    points: Points
    irises: Irises

    def towards(self, other: Key, share: float) -> Key:
        """The moment between this one and another, at `share` in [0, 1] of the way, in straight lines."""

        def blend(here: np.ndarray, there: np.ndarray) -> np.ndarray:
            return here if share == 0 else there if share == 1 else (here + share * (there - here)).astype(np.float32)

        points = {face: blend(here, other.points.get(face, here)) for face, here in self.points.items()}
        seen = self.irises.keys() & other.irises.keys()
        return Key(points, {face: blend(self.irises[face], other.irises[face]) for face in seen})


def ease(share: float) -> float:
    """Slow at both ends: half a cosine, from 0 at 0 to 1 at 1."""
    return 0.5 - 0.5 * float(np.cos(np.pi * share))


def place_frames(frames: int, keys: int, *, once: bool) -> list[tuple[int, float]]:
    """Share `frames` out evenly between so many `keys`: the key before each frame, and how far it is to the next.

    There and back the last key leads to the first again, whose own frame is not repeated: the film goes round. `once`
    it ends with the last key. Raises PtkError for fewer frames than keys.
    """
    if not keys <= frames <= MOST_FRAMES:
        raise PtkError(f"`frames` {frames}: there must be {keys} at least, one for each expression, and {MOST_FRAMES}")
    ways = keys - 1 if once else keys
    steps = (frames - 1) / ways if once else frames / ways
    placed = [(min(int(number / steps), ways - 1), number / steps) for number in range(frames)]
    return [(key, min(1.0, at - key)) for key, at in placed]


def find_keys(
    editor: Editor, session: Session, wishes: Sequence[dict[str, float] | ExpressionSource]
) -> tuple[list[Key], list[str]]:
    """Find where landmarks are in the photo, and where each of the `wishes`, words or another photo's, takes them.

    Returns also what was seen in others' photos, a line each. Raises what `Editor.find_goals` and `take_over` raise.
    """
    rest, said = editor.find_goals(session), []
    goals = [rest[0]]
    irises = [rest[1]]
    for wish in wishes:
        if isinstance(wish, dict):
            asked = replace(editor, strengths=wish)
        else:
            asked, seen = editor.take_over(wish)
            said.append(f"{wish.path}: {seen}")
        points, looks = asked.find_goals(session)
        goals.append({**goals[0], **points})
        irises.append(looks)
    seen_faces = set().union(*irises)
    keys = []
    for points, looks in zip(goals, irises, strict=True):
        there = dict(looks)
        for face in seen_faces - looks.keys():  # of whom the lids alone move
            own = session.faces[face]
            assert own.irises is not None
            there[face] = np.array(own.irises, dtype=np.float32)
            there[face][:, :2] += lid_drift(own.points, points[face])
        keys.append(Key(points, there))
    return keys, said


def morph_expressions(
    session: Session,
    keys: Sequence[Key],
    style: str,
    frames: int,
    once: bool = False,
    eased: bool = True,
) -> Iterator[Pixels]:
    """Render `frames` of a photo whose face goes from key to key, slow at each, and back to the first unless `once`.

    Every frame is what an edit with these landmarks gives; the first is the photo itself, in `style`. Raises what
    `Session.render` raises.
    """
    for key, share in place_frames(frames, len(keys), once=once):
        now = keys[key].towards(keys[(key + 1) % len(keys)], ease(share) if eased else share)
        yield session.render(now.points, style, preview=False, irises=now.irises or None)
