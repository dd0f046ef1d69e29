"""A pinhole camera that knows where a point of the scene lands in the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Camera"]


@dataclass(frozen=True)
class Camera:
    """A camera `distance` metres from `target`, turned by `yaw` and `pitch` around it and by `roll` around its axis.

    Angles are in degrees. A positive yaw moves the camera to the person's left, so that the face turns to the left of
    the picture; a positive pitch looks from above. `width` is the width of the square picture in metres at the
    target, `size` its width in pixels.
    """

    target: tuple[float, float, float]
    yaw: float
    pitch: float
    roll: float
    width: float
    size: int
    distance: float = 1.3

    @property
    def axes(self) -> Floats:
        """Unit vectors (3, 3) of the picture: to the right, up, and from the target to the camera."""
        yaw, pitch, roll = np.radians([self.yaw, self.pitch, self.roll])
        back = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
        right = np.array([np.cos(yaw), 0.0, -np.sin(yaw)])
        up = np.cross(back, right)
        axes: Floats = np.stack(
            [np.cos(roll) * right + np.sin(roll) * up, np.cos(roll) * up - np.sin(roll) * right, back]
        )
        return axes

    @property
    def origin(self) -> Floats:
        """Where the camera stands, (3,) in metres."""
        place: Floats = np.asarray(self.target) + self.distance * self.axes[2]
        return place

    @property
    def field_of_view(self) -> float:
        """Horizontal angle of view in degrees."""
        return float(2 * np.degrees(np.arctan(self.width / 2 / self.distance)))

    def project(self, points: Floats) -> Floats:
        """Pixel coordinates (N, 2) of `points` (N, 3): x to the right, y down, (0, 0) the picture's top left corner."""
        seen = (points - np.asarray(self.target)) @ self.axes.T
        scale = self.size / self.width * self.distance / (self.distance - seen[:, 2])
        pixels: Floats = self.size / 2 + np.stack([seen[:, 0], -seen[:, 1]], axis=1) * scale[:, None]
        return pixels
