"""A performance: how a face moves through a film, to be played by another face."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.align import aligned
from ptk.faces.expressions import vocabulary
from ptk.faces.gaze import lid_drift
from ptk.faces.topology import EYELIDS
from ptk.faces.words.expression import Expression
from ptk.video.track import follow_face

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64

    from ptk.editing.edit import Detector
    from ptk.prepare.video import Video
    from ptk.types import Landmarks

__all__ = ["Performance"]


@dataclass(frozen=True, eq=False)
class Performance:
    """How a face changes at `times`, in seconds: `changes` (N, 68, 2) of its aligned landmarks, in eye distances.

    `looks` (N, 2, 2) is how far its right and left iris move within the eye, in widths of that eye; NaN where they were
    not found. Both are relative to the frame in which the face shows least, so another face plays it from its own
    expression, as in LivePortrait (Guo et al. 2024). Where the film does not show the face it is as it was last.
    """

    times: Float64[np.ndarray, " frames"]
    changes: Float64[np.ndarray, "frames 68 2"]
    looks: Float64[np.ndarray, "frames 2 2"]

    @classmethod
    def read(
        cls,
        video: Video,
        detector: Detector,
        name: str,
        parts: Mapping[str, float],
        *,
        warn: Callable[[str], None] = lambda _: None,
        tell: Callable[[int], None] = lambda _: None,
    ) -> Performance:
        """Read the performance of the main face in `video`, as far as `parts` of the face play it; {}: all of it.

        `tell` is given how many frames are done. Raises as `ptk.video.track.follow_face`.
        """
        track = follow_face(video, detector, name, "largest", warn=warn, tell=tell)
        seen = np.isfinite(track.points).all(axis=(1, 2))
        shapes = aligned(track.points[seen])
        words = vocabulary()
        least = int(np.argmin([sum(words.read_shape(shape).values()) for shape in shapes]))
        shares = Expression({}, parts).shares
        looks = np.stack([_find_looks(*each) for each in zip(track.points[seen], track.irises[seen], strict=True)])
        eyes = parts.get("eyes", 0.0) if parts else 1.0
        known = looks[np.isfinite(looks).all(axis=(1, 2))]
        rest = looks[least] if np.isfinite(looks[least]).all() or not len(known) else np.median(known, axis=0)
        times, every = video.times[seen], video.times
        at = np.clip(np.searchsorted(times, every, side="right") - 1, 0, len(times) - 1)
        return cls(every, (shares * (shapes - shapes[least]))[at], (eyes * (looks - rest))[at])

    def find_number(self, time: float) -> int:
        """The number of the frame that is shown at a time; the first before, the last after the end."""
        return int(np.clip(np.searchsorted(self.times, time + 1e-6, side="right") - 1, 0, len(self.times) - 1))

    def move(
        self, face: Landmarks, number: int
    ) -> tuple[Float32[np.ndarray, "68 2"], Float32[np.ndarray, "2 3"] | None]:
        """Where the landmarks, and irises, of another `face` go in a frame; None where these only go along."""
        goal = vocabulary().moved_by(face.points, self.changes[number])
        looks = self.looks[number]
        if face.irises is None or not np.isfinite(looks).all():
            return goal, None
        moved = face.irises.copy()
        for index, eye in enumerate(EYELIDS):
            across, down = _eye_axes(face.points, eye)
            moved[index, :2] += looks[index, 0] * across + looks[index, 1] * down
        moved[:, :2] += lid_drift(face.points, goal)
        return goal, moved.astype(np.float32)


def _find_looks(points: np.ndarray, irises: np.ndarray) -> Float64[np.ndarray, "2 2"]:
    """Where the irises are in their eyes: across and down from the middle of the corners, in widths."""
    looks = np.full((2, 2), np.nan)
    if np.isfinite(irises).all():
        for index, eye in enumerate(EYELIDS):
            across, down = _eye_axes(points, eye)
            from_middle = irises[index, :2] - (points[eye[0][0]] + points[eye[0][-1]]) / 2
            looks[index] = np.linalg.solve(np.column_stack([across, down]).astype(np.float64), from_middle)
    return looks


def _eye_axes(points: np.ndarray, eye: tuple[tuple[int, ...], tuple[int, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """From corner to corner of an eye, in the picture from left to right, and as far down."""
    across = points[eye[0][-1]] - points[eye[0][0]]
    return across, np.array([-across[1], across[0]])
