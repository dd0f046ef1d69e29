"""The flow that one face's landmarks ask for, found once for the steps of an edit; without torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ptk.motion.face_geometry import FaceGeometry
from ptk.motion.geometry import LipFlow, close_eyes_locally, move_lips_locally
from ptk.motion.smooth_flow import find_smooth_flow

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = ["LandmarkFlow", "enlarge_flow", "find_flow"]


@dataclass(frozen=True, eq=False)
class LandmarkFlow:
    """The flow that landmarks `start` and `goal` (1, 68, 2) ask for, (1, 2, S, S) in shares of the side. Read-only.

    `smooth` between landmarks; `lids` the same, with eyes that close as lids do.
    """

    start: Float32[np.ndarray, "1 68 2"]
    goal: Float32[np.ndarray, "1 68 2"]
    smooth: Float32[np.ndarray, "1 2 size size"]
    geometry: FaceGeometry

    @cached_property
    def lids(self) -> Float32[np.ndarray, "1 2 size size"]:
        """`smooth`, but for eyes that close."""
        return _keep(np.asarray(close_eyes_locally(self.smooth, self.start, self.goal, self.geometry)))

    @cached_property
    def lips(self) -> LipFlow | None:
        """What moving lips change of `lids`, in a window around the mouth; None without one."""
        return move_lips_locally(self.lids, self.start, self.goal, self.geometry)


def find_flow(
    start: np.ndarray, goal: np.ndarray, size: int, *, reach: float, noise: float, geometry: FaceGeometry
) -> LandmarkFlow:
    """Find the flow between landmarks (1, 68, 2), in [0, 1]; the last is remembered, for several steps ask for it."""
    points = (np.ascontiguousarray(each, dtype=np.float32).tobytes() for each in (start, goal))
    return _find_flow(*points, size, reach, noise, geometry)


@lru_cache(maxsize=1)
def _find_flow(
    start: bytes, goal: bytes, size: int, reach: float, noise: float, geometry: FaceGeometry
) -> LandmarkFlow:
    here, there = (np.frombuffer(each, dtype=np.float32).reshape(1, -1, 2) for each in (start, goal))
    grid = geometry.flow.grid
    smooth = find_smooth_flow(here, there, grid, grid, reach=reach, noise=noise, geometry=geometry)
    return LandmarkFlow(here, there, _keep(enlarge_flow(smooth, size)), geometry)


def _keep(flow: np.ndarray) -> np.ndarray:
    flow.flags.writeable = False
    return flow


def enlarge_flow(field: Float32[np.ndarray, "1 2 rows columns"], size: int) -> Float32[np.ndarray, "1 2 size size"]:
    """Enlarge a smooth field to another size, bilinearly."""
    import cv2

    enlarged = cv2.resize(np.ascontiguousarray(field[0].transpose(1, 2, 0)), (size, size))
    return np.ascontiguousarray(enlarged.transpose(2, 0, 1))[None]
