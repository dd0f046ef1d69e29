"""Which way a head is turned, and whether its face can be moved without spoiling it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ptk.errors import FaceError
from ptk.faces.align import head_rotation
from ptk.faces.topology import LEFT_EYE_OUTER, RIGHT_EYE_OUTER

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

    from ptk.types import Landmarks

__all__ = ["MOST_TURN", "WARN_TURN", "HeadPose", "check_pose", "check_turn", "check_upright", "head_pose", "settle"]

WARN_TURN = 30.0
"""Degrees from which movements may look wrong: what the words were learned from, and `aligned`, reach as far."""

MOST_TURN = 45.0
"""Degrees beyond which movements tear the face: lips and lids of the far side are hidden."""

# Degrees of yaw from which turning a head to the side may break its nose, and beyond which it does.
_WARN_YAW, _MOST_YAW = 15.0, 22.0

# Sides of the part of a photo that is looked at once more, in sizes of the face, and in pixels at most. Detectors find
# faces of a tenth of that.
_AROUND = 5.0
_LOOK = 512
_SAME_POINTS = 0.25  # mean distance of the points of two looks at one face, in outer eye distances


@dataclass(frozen=True)
class HeadPose:
    """Angles of a head in degrees, of the face as the picture shows it.

    `yaw` > 0 looks to the right in the picture (the person's own left), `pitch` > 0 looks up, `roll` > 0 is tilted
    clockwise in the picture. The head nods first, then turns about the picture's vertical axis, then tilts in the
    picture: `roll` is the angle of the line of the eyes. `turn` is the angle between where the face looks and the
    camera, whatever its roll.
    """

    yaw: float
    pitch: float
    roll: float

    @property
    def turn(self) -> float:
        """Degrees, 0 from the front, 90 in profile; beyond 90 the points are those of a mirrored face."""
        yaw, pitch = np.radians([self.yaw, self.pitch])
        return float(np.degrees(np.arccos(np.clip(np.cos(yaw) * np.cos(pitch), -1, 1))))


def head_pose(points: Float[np.ndarray, "68 2"]) -> HeadPose:
    """Estimate yaw, pitch and roll of the face `points` (any unit) by a fit of the mean face to eyes and nose.

    Noses differ: real people who look straight at the camera read 2 to 8 degrees up on average. A profile reads as 50
    to 70 degrees to the side. Raises LandmarksError as `aligned` does.
    """
    x, y, z = head_rotation(np.asarray(points, dtype=np.float64))
    yaw = np.arcsin(np.clip(z[0], -1, 1))
    return HeadPose(*np.degrees([yaw, -np.arctan2(z[1], z[2]), np.arctan2(y[0], x[0])]).tolist())


def check_pose(points: Float[np.ndarray, "68 2"], name: str, *, force: bool = False) -> list[str]:
    """Warnings about moving the face `points` in the photo `name`: none up to 30 degrees of turn.

    Raises FaceError beyond 45 degrees, unless `force` makes a warning of it.
    """
    pose = head_pose(points)
    if pose.turn <= WARN_TURN:
        return []
    yaw = (abs(pose.yaw), "to its left" if pose.yaw > 0 else "to its right")
    pitch = (abs(pose.pitch), "up" if pose.pitch > 0 else "down")
    # `35 to its left, 12 up`: the angles that matter, the larger first
    directions = ", ".join(f"{angle:.0f} {way}" for angle, way in sorted((yaw, pitch), reverse=True) if angle >= 5)
    turned = f"{name}: the face is turned {pose.turn:.0f} degrees from the camera ({directions})"
    if pose.turn <= MOST_TURN:
        return [f"{turned}; beyond {WARN_TURN:.0f} its expression may come out wrong"]
    fix = f"beyond {MOST_TURN:.0f} its expression can be neither read nor changed; give a photo from the front"
    return settle([f"{turned}; {fix}"], FaceError, force)


def check_turn(points: Float[np.ndarray, "68 2"], degrees: float, name: str, *, force: bool = False) -> list[str]:
    """Warnings about turning the head of the face `points` in the photo `name` to its side by `degrees`.

    None up to 15 degrees of yaw: beyond, a nose covers what no photo of the face shows, and breaks at its edge. Raises
    FaceError beyond 22, unless `force` makes a warning of it.
    """
    yaw = head_pose(points).yaw
    if not degrees or abs(yaw) <= _WARN_YAW:
        return []
    turned = f"{name}: the head is turned {abs(yaw):.0f} degrees to its {'left' if yaw > 0 else 'right'} already"
    if abs(yaw) <= _MOST_YAW:
        return [f"{turned}; turning it may break the edge of the nose"]
    return settle([f"{turned}; turning it breaks the edge of the nose: leave out turn"], FaceError, force)


class Detects(Protocol):
    """A detector."""

    def detect(self, image: UInt8[np.ndarray, "height width 3"]) -> list[Landmarks]:
        """Find the faces in `image`."""
        ...


def check_upright(
    pixels: UInt8[np.ndarray, "height width 3"], face: Landmarks, detector: Detects, name: str, *, force: bool = False
) -> list[str]:
    """Warnings about a `face` that `detector` found in `pixels`, of the photo `name`, though it stands on its head.

    Detectors fit an upright face to one that stands on its head, forehead for mouth, and no landmark tells. So they
    look again with the photo turned by half: a face that scores higher there, elsewhere than before, is the true one.
    Raises FaceError, unless `force` makes a warning of it.
    """
    corner, part, scale = _around(pixels, face.points)
    extent = float(np.ptp(face.points, axis=0).max())
    eyes = float(np.linalg.norm(face.points[LEFT_EYE_OUTER] - face.points[RIGHT_EYE_OUTER]))
    for other in detector.detect(part):
        points = corner + (np.array(part.shape[1::-1]) - other.points) * scale
        near = np.linalg.norm(points.mean(axis=0) - face.points.mean(axis=0)) < extent
        apart = np.linalg.norm(points - face.points, axis=-1).mean() > _SAME_POINTS * eyes
        if near and apart and other.score > face.score:
            said = f"{name}: the face stands on its head, where its landmarks are wrong"
            return settle([f"{said}; turn the photo the right way up"], FaceError, force)
    return []


def settle(certain: Sequence[str], error: type[Exception], force: bool) -> list[str]:
    """Raise `error` with the lines `certain`, where there are any, or return them as warnings with `force`."""
    if certain and not force:
        raise error("\n".join(f"{line}, or force it" for line in certain))
    return list(certain)


def _around(pixels: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corner (x, y) of the surroundings of a face, them turned by half and shrunk, and by how much in x and y."""
    from PIL import Image

    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    half = max(1.0, _AROUND / 2 * float(np.ptp(points, axis=0).max()))
    sides = pixels.shape[1::-1]
    left, top = np.clip(np.floor(middle - half), 0, np.array(sides) - 1).astype(int)
    right, bottom = np.clip(np.ceil(middle + half), (left + 1, top + 1), sides).astype(int)
    part = Image.fromarray(pixels[top:bottom, left:right])
    part.thumbnail((_LOOK, _LOOK))
    turned = np.asarray(part.transpose(Image.Transpose.ROTATE_180))
    return np.array([left, top]), turned, np.array([right - left, bottom - top]) / turned.shape[1::-1]
