"""Which of the faces in a photo somebody means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptk.errors import NoFaceError

if TYPE_CHECKING:
    from ptk.types import Landmarks

__all__ = ["choose_face"]


def choose_face(found: list[Landmarks], photo_name: str, detectors: str, face: int | None) -> Landmarks:
    """The one face that is meant: the only one in `found`, or number `face`, counted from 1 in the order of `found`.

    `photo_name` and `detectors` (who looked, "mediapipe68") are for the message. Raises NoFaceError when nobody was
    found, when several were and `face` is None, and when there is no such number; it lists each with place and size.
    """
    if not found:
        raise NoFaceError(f"{photo_name}: no face found (tried {detectors}); crop closer or pass --landmarks")
    if face is None and len(found) == 1:
        return found[0]
    if face is not None and 1 <= face <= len(found):
        return found[face - 1]
    listed = "; ".join(f"{number} {_place(landmarks)}" for number, landmarks in enumerate(found, 1))
    if face is None:
        raise NoFaceError(f"{photo_name}: {len(found)} faces found: {listed}. Say which: --face 1 to {len(found)}")
    count = "1 face" if len(found) == 1 else f"{len(found)} faces"
    raise NoFaceError(f"{photo_name}: there is no face {face}; {count} found: {listed}")


def _place(landmarks: Landmarks) -> str:
    """`at (320, 210), 140 x 150 px`: centre and size of the points' bounding box, in photo pixels."""
    low, high = landmarks.points.min(axis=0), landmarks.points.max(axis=0)
    (x, y), (width, height) = (low + high) / 2, high - low
    return f"at ({x:.0f}, {y:.0f}), {width:.0f} x {height:.0f} px"
