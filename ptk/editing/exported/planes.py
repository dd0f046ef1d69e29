"""What ptk's own conditioners draw, without torch: exported networks are given it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.faces.drawing.spots import draw_spots_locally
from ptk.motion.face_geometry import FaceGeometry
from ptk.motion.landmark_flow import LandmarkFlow, find_flow

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = ["LIPS", "PLANES", "draw_lips", "draw_planes"]

LIPS = "lips"
"""The input of an exported network that takes the lips' flow (two channels), what is unseen, and what is below."""


def draw_planes(
    uses: Mapping[str, Mapping[str, Any]], start: np.ndarray, goal: np.ndarray, size: int, geometry: FaceGeometry
) -> dict[str, Float32[np.ndarray, "1 channels size size"]]:
    """The planes called by the keys of `uses`, with these options, for landmarks (1, 68, 2) float32 in [0, 1].

    `geometry` has the numbers of the weights.
    """
    return {name: PLANES[name](start, goal, size, geometry, **options) for name, options in uses.items()}


def draw_lips(flow: LandmarkFlow) -> Float32[np.ndarray, "1 4 size size"]:
    """What a network with lips of their own is given: their flow beside the face's, unseen, and below."""
    given = np.concatenate([flow.lids, np.zeros_like(flow.lids)], axis=1)
    if flow.lips is not None:
        given[:, :, *flow.lips.window] = np.concatenate([flow.lips.flow, flow.lips.unseen, flow.lips.below], axis=1)
    return given


def _motion_field(
    start: np.ndarray, goal: np.ndarray, size: int, geometry: FaceGeometry, *, reach: float, noise: float
) -> np.ndarray:
    return find_flow(start, goal, size, reach=reach, noise=noise, geometry=geometry).lids


def _landmark_map(
    start: np.ndarray, goal: np.ndarray, size: int, geometry: FaceGeometry, *, sigma: float, of: str
) -> np.ndarray:
    shown = [start, goal] if of == "both" else [goal]
    return np.concatenate([draw_spots_locally(points, size, size, sigma, geometry.drawing) for points in shown], axis=1)


PLANES: dict[str, Callable[..., np.ndarray]] = {"motion_field": _motion_field, "landmark_map": _landmark_map}
"""The conditioners that can be drawn so, by name."""
