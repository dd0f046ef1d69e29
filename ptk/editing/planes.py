"""What ptk's own conditioners draw, without torch: exported networks are given it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.faces.drawing import draw_spots
from ptk.motion.geometry import close_eyes_locally, move_lips_locally
from ptk.motion.kriging import krige_grid

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = ["LIPS", "PLANES", "draw_lips", "draw_planes", "enlarge_flow"]

LIPS = "lips"
"""The input of an exported network that takes the lips' flow (two channels), what is unseen, and what is below."""

_Points = "Float32[np.ndarray, '1 68 2']"


def draw_planes(
    uses: Mapping[str, Mapping[str, Any]], start: np.ndarray, goal: np.ndarray, size: int
) -> dict[str, Float32[np.ndarray, "1 channels size size"]]:
    """The planes called by the keys of `uses`, with these options, for landmarks (1, 68, 2) float32 in [0, 1]."""
    return {name: PLANES[name](start, goal, size, **options) for name, options in uses.items()}


def draw_lips(flow: np.ndarray, start: np.ndarray, goal: np.ndarray) -> Float32[np.ndarray, "1 4 size size"]:
    """What a network with lips of their own is given: their flow beside the face's (1, 2, S, S), unseen, and below."""
    given = np.concatenate([flow, np.zeros_like(flow)], axis=1)
    lips = move_lips_locally(flow, start, goal)
    if lips is not None:
        given[:, :, *lips.window] = np.concatenate([lips.flow, lips.unseen, lips.below], axis=1)
    return given


def enlarge_flow(field: Float32[np.ndarray, "1 2 rows columns"], size: int) -> Float32[np.ndarray, "1 2 size size"]:
    """A smooth field at another size, bilinearly."""
    import cv2

    enlarged = cv2.resize(np.ascontiguousarray(field[0].transpose(1, 2, 0)), (size, size))
    return np.ascontiguousarray(enlarged.transpose(2, 0, 1))[None]


def _motion_field(start: np.ndarray, goal: np.ndarray, size: int, *, reach: float, noise: float) -> np.ndarray:
    field = krige_grid(start, goal, reach=reach, noise=noise)
    return np.asarray(close_eyes_locally(enlarge_flow(field, size), start, goal))


def _landmark_map(start: np.ndarray, goal: np.ndarray, size: int, *, sigma: float, of: str) -> np.ndarray:
    shown = [start, goal] if of == "both" else [goal]
    return np.concatenate([draw_spots(points, size, size, sigma) for points in shown], axis=1)


PLANES: dict[str, Callable[..., np.ndarray]] = {"motion_field": _motion_field, "landmark_map": _landmark_map}
"""The conditioners that can be drawn so, by name."""
