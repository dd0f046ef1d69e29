"""The flow that landmarks alone ask for, at any resolution, and what of it closing eyes and moving lips change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ptk.arrays import Array, array_namespace, constant
from ptk.faces.topology import EYELIDS, INNER_LIPS, MOUTH, indices
from ptk.motion.eyelids import Stays, close_eyes, eyes_close
from ptk.motion.face_geometry import FaceGeometry
from ptk.motion.lips import Hollow, find_hollow, move_lips

__all__ = ["LipFlow", "close_eyes_locally", "find_hollow_locally", "move_lips_locally"]

_Window = tuple[slice, slice]


@dataclass(frozen=True, eq=False)
class LipFlow:
    """What `move_lips` makes in the `window` (rows, columns) around a mouth: beyond it the face's flow stays.

    `flow` (1, 2, h, w) is in shares of the whole picture's sides; `unseen` and `below` are (1, 1, h, w) in [0, 1].
    """

    window: _Window
    flow: Array
    unseen: Array
    below: Array


def close_eyes_locally(
    flow: Array, source: Array, target: Array, geometry: FaceGeometry, stays: Stays = (None, None)
) -> Array:
    """What `close_eyes` makes of `flow` (1, 2, H, W), computed only around eyes that do close."""
    sides = constant([flow.shape[-1], flow.shape[-2]], flow)
    if not eyes_close(source * sides, target * sides, geometry):
        return flow
    result = array_namespace(flow).asarray(flow, copy=True)
    for eye in EYELIDS:
        window = _around(target, {index for lid in eye for index in lid}, geometry.eyelids.around, flow)
        if window is not None:
            part, here, there = _zoom(flow, window, source, target)
            result[:, :, *window] = _unzoom(close_eyes(part, here, there, geometry, stays), window, flow)
    return result


def move_lips_locally(flow: Array, source: Array, target: Array, geometry: FaceGeometry) -> LipFlow | None:
    """What `move_lips` makes of `flow` (1, 2, H, W), computed only around the mouth; None without one."""
    window = _around(target, indices(MOUTH), geometry.lips.around, flow)
    if window is None:
        return None
    part, here, there = _zoom(flow, window, source, target)
    moved, unseen, below = move_lips(part, here, there, geometry)
    return LipFlow(window, _unzoom(moved, window, flow), unseen, below)


def find_hollow_locally(
    flow: Array, source: Array, target: Array, geometry: FaceGeometry, *, bare: bool = False
) -> tuple[_Window, Hollow] | None:
    """Find the hollow of a mouth in a flow (1, 2, H, W), and the window (rows, columns) around it; None without one."""
    window = _around(target, indices(INNER_LIPS), 0.0, flow)
    return None if window is None else (window, find_hollow(*_zoom(flow, window, source, target), geometry, bare=bare))


def _around(points: Array, landmarks: Iterable[int], margin: float, flow: Array) -> _Window | None:
    """Rows and columns of the picture around some landmarks of one face; None where nothing of them is inside."""
    xp = array_namespace(points)
    height, width = flow.shape[-2:]
    places = points[0, list(landmarks), :] * constant([width, height], points)
    low, high = xp.min(places, axis=0), xp.max(places, axis=0)
    beyond = margin * float(xp.max(high - low)) + 2
    (left, top), (right, bottom) = (
        (int(float(place[0]) + sign * beyond), int(float(place[1]) + sign * beyond))
        for place, sign in ((low, -1), (high, 1))
    )
    left, right, top, bottom = max(left, 0), min(right, width), max(top, 0), min(bottom, height)
    return None if right <= left or bottom <= top else (slice(top, bottom), slice(left, right))


def _zoom(flow: Array, window: _Window, source: Array, target: Array) -> tuple[Array, Array, Array]:
    """The flow in the window, and landmarks, all in shares of the window's sides."""
    height, width = flow.shape[-2:]
    corner = constant([window[1].start, window[0].start], flow)
    sides, inner = constant([width, height], flow), _sides(window, flow)
    here, there = ((points * sides - corner) / inner for points in (source, target))
    return flow[:, :, *window] * (sides / inner)[None, :, None, None], here, there


def _unzoom(flow: Array, window: _Window, like: Array) -> Array:
    height, width = like.shape[-2:]
    return flow * (_sides(window, like) / constant([width, height], like))[None, :, None, None]


def _sides(window: _Window, like: Array) -> Array:
    return constant([window[1].stop - window[1].start, window[0].stop - window[0].start], like)
