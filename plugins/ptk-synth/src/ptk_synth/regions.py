"""Regions of the face, painted on the average head (metres of its own frame), as weights in [0, 1] by point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk_synth.noise import fractal, smooth_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.traits import Hair

    Floats = NDArray[np.float64]

__all__ = ["LID_RINGS", "around", "beard", "beard_shadow", "scalp"]

# The rims of the eyelids in base.obj, of the person's right and left eye.
LID_RINGS = (range(6750, 6780), range(13350, 13380))

# The hairline: its height by azimuth around the head's axis (0 in front, 90 at the ears, 180 behind).
_AXIS = 0.045
_AZIMUTHS = (0.0, 22.0, 38.0, 50.0, 60.0, 68.0, 76.0, 84.0, 106.0, 116.0, 135.0, 180.0)
_HEIGHTS = (0.800, 0.799, 0.791, 0.775, 0.750, 0.722, 0.712, 0.735, 0.735, 0.695, 0.672, 0.664)


def around(points: Floats, centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Floats:
    """A soft ellipsoid: 1 at `centre`, falling off like a Gaussian with standard deviations `radii`.

    `centre` is given for the person's left; its mirror image on the right counts as well.
    """
    mirrored = np.stack([np.abs(points[:, 0]), points[:, 1], points[:, 2]], axis=1)
    weights: Floats = np.exp(-0.5 * (((mirrored - np.array(centre)) / np.array(radii)) ** 2).sum(axis=1))
    return weights


def scalp(points: Floats, hair: Hair) -> Floats:
    """Where scalp hair grows: thinly at the hairline, densely from a centimetre behind it."""
    azimuth = np.degrees(np.arctan2(np.abs(points[:, 0]), points[:, 2] - _AXIS))
    line = np.interp(azimuth, _AZIMUTHS, _HEIGHTS)
    corners = np.exp(-0.5 * ((azimuth - 36) / 13) ** 2)
    front = smooth_step(azimuth, 75, 40)
    line = line + hair.receding * (0.022 * front + 0.026 * corners * front)
    line = line + 0.003 * fractal(points, 0.012, hair.seed, octaves=2)
    grows = smooth_step(points[:, 1] - line, -0.003, 0.009)
    if hair.receding > 0.55:  # the crown thins out next
        grows = grows * (1 - smooth_step(around(points, (0.0, 0.846, 0.05), (0.045, 0.03, 0.055)), 0.55, 0.8))
    return grows


def beard_shadow(points: Floats, lips: Floats) -> Floats:
    """Where a beard would grow: cheeks below a line from the ear to the mouth, chin, upper lip, under the jaw."""
    depth, height, side = points[:, 2], points[:, 1], np.abs(points[:, 0])
    line = np.interp(depth, [0.05, 0.085, 0.115, 0.135, 0.15], [0.718, 0.706, 0.680, 0.666, 0.658])
    jaw = smooth_step(line - height, -0.004, 0.008)
    lip = smooth_step(0.6815 - height, 0, 0.003) * smooth_step(0.033 - side, 0, 0.008) * smooth_step(depth, 0.132, 0.14)
    lowest = smooth_step(height, 0.585, 0.612) * smooth_step(depth, 0.03, 0.06)
    shadow: Floats = np.maximum(jaw, lip) * lowest * (1 - smooth_step(lips, 0.1, 0.5))
    return shadow


def beard(points: Floats, lips: Floats, kind: str) -> Floats:
    """Where a beard of `kind` has hair."""
    everywhere = beard_shadow(points, lips)
    side, height = np.abs(points[:, 0]), points[:, 1]
    above = smooth_step(height - 0.662, -0.004, 0.002) * smooth_step(0.034 - side, 0, 0.006)
    if kind in ("full", "stubble"):
        return everywhere
    if kind == "moustache":
        return everywhere * above
    if kind == "goatee":
        chin = smooth_step(0.031 - side, 0, 0.007) * smooth_step(height, 0.598, 0.608)
        return everywhere * np.maximum(above, chin)
    return np.zeros(len(points))
