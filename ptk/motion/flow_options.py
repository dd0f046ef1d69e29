"""How a recipe's flow is made of landmarks, so that it can be made again at the photo's own resolution."""

from __future__ import annotations

from dataclasses import dataclass, field

from ptk.motion.face_geometry import VERSION_1, FaceGeometry

__all__ = ["FaceFlow"]


@dataclass(frozen=True)
class FaceFlow:
    """The options of `find_smooth_flow`, whether lips have a flow of their own (`move_lips`), and the weights' numbers.

    Exported files may leave options out: version 1's stand for them.
    """

    reach: float = VERSION_1.flow.reach
    noise: float = VERSION_1.flow.noise
    lips: bool = False
    geometry: FaceGeometry = field(kw_only=True)
