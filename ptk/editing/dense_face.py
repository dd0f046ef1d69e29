"""All landmarks of a face whose weights learned others than the 68, and where they go in an edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.errors import LandmarksError
from ptk.faces.topologies import IBUG68, Topology
from ptk.motion.smooth_flow import carry_points

if TYPE_CHECKING:
    from jaxtyping import Float

    from ptk.editing.rendered import Translates
    from ptk.faces.crop import Crop
    from ptk.motion.face_geometry import FaceGeometry
    from ptk.types import Landmarks

__all__ = ["DenseFace", "find_dense_face"]


@dataclass(frozen=True, eq=False)
class DenseFace:
    """All landmarks `start` (count, 2) of a `topology`, in [0, 1] of the crop around their face.

    `asked` are where a landmarks file has the 68, and all of them, go. Elsewhere all follow the 68 by the method of the
    weights' `geometry`.
    """

    topology: Topology
    start: Float[np.ndarray, "count 2"]
    geometry: FaceGeometry
    asked: tuple[Float[np.ndarray, "68 2"], Float[np.ndarray, "count 2"]] | None = None

    def follow(self, goal: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "count 2"]:
        """Find where all landmarks go when the 68 go to `goal`: as asked for, or along the smooth flow."""
        if self.asked is not None and np.array_equal(goal, self.asked[0]):
            return self.asked[1]
        start, there = (np.asarray(points, dtype=np.float64)[None] for points in (self.start, goal))
        return np.asarray(carry_points(start, there, self.topology, self.geometry)[0])


def find_dense_face(
    face: Landmarks, target: Landmarks | None, crop: Crop, translator: Translates, photo: str, detector: str
) -> DenseFace | None:
    """Find all landmarks that `translator` learned of a `face` in its `crop`; None where these are the 68.

    `target` is where a landmarks file has them go, if one does; the names of `photo` and `detector` are for messages.
    Raises LandmarksError where the face, or the target, comes with others.
    """
    topology: Topology = getattr(translator, "topology", IBUG68)
    if topology is IBUG68 or not getattr(translator, "hears_landmarks", True):
        return None
    learned = f"these weights learned the {topology.count} of {topology.name}"
    if target is not None and target.topology != topology.name:
        there = f"`landmarks` are the {len(target.all_points)} points of {target.topology}"
        raise LandmarksError(f"{photo}: {there}, {learned}; write them with `detector={topology.name}`")
    if face.topology != topology.name:
        there = f"`detector` {detector} finds the {len(face.all_points)} points of {face.topology}"
        raise LandmarksError(f"{photo}: {there}, {learned}; take `detector={topology.name}`")
    asked = None if target is None else (crop.to_unit(target.points), crop.to_unit(target.all_points))
    return DenseFace(topology, crop.to_unit(face.all_points), translator.geometry, asked)
