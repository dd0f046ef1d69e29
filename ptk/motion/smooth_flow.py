"""The smooth flow between landmarks: one function for networks and edits, with a method a version of the geometry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from ptk.arrays import Array, arange, array_namespace
from ptk.motion.face_geometry import FaceGeometry

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float64

    from ptk.faces.topologies import Topology

__all__ = ["SmoothMethod", "carry_points", "find_smooth_flow", "krige"]


class SmoothMethod(Protocol):
    """A way to carry what landmarks move by over to the places between them."""

    def __call__(self, source: Array, target: Array, places: Array, *, reach: float, noise: float) -> Array:
        """The displacement (B, N, 2) from `places` (B or 1, N, 2) in the target's image to those they show.

        `source` and `target` are landmarks (B, 68, 2) in [0, 1]. Arrays of NumPy or torch give the same.
        """
        ...


def krige(source: Array, target: Array, places: Array, *, reach: float, noise: float) -> Array:
    """Estimate the displacement (B, N, 2) from `places` (B or 1, N, 2) of the target's image to those they show.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1], as the places are. The most likely value under an
    exponential covariance exp(-distance / `reach`); `noise` is the variance of the landmarks' own errors in shares of
    that of their motion (the nugget), which keeps close landmarks from folding the field.

    Source: kriging, as in Cressie, "Statistics for Spatial Data" (1993), section 3.2.
    """
    xp = array_namespace(source, target)
    nugget = noise * xp.eye(target.shape[1], dtype=target.dtype, device=target.device)
    weights = xp.linalg.solve(_covariance(target, target, reach) + nugget, source - target)
    covariance = _covariance(places, target, reach)
    # Multiplied and summed by hand: a matrix product would be rounded under autocast.
    return xp.stack([xp.sum(covariance * weights[:, None, :, axis], axis=-1) for axis in (0, 1)], axis=-1)


def _covariance(places: Array, points: Array, reach: float) -> Array:
    """(B, N, 2), (B, K, 2) -> (B, N, K): 1 at the same place, falling with the distance."""
    xp = array_namespace(places, points)
    x, y = (places[:, :, None, axis] - points[:, None, :, axis] for axis in (0, 1))
    return xp.exp(-xp.sqrt(x * x + y * y + 1e-12) / reach)


_METHODS: Mapping[int, SmoothMethod] = {1: krige}
"""By the first version of `FaceGeometry` that has it: weights keep the method that they were trained with."""

_HARDLY_ANY = 1e-6  # noise: lips that touch would else be taken for one place, and never part
_PASSES = 2


def find_smooth_flow(
    source: Array, target: Array, rows: int, columns: int, *, reach: float, noise: float, geometry: FaceGeometry
) -> Array:
    """Find the displacement (B, 2, rows, columns) from places in the target's image to those in the source's they show.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1]; the flow is in the same unit, at the centres of a grid's
    cells. `reach` is how far a landmark carries, in sides of the picture, `noise` the variance of the landmarks' own
    errors in shares of that of their motion. The method is the one of the `geometry`'s version.
    """
    xp = array_namespace(source, target)
    x, y = (arange(columns, target) + 0.5) / columns, (arange(rows, target) + 0.5) / rows
    places = xp.reshape(xp.stack(xp.meshgrid(x, y, indexing="xy"), axis=-1), (1, rows * columns, 2))
    flow = _choose_method(geometry)(source, target, places, reach=reach, noise=noise)
    return xp.reshape(xp.permute_dims(flow, (0, 2, 1)), (-1, 2, rows, columns))


def carry_points(
    points: Float64[np.ndarray, "batch count 2"],
    goal: Float64[np.ndarray, "batch 68 2"],
    topology: Topology,
    geometry: FaceGeometry,
) -> Float64[np.ndarray, "batch count 2"]:
    """Move all `points` of a `topology` along the smooth flow that takes the 68 among them to the `goal`.

    All are in [0, 1] of the crop. On smiles and open mouths the 68 come within 0.0004 eye distances of it on average.
    The method is the one of the `geometry`'s version.
    """
    method = _choose_method(geometry)
    for _ in range(_PASSES):  # points between others are not carried all the way
        start = topology.to_anatomy(points)
        points = points + method(goal, start, points, reach=geometry.flow.reach, noise=_HARDLY_ANY)
    return points


def _choose_method(geometry: FaceGeometry) -> SmoothMethod:
    return _METHODS[max(version for version in _METHODS if version <= geometry.version)]
