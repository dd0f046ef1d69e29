"""Faces without their pose: landmarks of one expression lie alike, wherever the head was and wherever it looked.

A mean face in three dimensions is fitted to the points that no expression moves, seen by a camera that is far away
(scaled orthographic projection: DeMenthon and Davis, Model-Based Object Pose in 25 Lines of Code, 1995). Its
rotation is undone with the mean face's depth for every point. Flat alignments cannot do that: after a turn or nod of 20
degrees brows, lids and lips are 0.009 to 0.016 outer eye distances off with this one, 0.047 to 0.060 with a similarity
and 0.056 to 0.068 with an affine map, while a smile moves them by 0.026 (medians of 86 people whose mesh was turned).
Of the sample's eight expressions the right one is then nearest for 96 to 100 % of faces turned by 15 degrees, against
27 to 83 % and 12 to 70 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.errors import LandmarksError
from ptk.faces.topology import MIRROR, MOVING, POINTS, RIGHT_HALF, RIGID

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = [
    "FACE",
    "MOVING",
    "RIGID",
    "aligned",
    "displace",
    "expression_distance",
    "head_rotation",
    "head_turn",
    "posed",
]

# `RIGHT_HALF` of the mean face: x to the right, y down, z away from the camera, in outer eye distances from
# the middle of the eyes' corners. Mean of MediaPipe's meshes of the 24 neutral faces of the bundled sample.
_HALF = (
    *((-0.802, -0.010, 0.614), (-0.791, 0.192, 0.696), (-0.771, 0.362, 0.716), (-0.722, 0.594, 0.689)),  # jaw, 0 to 8
    *((-0.646, 0.811, 0.591), (-0.549, 0.968, 0.450), (-0.379, 1.122, 0.299)),
    *((-0.203, 1.222, 0.181), (0, 1.256, 0.137)),
    *((-0.669, -0.147, 0.039), (-0.594, -0.217, -0.094), (-0.450, -0.241, -0.192)),  # brow, 17 to 21
    *((-0.298, -0.227, -0.251), (-0.159, -0.165, -0.255)),
    *((0, -0.022, -0.237), (0, 0.112, -0.299), (0, 0.274, -0.400), (0, 0.413, -0.444)),  # bridge, 27 to 30
    *((-0.156, 0.506, -0.178), (-0.081, 0.533, -0.218), (0, 0.543, -0.219)),  # base, 31 to 33
    *((-0.500, -0.017, 0.030), (-0.420, -0.058, -0.057), (-0.305, -0.056, -0.071)),  # eye, 36 to 41
    *((-0.207, 0.017, -0.030), (-0.301, 0.029, -0.049), (-0.413, 0.030, -0.028)),
    *((-0.280, 0.790, 0.027), (-0.178, 0.719, -0.137), (-0.083, 0.686, -0.195), (0, 0.704, -0.204)),  # lips, 48 to 51
    *((0, 0.931, -0.110), (-0.087, 0.923, -0.107), (-0.191, 0.875, -0.067)),  # 57 to 59
    *((-0.240, 0.794, -0.009), (-0.067, 0.785, -0.114), (0, 0.788, -0.122)),  # their inner edge, 60 to 62
    *((0, 0.798, -0.119), (-0.067, 0.794, -0.111)),  # 66 and 67
)


_RIGHT = np.full((POINTS, 3), np.nan)
_RIGHT[list(RIGHT_HALF)] = _HALF
FACE: Float64[np.ndarray, "68 3"] = np.where(np.isnan(_RIGHT), _RIGHT[list(MIRROR)] * (-1, 1, 1), _RIGHT)
"""The mean face (68, 3): x to the right, y down, z away from the camera, in outer eye distances."""

_MIDDLE = FACE[list(RIGID)].mean(axis=0)
_FIT = np.linalg.pinv(FACE[list(RIGID)] - _MIDDLE)
_DEPTH = FACE[:, 2:] - _MIDDLE[2]
_LEAST = 0.3  # what is seen at more than 73 degrees is not stretched further: noise is all that would come of it


def aligned(points: Float[np.ndarray, "*batch 68 2"]) -> Float64[np.ndarray, "*batch 68 2"]:
    """Each face as if seen from the front: upright, in outer eye distances (of the mean face) from the eyes' middle.

    Expression and the person's own features stay; place, size, roll and, up to some 30 degrees, turns and nods of the
    head go. Raises LandmarksError when a face is a single point or is not finite.
    """
    points = np.asarray(points, dtype=np.float64)
    middle, flat, depth = _pose(points)
    beside = points - middle - _DEPTH * depth
    return np.asarray(beside @ np.linalg.inv(flat) + _MIDDLE[:2])


def posed(
    shapes: Float[np.ndarray, "*batch 68 2"], like: Float[np.ndarray, "*batch 68 2"]
) -> Float64[np.ndarray, "*batch 68 2"]:
    """The way back: aligned `shapes` with place, size and turn of the faces `like`.

    ``posed(aligned(points), points)`` is `points`; ``posed(aligned(points) + change, points)`` is another expression
    of the same head in the same pose. Raises LandmarksError as `aligned` does.
    """
    middle, flat, depth = _pose(np.asarray(like, dtype=np.float64))
    return np.asarray((np.asarray(shapes, dtype=np.float64) - _MIDDLE[:2]) @ flat + _DEPTH * depth + middle)


def displace(
    change: Float[np.ndarray, "*batch 68 3"], like: Float[np.ndarray, "*batch 68 2"]
) -> Float64[np.ndarray, "*batch 68 2"]:
    """How far landmarks go in the picture, in the unit of the faces `like`, that move by `change` in axes of `FACE`.

    Raises LandmarksError as `aligned` does.
    """
    _, flat, depth = _pose(np.asarray(like, dtype=np.float64))
    return np.asarray(change[..., :2] @ flat + change[..., 2:] * depth)


def expression_distance(
    a: Float[np.ndarray, "*batch 68 2"], b: Float[np.ndarray, "*batch 68 2"]
) -> Float64[np.ndarray, "*batch"]:
    """How far apart two aligned faces' brows, lids and lips are, on average, in outer eye distances.

    Between neutral and smile of one person it is 0.026 (median of 86 people).
    """
    apart = np.asarray(a, dtype=np.float64)[..., MOVING, :] - np.asarray(b, dtype=np.float64)[..., MOVING, :]
    return np.asarray(np.linalg.norm(apart, axis=-1).mean(axis=-1))


def head_turn(points: Float[np.ndarray, "*batch 68 2"]) -> Float64[np.ndarray, "*batch"]:
    """The angle in radians between where each face looks and the camera. Raises LandmarksError as `aligned` does."""
    rotation, _ = _rotation(np.asarray(points, dtype=np.float64))
    return np.asarray(np.arccos(np.clip(np.linalg.det(rotation[..., :2, :]), -1, 1)))


def head_rotation(points: Float[np.ndarray, "68 2"]) -> Float64[np.ndarray, "3 3"]:
    """Estimate the rotation of a head: rows are the picture's x (right), y (down) and z (away) in axes of `FACE`.

    Raises LandmarksError as `aligned` does.
    """
    rotation, _ = _rotation(np.asarray(points, dtype=np.float64))
    return np.vstack([rotation.T, np.cross(rotation[:, 0], rotation[:, 1])])


def _pose(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the mean face is in the picture: middle (..., 1, 2), map of x and y (..., 2, 2), of z (..., 1, 2)."""
    rotation, size = _rotation(points)
    u, stretch, v = np.linalg.svd(rotation[..., :2, :])
    flat = (u * np.maximum(stretch, _LEAST)[..., None, :]) @ v
    middle = points[..., RIGID, :].mean(axis=-2, keepdims=True)
    return middle, flat * size, rotation[..., 2:, :] * size


def _rotation(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two columns of the head's rotation (..., 3, 2), and the size of the face (..., 1, 1) in its points' unit."""
    rigid = points[..., RIGID, :]
    if not np.isfinite(points).all():
        raise LandmarksError("landmarks are not finite; give landmarks of a face that can be seen")
    u, stretch, v = np.linalg.svd(_FIT @ (rigid - rigid.mean(axis=-2, keepdims=True)), full_matrices=False)
    size = stretch.mean(axis=-1)[..., None, None]
    if not (size > 0).all():
        raise LandmarksError("eyes and nose are in one place; give landmarks of a face that can be seen")
    return u @ v, size
