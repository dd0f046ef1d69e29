"""Glasses that stay where they are while brows, lids and cheeks around them move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.glasses import find_frames, find_hidden_eyes
from ptk.faces.mask import hull_mask
from ptk.faces.topology import (
    BROWS,
    EYE_CORNERS,
    LEFT_EYE,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    NOSE_TIP,
    RIGHT_EYE,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8

__all__ = ["find_room_beside_glasses"]

_STILL = 0.0006  # sides of the crop: landmarks that move by less stay
_LENS = 0.09  # sides of the crop beyond an eye that a dark lens covers
_SOFT = 1.0  # pixels around a frame that have something of it in them
_NEARER = 0.5  # of the way to a frame pixels may come nearer: skin is drawn out to twice its length at most
_FRAME = 0.3  # of a pixel that is frame: what has less is skin


def find_room_beside_glasses(
    cut: UInt8[np.ndarray, "size size 3"],
    start: Float[np.ndarray, "68 2"],
    goal: Float[np.ndarray, "68 2"],
    flow: Float32[np.ndarray, "size size 2"],
    *,
    closes: bool,
) -> Float32[np.ndarray, "size size"] | None:
    """Find how much of the `flow`, in shares of the side, each pixel of a `cut` may follow, in [0, 1], beside glasses.

    None where there are none, or landmarks, in [0, 1], move as the whole head does. What is glasses stays; what is
    beside them shows nothing that is nearer to them than half as far as it is itself, so it never shows a piece of
    frame. Where brows stay, and an eye only `closes`, frames alone stay: lids move under them.
    """
    import cv2

    moves = _measure(start, goal, BROWS) > _STILL and _measure(start, goal, list(EYE_CORNERS)) < _STILL
    if not (moves or closes):
        return None
    size, frames = len(cut), find_frames(cut, start)
    room = None if frames is None or not closes else 1 - frames
    if not moves:
        return room
    glasses = np.zeros((size, size), dtype=np.float32) if frames is None else _mirror_too(frames, start)
    for hidden, eye in zip(find_hidden_eyes(cut, start), (RIGHT_EYE, LEFT_EYE), strict=True):
        if hidden:
            glasses = np.maximum(glasses, hull_mask(start[eye], size=size, grow=_LENS, feather=0.01))
    if not glasses.any():
        return None
    beside = cv2.distanceTransform((glasses < _FRAME).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) - _SOFT
    length = size * np.hypot(flow[..., 0], flow[..., 1])
    found = np.asarray((_NEARER * beside / np.maximum(length, 1e-3)).clip(0, 1), dtype=np.float32)
    return found if room is None else np.asarray(np.minimum(found, room))


def _mirror_too(frames: Float32[np.ndarray, "size size"], points: np.ndarray) -> Float32[np.ndarray, "size size"]:
    """The frames, and where they would be if both sides were alike: of thin ones half is often lost before hair."""
    import cv2

    size = len(frames)
    right, left = (
        (points[list(side)] * size).astype(np.float32)
        for side in ((RIGHT_EYE_OUTER, RIGHT_EYE_INNER, NOSE_TIP), (LEFT_EYE_OUTER, LEFT_EYE_INNER, NOSE_TIP))
    )
    for here, there in ((right, left), (left, right)):
        across = cv2.getAffineTransform(here, there)
        frames = np.maximum(frames, cv2.warpAffine(frames, across, (size, size)))
    return frames


def _measure(start: np.ndarray, goal: np.ndarray, part: slice | list[int]) -> float:
    return float(np.linalg.norm(goal[part] - start[part], axis=-1).max())
