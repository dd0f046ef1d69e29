"""The smooth flow between landmarks: one function for networks and edits, with a method a version of the geometry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ptk.arrays import Array, arange, array_namespace
from ptk.motion.face_geometry import FaceGeometry
from ptk.motion.kriging import krige

__all__ = ["SmoothMethod", "find_smooth_flow"]


class SmoothMethod(Protocol):
    """A way to carry what landmarks move by over to the places between them."""

    def __call__(self, source: Array, target: Array, places: Array, *, reach: float, noise: float) -> Array:
        """The displacement (B, N, 2) from `places` (B or 1, N, 2) in the target's image to those they show.

        `source` and `target` are landmarks (B, 68, 2) in [0, 1]. Arrays of NumPy or torch give the same.
        """
        ...


_METHODS: Mapping[int, SmoothMethod] = {1: krige}
"""By the first version of `FaceGeometry` that has it: weights keep the method that they were trained with."""


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


def _choose_method(geometry: FaceGeometry) -> SmoothMethod:
    return _METHODS[max(version for version in _METHODS if version <= geometry.version)]
