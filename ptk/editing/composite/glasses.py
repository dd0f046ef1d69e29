"""Glasses before eyes: frames, which stay where they are when lids move, and dark lenses, behind which nothing is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.mask import hull_mask
from ptk.faces.topology import (
    CHEEKS,
    EYELIDS,
    EYES,
    LEFT_EYE,
    LEFT_EYE_INNER,
    NOSE_TIP,
    NOSE_TOP,
    OUTER_EYE_CORNERS,
    RIGHT_EYE,
    RIGHT_EYE_INNER,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8

__all__ = ["find_frames", "find_hidden_eyes"]

_GREY = np.full(3, 1 / 3, dtype=np.float32)

# In distances of the outer eye corners:
_ACROSS_BRIDGE = 0.14  # so far above and below the top of the nose a frame crosses it
_REACH = (0.35, 0.3, 0.45)  # around both eyes, to the sides, above and below, frames are looked for
_EYE = 0.02  # so far around lids what is dark is an eye
_NOSE = 1.5  # times the light of the nose: a cheek in harder light counts for that
_LOW = 0.06  # so far below an eye there are frames, and no lashes
_PATCH = 0.06  # half the side of a piece of skin

_FRAMES = ((0.11, 0.25), (0.16, 0.34), (0.2, 0.5))  # their thickness at most, and how much darker they are at least
_FILLED = 0.34  # of the box around it, a frame's area is less
_UNDER = 0.25  # of the width of an eye, a frame goes below it
_BEYOND, _DOWN = 0.24, 0.28  # eye distances past an outer eye corner, or below both: frames go so far, shadows do not
_CROSSED = 0.8  # of the columns between the eyes that a frame crosses
_LENS = (0.5, 0.9)  # of the light of cheeks, which an eye behind clear glass has at least; if the other has, too


def find_frames(
    cut: UInt8[np.ndarray, "size size 3"], points: Float[np.ndarray, "68 2"]
) -> Float32[np.ndarray, "size size"] | None:
    """Find how much of each pixel of a `cut` is a frame of glasses, in [0, 1]; None without one across the nose.

    `points` are the face's landmarks in [0, 1]. A frame is thin, darker or brighter than what is on both of its sides,
    crosses the nose between the eyes, and goes on from there without a gap, further than eyes are in their sockets.
    """
    import cv2

    size = len(cut)
    at = points * size
    eyes = float(np.linalg.norm(np.subtract(*at[list(OUTER_EYE_CORNERS)])))
    low, high = at[EYES].min(axis=0), at[EYES].max(axis=0)
    left, right = (int(np.clip(x, 0, size)) for x in (low[0] - _REACH[0] * eyes, high[0] + _REACH[0] * eyes))
    top, bottom = (int(np.clip(y, 0, size)) for y in (low[1] - _REACH[1] * eyes, high[1] + _REACH[2] * eyes))
    if right - left < 8 or bottom - top < 8:
        return None
    light = cv2.GaussianBlur(cut[top:bottom, left:right].astype(np.float32) @ _GREY, (0, 0), 0.7)
    found, near = np.zeros(light.shape, dtype=np.uint8), at - (left, top)
    for thick, darker in _FRAMES:
        side = 2 * round(thick * eyes / 2) + 1
        kernel = np.ones((side, side), np.uint8)
        beside = cv2.morphologyEx(light, cv2.MORPH_CLOSE, kernel)
        found |= _crossing((beside - light > darker * np.maximum(beside, 24)).astype(np.uint8), near, eyes)
        beside = cv2.morphologyEx(light, cv2.MORPH_OPEN, kernel)
        found |= _crossing((light - beside > 1.5 * darker * np.maximum(beside, 40)).astype(np.uint8), near, eyes)
    if not _leaves_sockets(found, near, eyes):
        return None
    frame = np.zeros((size, size), dtype=np.float32)
    frame[top:bottom, left:right] = cv2.GaussianBlur(
        cv2.dilate(found, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 0.7
    )
    for eye in (RIGHT_EYE, LEFT_EYE):
        frame *= 1 - hull_mask(points[eye], size=size, grow=_EYE * eyes / size, feather=0.01)
    return frame


def _crossing(candidates: np.ndarray, at: np.ndarray, eyes: float) -> np.ndarray:
    """The part of `candidates` that crosses the nose between the eyes; nothing where none does."""
    import cv2

    candidates = cv2.morphologyEx(candidates, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(candidates, connectivity=8)
    inner, outer = at[RIGHT_EYE_INNER], at[LEFT_EYE_INNER]
    along = outer - inner
    middle, gap = (inner + outer) / 2, float(np.linalg.norm(along))
    down = np.array([-along[1], along[0]]) / max(gap, 1e-3)
    shares = np.linspace(-0.3, 0.3, max(int(0.6 * gap), 5))
    rows = np.arange(-_ACROSS_BRIDGE * eyes, _ACROSS_BRIDGE * eyes)
    places = middle + shares[None, :, None] * along + rows[:, None, None] * down
    x, y = (np.clip(places[..., axis].astype(int), 0, candidates.shape[1 - axis] - 1) for axis in (0, 1))
    seen = labels[y, x]
    best, most = 0, 0.0
    for label in np.unique(seen[seen > 0]):
        crossed = float((seen == label).any(axis=0).mean())
        if crossed > most:
            best, most = int(label), crossed
    part: np.ndarray = np.asarray(labels == best, dtype=np.uint8)
    if most < _CROSSED or not _is_frame(part, at, eyes):
        return np.zeros_like(part)
    return part


def _is_frame(part: np.ndarray, at: np.ndarray, eyes: float) -> bool:
    """Whether something is thin, goes from the nose past the middle of an eye, and below one, as no brow does."""
    columns, rows = (np.flatnonzero(part.any(axis=axis)) for axis in (0, 1))
    right, left = (float(at[eye, 0].mean()) for eye in (RIGHT_EYE, LEFT_EYE))
    box = (columns[-1] + 1 - columns[0]) * (rows[-1] + 1 - rows[0])
    if (columns[0] > right and columns[-1] < left) or part.sum() > _FILLED * box:
        return False
    for eye in (RIGHT_EYE, LEFT_EYE):
        (first, _), (last, low) = at[eye].min(axis=0), at[eye].max(axis=0)
        under = part[max(int(low + _LOW * eyes), 0) :, max(int(first), 0) : max(int(last), 0)]
        if under.size and under.any(axis=0).mean() > _UNDER:
            return True
    return False


def _leaves_sockets(part: np.ndarray, at: np.ndarray, eyes: float) -> bool:
    """Whether something goes on to a temple, or down a cheek."""
    right, left = at[list(OUTER_EYE_CORNERS)]
    along = (left - right) / max(eyes, 1e-3)
    rows, columns = np.nonzero(part)
    if not len(rows):
        return False
    places = np.stack([columns, rows], axis=1) - right
    across, down = (places @ axis / eyes for axis in (along, np.array([-along[1], along[0]])))
    return bool(max(-across.min(), across.max() - 1) > _BEYOND or down.max() > _DOWN)


def find_hidden_eyes(cut: UInt8[np.ndarray, "size size 3"], points: Float[np.ndarray, "68 2"]) -> tuple[bool, bool]:
    """Find which eyes, right and left, dark lenses hide in a `cut` whose landmarks are in [0, 1]."""
    size = len(cut)
    at = points * size
    eyes = float(np.linalg.norm(np.subtract(*at[list(OUTER_EYE_CORNERS)])))
    nose = _light(cut, at[NOSE_TOP : NOSE_TIP + 1].mean(axis=0), _PATCH * eyes)
    shares = []
    for (upper, lower), cheek in zip(EYELIDS, CHEEKS, strict=True):
        lids = at[[*upper, *lower]]
        (left, top), (right, bottom) = lids.min(axis=0).astype(int) - 1, lids.max(axis=0).astype(int) + 2
        wide = right - left
        part = cut[max(top - wide // 3, 0) : bottom + wide // 2, max(left, 0) : right] @ _GREY
        skin = min(_light(cut, (at[cheek[0]] + at[cheek[1]]) / 2, _PATCH * eyes), _NOSE * nose)
        shares.append(float(np.percentile(part, 75)) / max(skin, 1.0) if part.size else 1.0)
    limit = _LENS[0] if min(shares) >= _LENS[0] else _LENS[1]
    return shares[0] < limit, shares[1] < limit


def _light(cut: np.ndarray, place: np.ndarray, half: float) -> float:
    (left, top), (right, bottom) = (place - half).astype(int), (place + half + 1).astype(int)
    part = cut[max(top, 0) : bottom, max(left, 0) : right]
    return float(np.median(part @ _GREY)) if part.size else 0.0
