"""A face that looks elsewhere: its irises moved in the photo, at its own resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.gaze import look_elsewhere
from ptk.faces.landmarks import eye_distance
from ptk.faces.topology import EYELIDS
from ptk.motion.gaze import find_gaze_flow, limit_gaze
from ptk.motion.sampling import sample_photo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Float, UInt8

    from ptk.types import Landmarks

__all__ = ["find_moved_irises", "move_irises"]

_ASKED = 0.01  # of the distance of the outer eye corners: irises that somebody moved by less were not moved

_AROUND = 0.3  # widths of an eye, around its landmarks, in which pixels may move
_STILL = 0.002  # widths of an eye: an iris that moves by less stays


def move_irises(
    pixels: UInt8[np.ndarray, "height width 3"],
    points: Float[np.ndarray, "68 2"],
    irises: Float[np.ndarray, "2 3"],
    goal: Float[np.ndarray, "2 3"],
) -> UInt8[np.ndarray, "height width 3"]:
    """A copy of `pixels` with the `irises` of a face at `goal`, right and left, as far as lids and corners let them.

    The lids stay where they are. All are in pixels; radii do not change. What moves are the photo's own pixels, sampled
    once (Lanczos).
    """
    result = pixels.copy()
    height, width = pixels.shape[:2]
    at = np.asarray(points, dtype=np.float32)
    for eye, iris, there in zip(EYELIDS, np.asarray(irises, np.float32), np.asarray(goal, np.float32), strict=True):
        wide = float(np.linalg.norm(at[eye[0][-1]] - at[eye[0][0]]))
        place = limit_gaze(at, iris, there[:2], eye)
        if np.linalg.norm(place - iris[:2]) < _STILL * wide:
            continue
        lids = at[sorted({*eye[0], *eye[1]})]
        (left, top), (right, bottom) = lids.min(axis=0) - _AROUND * wide, lids.max(axis=0) + _AROUND * wide
        left, right = (int(np.clip(x, 0, width)) for x in (left, right + 1))
        top, bottom = (int(np.clip(y, 0, height)) for y in (top, bottom + 1))
        if right <= left or bottom <= top:
            continue
        corner = np.array([left, top], dtype=np.float32)
        from_here = np.concatenate([iris[:2] - corner, iris[2:]])
        flow = find_gaze_flow(at - corner, from_here, place - corner, eye, (bottom - top, right - left))
        moved = (np.abs(flow).max(axis=2) > 0)[..., None]
        levels = np.rint(sample_photo(pixels, (left, top, right, bottom), flow).clip(0, 255)).astype(np.uint8)
        np.copyto(result[top:bottom, left:right], levels, where=moved)
    return result


def find_moved_irises(
    face: Landmarks, goal: Float[np.ndarray, "68 2"], target: Landmarks | None, strengths: Mapping[str, float]
) -> Float[np.ndarray, "2 3"] | None:
    """Where the irises of a `face` go whose landmarks go to `goal`: by those of a `target`, or by words; None: along.

    Irises of a target count where they are elsewhere than those of the face.
    """
    if face.irises is None:
        return None
    if target is None:
        return look_elsewhere(face.irises, face.points, goal, strengths)
    if target.irises is None:
        return None
    apart = np.linalg.norm(target.irises[:, :2] - face.irises[:, :2], axis=1).max()
    return target.irises if apart > _ASKED * eye_distance(face.points) else None
