"""Coordinates of the lips: a rectangle around each mouth, level with its corners."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ptk.arrays import Array, array_namespace, clip, constant
from ptk.faces.topology import (
    FACING_LOWER_LIP,
    FACING_UPPER_LIP,
    LEFT_EYE_OUTER,
    MOUTH,
    MOUTH_CORNERS,
    RIGHT_EYE_OUTER,
    in_mouth,
)
from ptk.motion.face_geometry import FaceGeometry
from ptk.motion.local_frame import Frame, dot, turn_down

__all__ = ["LEFT", "LOWER", "RIGHT", "UPPER", "MouthFrame"]

RIGHT, LEFT = in_mouth(MOUTH_CORNERS)
UPPER, LOWER = list(in_mouth(FACING_UPPER_LIP)), list(in_mouth(FACING_LOWER_LIP))
"""The corners, and the inner edges of the lips point over point, in a frame's `lips`."""


@dataclass(frozen=True, eq=False)
class MouthFrame(Frame):
    """A rectangle around each mouth of a batch, level with its corners.

    `middle` (B, 2) and the frame's units to the right and downwards, `along` and `down` (B, 2), are in pixels: one
    width of the mouth, but for `squeezed` frames. In the frame x and y are in these units from `middle`; `lips`
    (B, 20, 2) are the landmarks of `MOUTH` there, and `eyes` (B,) the distance of the outer eye corners.
    `geometry` has the numbers of whoever looks at it.
    """

    lips: Array
    eyes: Array
    geometry: FaceGeometry

    @classmethod
    def around(cls, points: Array, height: int, width: int, geometry: FaceGeometry) -> MouthFrame:
        """The frames of landmarks (B, 68, 2) in [0, 1] of images of that size."""
        xp, least = array_namespace(points), geometry.mouth_frame.least
        places = points * constant([width, height], points)
        lips = places[:, MOUTH, :]
        across = lips[:, LEFT, :] - lips[:, RIGHT, :]
        wide = xp.linalg.vector_norm(across, axis=-1, keepdims=True)
        direction = xp.where(wide > least, across / clip(wide, least), constant([1.0, 0.0], points))
        turned = dot(lips - lips[:, RIGHT : RIGHT + 1, :], direction, turn_down(direction))
        low, high = xp.min(turned, axis=1), xp.max(turned, axis=1)
        size = clip(xp.maximum(wide, geometry.mouth_frame.round * (high - low)[:, 1:]), least)
        along = direction * size
        centre = (low + high) / 2 / size
        middle = lips[:, RIGHT, :] + centre[:, :1] * along + centre[:, 1:] * turn_down(along)
        eyes = xp.linalg.vector_norm(places[:, LEFT_EYE_OUTER, :] - places[:, RIGHT_EYE_OUTER, :], axis=-1)
        turned = turned / size[:, None, :] - centre[:, None, :]
        return cls(middle, along, turn_down(along), turned, clip(eyes, least) / size[:, 0], geometry)

    def squeezed(self, by: Array) -> MouthFrame:
        """The frames in which mouths are `by` (B,) times less tall."""
        xp = array_namespace(by)
        lips = xp.stack([self.lips[..., 0], self.lips[..., 1] / by[:, None]], axis=-1)
        return replace(self, down=self.down * by[:, None], lips=lips)

    def narrowed(self) -> MouthFrame:
        """The frames in which smiles are open no wider than most are.

        6 of 70 smiles were open wider than by 0.17 of their width, one by 0.22. Where lips were 0.22 to 0.28 apart, a
        network painted two rows of teeth, or none; squeezed so, it paints one, which comes out taller. Mouths that open
        in surprise are wide for their length and stay as they are: dark.
        """
        apart = self._apart()
        return self.squeezed(1 + clip(apart / self.geometry.mouth_frame.open - 1, 0.0) * self._smiles(apart))

    def gapes(self) -> Array:
        """1 (B, 1) for mouths that are open wider than smiles for their width, as in surprise, and 0 for smiles."""
        return 1 - self._smiles(self._apart())[:, None]

    def _apart(self) -> Array:
        """How far the inner lips are apart (B,) where they are furthest."""
        return array_namespace(self.lips).max(self.lips[:, LOWER, 1] - self.lips[:, UPPER, 1], axis=1)

    def _smiles(self, apart: Array) -> Array:
        """1 (B,) for mouths that are open as smiles are, 0 for those that are wider for their width."""
        least, most = self.geometry.mouth_frame.smiles
        return clip((most - apart * self.eyes) / (most - least), 0.0, 1.0)

    def wider_than(self, other: MouthFrame) -> Array:
        """How many times as wide as `other`'s mouth this one is, in pixels of the picture, (B, 1)."""
        xp = array_namespace(self.along)
        mine, others = (xp.sum(frame.along**2, axis=-1, keepdims=True) for frame in (self, other))
        return xp.sqrt(mine / others)
