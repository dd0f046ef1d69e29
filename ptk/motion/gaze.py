"""Irises that move between lids that stay: a flow for one eye, at the photo's resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.motion.curves import curve
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.local_frame import Frame

if TYPE_CHECKING:
    from jaxtyping import Float32

    from ptk.motion.eyelids import Eye

__all__ = ["find_gaze_flow", "limit_gaze"]

# In widths of an eye:
_CORNER = 0.53  # from its middle, where nothing moves any more
_BEYOND = 0.1  # over so much beyond the lids an iris that is seen there still moves
_RIM = 1.12  # radii of an iris that move as one
_NARROWED = 0.8  # of what is between an iris and a corner, how much it may be squeezed
_EDGE = 0.3  # of the way between lids, from each of them, places follow the lid
_UNSEEN = 0.045  # how much of an iris that a lid hid may be seen: it is drawn out from its rim


def limit_gaze(
    points: Float32[np.ndarray, "68 2"], iris: Float32[np.ndarray, "3"], goal: Float32[np.ndarray, "2"], eye: Eye
) -> Float32[np.ndarray, "2"]:
    """The place nearest to `goal`, in pixels as all, where the middle of an `iris` can be between lids and corners."""
    frame, lids = _in_frame(points, eye)
    places = frame.inside(np.stack([iris[:2], goal]).astype(np.float32)[None])[0]
    radius = float(iris[2]) / max(float(np.linalg.norm(frame.along)), 1e-6)
    middle, wanted = places
    room = np.maximum(0.0, _CORNER - _RIM * radius + np.array([middle[0], -middle[0]]))  # to the left and to the right
    across = float(np.clip(wanted[0] - middle[0], -_NARROWED * room[0], _NARROWED * room[1]))
    upper, lower = curve(lids[None], middle[None, :1], VERSION_1.curves)[0, :, 0]
    up = max(0.0, float(lower - middle[1]) - radius) + _UNSEEN  # so far its lower rim is seen
    below = max(0.0, float(middle[1] - upper) - radius) + _UNSEEN
    down = float(np.clip(wanted[1] - middle[1], -up, below))
    found = frame.outside((middle + np.array([across, down])).astype(np.float32)[None, None])
    return np.asarray(found[0, 0], dtype=np.float32)


def find_gaze_flow(
    points: Float32[np.ndarray, "68 2"],
    iris: Float32[np.ndarray, "3"],
    goal: Float32[np.ndarray, "2"],
    eye: Eye,
    shape: tuple[int, int],
) -> Float32[np.ndarray, "height width 2"]:
    """Where pixels of a part of a photo of that `shape` come from when an `iris` moves to `goal`, in its pixels.

    The iris moves as one; the white beside it is stretched and squeezed up to the corners. Near a lid places follow its
    line, so that none comes from beyond it.
    """
    frame, lids = _in_frame(points, eye)
    places = frame.inside(np.stack([iris[:2], goal]).astype(np.float32)[None])[0]
    there = places[1, 0]
    across, down = (float(each) for each in places[1] - places[0])
    radius = _RIM * float(iris[2]) / max(float(np.linalg.norm(frame.along)), 1e-6)
    at = frame.pixels(*shape)
    x, y = at[0, :, 0], at[0, :, 1]
    low, high = min(there - radius, _CORNER - 0.01), max(there + radius, 0.01 - _CORNER)
    beside = np.minimum((x + _CORNER) / max(low + _CORNER, 0.02), (_CORNER - x) / max(_CORNER - high, 0.02))
    beside = np.clip(beside, 0, 1)
    origin = x - across * beside
    upper, lower = curve(lids[None], x[None], VERSION_1.curves)[0]
    first, last = curve(lids[None], origin[None], VERSION_1.curves)[0]
    open_by = np.maximum(lower - upper, 0.02)
    share = (y - upper) / open_by
    row = y - down * beside
    # Towards a lid a place is as far from it as where it comes from.
    near_upper, near_lower = np.clip(1 - share / _EDGE, 0, 1), np.clip(1 - (1 - share) / _EDGE, 0, 1)
    row = row + near_upper * (first - upper) + near_lower * (last - lower)
    row = np.maximum(np.minimum(row, np.maximum(last, y + last - lower)), np.minimum(first, y + first - upper))
    away = np.maximum(np.maximum(upper - y, y - lower), 0)
    part = np.clip(1 - away / _BEYOND, 0, 1) * (np.abs(x) < _CORNER)
    moved = frame.outside(np.stack([x + part * (origin - x), y + part * (row - y)], axis=-1)[None])[0]
    here = frame.outside(at)[0]
    return np.asarray((moved - here).reshape(*shape, 2), dtype=np.float32)


def _in_frame(points: np.ndarray, eye: Eye) -> tuple[Frame, np.ndarray]:
    """The frame between the corners of an eye, and its lids (2, 4, 2) in it."""
    corners = points[[eye[0][0], eye[0][-1]]].astype(np.float32)
    frame = Frame.between(corners[:1], corners[1:], VERSION_1.eyelids.apart)
    lids = points[[index for lid in eye for index in lid]].astype(np.float32)[None]
    return frame, frame.inside(lids)[0].reshape(2, 4, 2)
