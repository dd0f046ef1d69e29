"""How a face changes its shape with age: a motion of landmarks that moves the photo's own pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.align import displace
from ptk.faces.topology import MIRROR
from ptk.motion.sampling import sample_photo
from ptk.motion.smooth_flow import krige

if TYPE_CHECKING:
    from jaxtyping import Float, Float32

    Pixels = Float32[np.ndarray, "height width 3"]
    Points = Float[np.ndarray, "68 2"]

__all__ = ["SAGGING", "TIGHTENING", "move"]

Motion = Mapping[int, tuple[float, float]]
"""By landmark of the person's right half how far it goes to the right and down, in outer eye distances."""

SAGGING: Motion = {
    1: (0.0, 0.015),  # ears, and what is in front of them
    2: (0.006, 0.012),
    3: (0.0, 0.015),
    4: (-0.012, 0.035),  # jowls
    5: (-0.014, 0.045),
    6: (-0.006, 0.03),
    7: (0.0, 0.006),
    17: (0.0, 0.018),
    18: (0.0, 0.01),
    36: (0.003, 0.008),
    37: (0.0, 0.014),
    38: (0.0, 0.009),
    40: (0.0, 0.003),
    41: (0.0, 0.005),
    30: (0.0, 0.022),
    31: (-0.012, 0.014),
    32: (-0.004, 0.018),
    33: (0.0, 0.02),
    48: (0.006, 0.02),
    49: (0.002, 0.02),
    50: (0.0, 0.026),
    51: (0.0, 0.024),
    57: (0.0, -0.012),
    58: (0.0, -0.012),
    59: (0.0, -0.004),
    60: (0.004, 0.014),
}
TIGHTENING: Motion = {
    2: (-0.002, -0.004),
    3: (0.0, -0.01),
    4: (0.012, -0.022),
    5: (0.014, -0.028),
    6: (0.006, -0.02),
    17: (0.0, -0.014),
    18: (0.0, -0.01),
    37: (0.0, -0.009),
    38: (0.0, -0.009),
    40: (0.0, 0.003),
    41: (0.0, 0.003),
    30: (0.0, -0.01),
    31: (0.012, -0.008),
    33: (0.0, -0.008),
    48: (0.0, -0.012),
    49: (0.0, -0.014),
    50: (0.0, -0.018),
    51: (0.0, -0.016),
    57: (0.0, 0.014),
    58: (0.0, 0.014),
    59: (0.0, 0.006),
    60: (0.0, -0.008),
}

_REACH, _NOISE = 0.9, 0.02  # of landmarks: eye distances, and shares of their motion
_HELD = 0.35  # eye distances from the landmarks: skin moves up to there
_GRID = 40  # places, in a row of the window, at which the flow is computed


def move(pixels: np.ndarray, points: Points, eyes: float, motion: Motion, share: float) -> tuple[Pixels, Points]:
    """Move the `pixels` (H, W, 3) of a window with a face at `points`, `eyes` apart, by a `share` of a `motion`.

    Returns them in float, and where the landmarks are then. What is far from the face does not move.
    """
    import cv2

    change = np.zeros((68, 3))
    for right, (across, down) in motion.items():
        change[MIRROR[right]] = -across, down, 0
        change[right] = (across if MIRROR[right] != right else 0), down, 0
    goal = points + share * displace(change, points)
    height, width = pixels.shape[:2]
    rows, columns = max(2, round(_GRID * height / width)), _GRID
    x, y = (np.arange(columns) + 0.5) * width / columns - 0.5, (np.arange(rows) + 0.5) * height / rows - 0.5
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    flow = krige(points[None], goal[None], places[None], reach=_REACH * eyes, noise=_NOISE)[0]
    nearest = np.min(np.linalg.norm(places[:, None] - points, axis=2), axis=1) / eyes
    flow *= ((1 - nearest / _HELD) * 1.6).clip(0, 1)[:, None]
    flow = cv2.resize(flow.reshape(rows, columns, 2).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    flow[np.abs(flow) < 0.02] = 0
    return sample_photo(pixels, (0, 0, width, height), flow), goal
