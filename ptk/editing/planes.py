"""What ptk's own conditioners draw, without torch: exported networks are given it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.faces.drawing import draw_spots_locally
from ptk.motion.geometry import LipFlow, close_eyes_locally, move_lips_locally
from ptk.motion.kriging import krige_grid

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = ["LIPS", "PLANES", "LandmarkFlow", "draw_lips", "draw_planes", "enlarge_flow", "find_flow"]

LIPS = "lips"
"""The input of an exported network that takes the lips' flow (two channels), what is unseen, and what is below."""


@dataclass(frozen=True, eq=False)
class LandmarkFlow:
    """The flow that landmarks `start` and `goal` (1, 68, 2) ask for, (1, 2, S, S) in shares of the side. Read-only.

    `smooth` between landmarks; `lids` the same, with eyes that close as lids do.
    """

    start: Float32[np.ndarray, "1 68 2"]
    goal: Float32[np.ndarray, "1 68 2"]
    smooth: Float32[np.ndarray, "1 2 size size"]

    @cached_property
    def lids(self) -> Float32[np.ndarray, "1 2 size size"]:
        """`smooth`, but for eyes that close."""
        return _keep(np.asarray(close_eyes_locally(self.smooth, self.start, self.goal)))

    @cached_property
    def lips(self) -> LipFlow | None:
        """What moving lips change of `lids`, in a window around the mouth; None without one."""
        return move_lips_locally(self.lids, self.start, self.goal)


def find_flow(start: np.ndarray, goal: np.ndarray, size: int, *, reach: float, noise: float) -> LandmarkFlow:
    """Find the flow between landmarks (1, 68, 2), in [0, 1]; the last is remembered, for several steps ask for it."""
    points = (np.ascontiguousarray(each, dtype=np.float32).tobytes() for each in (start, goal))
    return _find_flow(*points, size, reach, noise)


@lru_cache(maxsize=1)
def _find_flow(start: bytes, goal: bytes, size: int, reach: float, noise: float) -> LandmarkFlow:
    here, there = (np.frombuffer(each, dtype=np.float32).reshape(1, -1, 2) for each in (start, goal))
    return LandmarkFlow(here, there, _keep(enlarge_flow(krige_grid(here, there, reach=reach, noise=noise), size)))


def _keep(flow: np.ndarray) -> np.ndarray:
    flow.flags.writeable = False
    return flow


def draw_planes(
    uses: Mapping[str, Mapping[str, Any]], start: np.ndarray, goal: np.ndarray, size: int
) -> dict[str, Float32[np.ndarray, "1 channels size size"]]:
    """The planes called by the keys of `uses`, with these options, for landmarks (1, 68, 2) float32 in [0, 1]."""
    return {name: PLANES[name](start, goal, size, **options) for name, options in uses.items()}


def draw_lips(flow: LandmarkFlow) -> Float32[np.ndarray, "1 4 size size"]:
    """What a network with lips of their own is given: their flow beside the face's, unseen, and below."""
    given = np.concatenate([flow.lids, np.zeros_like(flow.lids)], axis=1)
    if flow.lips is not None:
        given[:, :, *flow.lips.window] = np.concatenate([flow.lips.flow, flow.lips.unseen, flow.lips.below], axis=1)
    return given


def enlarge_flow(field: Float32[np.ndarray, "1 2 rows columns"], size: int) -> Float32[np.ndarray, "1 2 size size"]:
    """A smooth field at another size, bilinearly."""
    import cv2

    enlarged = cv2.resize(np.ascontiguousarray(field[0].transpose(1, 2, 0)), (size, size))
    return np.ascontiguousarray(enlarged.transpose(2, 0, 1))[None]


def _motion_field(start: np.ndarray, goal: np.ndarray, size: int, *, reach: float, noise: float) -> np.ndarray:
    return find_flow(start, goal, size, reach=reach, noise=noise).lids


def _landmark_map(start: np.ndarray, goal: np.ndarray, size: int, *, sigma: float, of: str) -> np.ndarray:
    shown = [start, goal] if of == "both" else [goal]
    return np.concatenate([draw_spots_locally(points, size, size, sigma) for points in shown], axis=1)


PLANES: dict[str, Callable[..., np.ndarray]] = {"motion_field": _motion_field, "landmark_map": _landmark_map}
"""The conditioners that can be drawn so, by name."""
