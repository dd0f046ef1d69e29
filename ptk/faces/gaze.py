"""Words for where somebody looks: irises that move, and lids that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import EYELIDS, LIDS, OUTER_EYE_CORNERS, POINTS

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = ["LOOKS", "Look", "lid_drift", "look_elsewhere"]


@dataclass(frozen=True)
class Look:
    """A word that moves irises, at strength 1 by `across` to the person's left and `down`, in widths of each eye.

    Strengths go from `least` to `most`. Upper and lower lids follow by `lids`, in outer eye distances, downwards.
    """

    across: float = 0.0
    down: float = 0.0
    lids: tuple[float, float] = (0.0, 0.0)
    least: float = 0.0
    most: float = 1.5

    @property
    def field(self) -> Float64[np.ndarray, "68 2"]:
        """How the lids of an aligned face follow, as those of expressions move: `ptk.faces.expressions.Word`."""
        field = np.zeros((POINTS, 2))
        for eye in LIDS:
            for lid, down in zip(eye, self.lids, strict=True):
                field[list(lid), 1] = down
        return field


LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "look_left": Look(across=0.2),
        "look_right": Look(across=-0.2),
        "look_up": Look(down=-0.07, lids=(-0.022, -0.01)),
        "look_down": Look(down=0.07, lids=(0.026, 0.012)),
    }
)
"""The words; left and right are the person's own."""


def look_elsewhere(
    irises: Float[np.ndarray, "2 3"],
    points: Float[np.ndarray, "68 2"],
    goal: Float[np.ndarray, "68 2"],
    strengths: Mapping[str, float],
) -> Float[np.ndarray, "2 3"] | None:
    """Where `irises` go by words times their `strengths`, in pixels, while landmarks `points` go to `goal`.

    None where no word says that they move.
    """
    said = {name: strength for name, strength in strengths.items() if name in LOOKS and strength}
    if not said:
        return None
    across, down = (
        sum(strength * getattr(LOOKS[name], way) for name, strength in said.items()) for way in ("across", "down")
    )
    moved = np.array(irises, dtype=np.float64)
    right, left = (points[corner] for corner in OUTER_EYE_CORNERS)
    level = (left - right) / max(float(np.linalg.norm(left - right)), 1e-6)  # both eyes look the same way
    for index, (upper, _) in enumerate(EYELIDS):
        along = level * float(np.linalg.norm(points[upper[-1]] - points[upper[0]]))
        moved[index, :2] += across * along + down * np.array([-along[1], along[0]])
    moved[:, :2] += lid_drift(points, goal)
    return moved


def lid_drift(points: Float[np.ndarray, "68 2"], goal: Float[np.ndarray, "68 2"]) -> Float[np.ndarray, "2 2"]:
    """How far lids take along the right and the left eye when landmarks `points` go to `goal`, in pixels."""
    return np.stack([(goal - points)[[*upper, *lower]].mean(axis=0) for upper, lower in LIDS])
