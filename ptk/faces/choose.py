"""Which of the faces in a photo are meant, and how they are numbered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from ptk.errors import NoFaceError, PtkError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ptk.types import Landmarks

__all__ = ["Choice", "choose_face", "choose_faces", "list_faces", "main_face", "number_faces", "parse_choice"]

Choice: TypeAlias = int | Literal["all", "largest"] | None
"""A number from 1 on as `number_faces` counts, "largest", "all", or None: the only face, or the `main_face`."""

_BESIDE = 0.5  # faces are in one row when they overlap vertically by half of the shorter one or more
_BYSTANDER = 1 / 3  # faces in posters and passers-by are smaller beside the one that the photo is of


def parse_choice(word: str) -> int | Literal["all", "largest"]:
    """Read "all", "largest" or a number from 1 on. Raises PtkError for anything else."""
    if word == "all":
        return "all"
    if word == "largest":
        return "largest"
    if not (word.isascii() and word.isdigit() and int(word)):
        raise PtkError(f"a face is chosen by a number from 1 on, largest or all, not by {word}")
    return int(word)


def number_faces(found: Sequence[Landmarks]) -> list[Landmarks]:
    """Put faces in reading order: rows from top to bottom, each from left to right; the first is number 1.

    Two faces that overlap vertically by half of the shorter one's height or more are in one row, and so is whatever is
    in a row with either. The order depends on the points alone, not on that of `found`.
    """
    rows: list[list[Landmarks]] = []
    for face in sorted(found, key=lambda face: face.points.tolist()):
        top, bottom = face.points[:, 1].min(), face.points[:, 1].max()
        beside = []
        for row in rows:
            spans = [(other.points[:, 1].min(), other.points[:, 1].max()) for other in row]
            if any(min(bottom, low) - max(top, high) >= _BESIDE * min(bottom - top, low - high) for high, low in spans):
                beside.append(row)
        rows = [row for row in rows if row not in beside]
        rows.append([face, *(other for row in beside for other in row)])
    rows.sort(key=lambda row: float(np.mean([_middle(face)[1] for face in row])))
    return [face for row in rows for face in sorted(row, key=_middle)]


def main_face(found: Sequence[Landmarks]) -> Landmarks | None:
    """The only face, or the one that is three times as large as each other or more; None where there is no such."""
    by_size = sorted(found, key=_size)
    if not by_size or (len(by_size) > 1 and _size(by_size[-2]) > _BYSTANDER * _size(by_size[-1])):
        return None
    return by_size[-1]


def choose_faces(
    found: Sequence[Landmarks],
    photo_name: str,
    detectors: str,
    face: Choice,
    warn: Callable[[str], None] = lambda _: None,
) -> list[Landmarks]:
    """The faces in `found` that are meant by `face`, in the order of their numbers.

    `photo_name` and `detectors` (who looked, "mediapipe68") are for messages; `warn` is told of the other faces where
    the main one is taken by itself. Raises NoFaceError when no face was found, when `face` is None and none of several
    is the main one, and when there is no such number; it lists each with place and size.
    """
    faces = number_faces(found)
    if not faces:
        raise NoFaceError(f"{photo_name}: no face found (tried {detectors}); crop closer or pass `landmarks`")
    if face == "all":
        return faces
    if face == "largest":
        return [max(faces, key=_size)]
    if face is not None and 1 <= face <= len(faces):
        return [faces[face - 1]]
    listed = list_faces(faces)
    if face is not None:
        raise NoFaceError(f"{photo_name}: there is no face {face}; {listed}")
    main = main_face(faces)
    if main is None:
        raise NoFaceError(
            f"{photo_name}: {listed}. Say which: `face` 1 to {len(faces)}, largest, or all (`edit` only); "
            f"`write_landmarks({photo_name}, show=faces.png)` draws the numbers"
        )
    if len(faces) > 1:
        warn(f"{photo_name}: {listed}. Taking {faces.index(main) + 1}, by far the largest; `face` takes another")
    return [main]


def choose_face(
    found: Sequence[Landmarks],
    photo_name: str,
    detectors: str,
    face: int | Literal["largest"] | None,
    warn: Callable[[str], None] = lambda _: None,
) -> Landmarks:
    """The one face in `found` that is meant by `face`. Raises NoFaceError as `choose_faces` does."""
    return choose_faces(found, photo_name, detectors, face, warn)[0]


def list_faces(faces: Sequence[Landmarks]) -> str:
    """`2 faces found: 1 at (320, 210), 140 x 150 px; 2 at ...`: centre and size of each one's points."""
    count = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
    lines = []
    for number, face in enumerate(faces, 1):
        low, high = face.points.min(axis=0), face.points.max(axis=0)
        (x, y), (width, height) = (low + high) / 2, high - low
        lines.append(f"{number} at ({x:.0f}, {y:.0f}), {width:.0f} x {height:.0f} px")
    return f"{count} found: {'; '.join(lines)}"


def _middle(face: Landmarks) -> tuple[float, float]:
    x, y = (face.points.min(axis=0) + face.points.max(axis=0)) / 2
    return float(x), float(y)


def _size(face: Landmarks) -> float:
    """Side of the square that is as large as the box around the points."""
    return float(np.sqrt(np.prod(np.ptp(face.points, axis=0))))
