"""Wrinkles that the mesh is too coarse for: a small relief on the skin, from age and from what the face does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.noise import fractal, smooth_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Place = tuple[float, float]

__all__ = ["creases"]

_PORES = 0.00005


def creases(points: Floats, years: float, units: Mapping[str, float], seed: int, weathered: float = 0.0) -> Floats:
    """Height (N,) in metres, along the normal, to add to skin at template `points` (N, 3).

    `units` are the weights of ARKit units of the expression: raised brows fold the forehead, lowered ones the skin
    between them, a smile the corners of the eyes and the cheeks beside the nose. `weathered` in [0, 1] deepens all of
    them, and adds those that hang: under the eyes, and from the corners of the mouth.
    """
    age = float(np.clip((years - 25) / 45, 0, 1))

    def active(*names: str) -> float:
        return max((units.get(name + side, 0.0) for name in names for side in ("", "Left", "Right")), default=0.0)

    side, height, depth = np.abs(points[:, 0]), points[:, 1], points[:, 2]
    wobble = fractal(points, 0.03, seed + 11, octaves=2)
    raised = max(active("browOuterUp"), 0.7 * active("browInnerUp"))
    folds = np.cos(2 * np.pi * (height + 0.0022 * wobble + 1.2 * side**2) / 0.0095)
    forehead = smooth_step(height, 0.752, 0.763) * smooth_step(height, 0.797, 0.783) * smooth_step(side, 0.055, 0.03)
    relief = 0.00030 * (0.5 * age + raised * (0.4 + 0.6 * age)) * folds * forehead * (depth > 0.1)

    across, over = side - 0.0455, height - 0.7270
    away, angle = np.hypot(across, over), np.arctan2(over, across)
    fan = smooth_step(away, 0.003, 0.007) * smooth_step(away, 0.019, 0.011) * smooth_step(np.abs(angle), 1.0, 0.6)
    squint = max(active("cheekSquint"), 0.7 * active("eyeSquint"))
    relief += 0.00022 * (0.7 * age + squint * (0.3 + 0.7 * age)) * np.cos(13 * angle + wobble) * fan

    frown = smooth_step(height, 0.734, 0.742) * smooth_step(height, 0.762, 0.752) * (depth > 0.12)
    groove = np.exp(-0.5 * ((side - 0.0065 - 0.0008 * wobble) / 0.0014) ** 2)
    relief -= 0.0006 * (0.35 * age + 0.8 * active("browDown")) * groove * frown

    root = smooth_step(side, 0.016, 0.009) * smooth_step(height, 0.717, 0.722) * smooth_step(height, 0.742, 0.735)
    relief += 0.00022 * active("noseSneer") * np.cos(2 * np.pi * height / 0.0052) * root * (depth > 0.12)

    relief -= 0.0008 * (0.45 * age + 0.7 * active("mouthSmile", "noseSneer")) * _beside_nose(points)
    if weathered:
        relief = (1 + 0.6 * weathered) * relief - 0.0007 * weathered * _hanging(points)
    return relief + _PORES * fractal(points, 0.003, seed + 12, octaves=2)


def _beside_nose(points: Floats) -> Floats:
    """The fold from the nostril to beyond the corner of the mouth, 1 at its bottom."""
    return _fold(points, (0.0205, 0.6900), (0.0345, 0.6600), bow=(0.003, 0.0))


def _hanging(points: Floats) -> Floats:
    """The folds from the corners of the mouth to the jaw, and under the bags of the eyes, 1 at their bottom."""
    mouth = _fold(points, (0.0300, 0.6560), (0.0345, 0.6300), bow=(0.0015, 0.0))
    bags = _fold(points, (0.0165, 0.7180), (0.0420, 0.7120), bow=(0.0, -0.0050))
    return np.maximum(0.6 * mouth, bags)


def _fold(points: Floats, first: Place, last: Place, bow: Place) -> Floats:
    """A fold on both sides of the face from `first` to `last` (x and y, metres), its middle moved by `bow`."""
    start, end = np.array(first), np.array(last)
    place = np.stack([np.abs(points[:, 0]), points[:, 1]], axis=1)
    along = np.clip((place - start) @ (end - start) / ((end - start) @ (end - start)), 0, 1)
    line = start + along[:, None] * (end - start) + np.sin(np.pi * along)[:, None] * np.array(bow)
    away = np.linalg.norm(place - line, axis=1)
    fold: Floats = np.exp(-0.5 * (away / 0.0019) ** 2) * (points[:, 2] > 0.11)
    return fold
