"""Landmarks of a film, smoothed in time: still where the face is, quick where it moves, and never late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = ["smooth_in_time"]

_STILL = 1.0
"""Hertz up to which a face that rests is followed: a detector's noise is faster."""

_QUICK = 12.0
"""Hertz more for each eye distance a second that a point moves."""

_SPEED = 2.0
"""Hertz up to which speeds are followed, so that noise is none."""


def smooth_in_time(
    points: Float[np.ndarray, "frames count 2"], times: Float64[np.ndarray, " frames"], eyes: float
) -> Float64[np.ndarray, "frames count 2"]:
    """Smooth the way of each point over `times`, in seconds, by the mean of a filter that runs forwards and backwards.

    What either is late, the other is early: nothing lags. `eyes` is the eye distance in the unit of `points`.

    Source: the 1-euro filter, Casiez, Roussel, Vogel 2012: a low pass whose cutoff grows with the speed.
    """
    points = np.asarray(points, dtype=np.float64)
    forwards = _filter(points, times, eyes)
    backwards = _filter(points[::-1], times[-1] - times[::-1], eyes)[::-1]
    return np.asarray((forwards + backwards) / 2)


def _filter(points: np.ndarray, times: np.ndarray, eyes: float) -> np.ndarray:
    smoothed = points.copy()
    speed = np.zeros_like(points[0])
    for now in range(1, len(points)):
        passed = max(float(times[now] - times[now - 1]), 1e-4)
        moved = (points[now] - smoothed[now - 1]) / passed
        speed += _share(_SPEED, passed) * (moved - speed)
        pace = np.linalg.norm(speed, axis=-1, keepdims=True) / eyes
        share = _share(_STILL + _QUICK * pace, passed)
        smoothed[now] = smoothed[now - 1] + share * (points[now] - smoothed[now - 1])
    return smoothed


def _share(cutoff: np.ndarray | float, passed: float) -> np.ndarray | float:
    """How much of a new value counts, of a low pass at `cutoff` Hertz."""
    return 1 / (1 + 1 / (2 * np.pi * cutoff * passed))
