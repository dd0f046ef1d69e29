"""What a face can do: lids and lips never pass each other, brows stay over the eyes, and a mouth in its jaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = ["LIDS", "LOWER_LIP", "lip_gap", "possible"]

LIDS = (([37, 38], [41, 40]), ([43, 44], [47, 46]))
"""Upper and lower lid of the right and of the left eye, point over point."""

LOWER_LIP = (48, 59, 58, 57, 56, 55, 54, 64, 65, 66, 67, 60)
"""The outline of the lower lip: its outer edge from corner to corner, and back along its inner edge."""

_INNER_UPPER, _INNER_LOWER = [61, 62, 63], [67, 66, 65]  # the edges of lips that face each other

# What stays above (1) or left of (0) what: pairs, the axis, which share of their distance stays, and which share of
# what is lacking the first of a pair gives. Lips and lids may meet. Each lip keeps some of its height, brows stay over
# lids, and corners of the mouth inside the jaw.
_RULES = (
    (((37, 41), (38, 40), (43, 47), (44, 46)), 1, 0.0, 0.5),
    (((61, 67), (62, 66), (63, 65)), 1, 0.0, 0.5),
    (((50, 61), (51, 62), (52, 63)), 1, 0.4, 1.0),
    (((67, 58), (66, 57), (65, 56)), 1, 0.4, 0.0),
    (((18, 37), (19, 37), (20, 38), (23, 43), (24, 44), (25, 44)), 1, 0.4, 1.0),
    (((48, 60), (64, 54), (60, 61), (63, 64), (60, 67), (65, 64)), 0, 0.4, 0.5),
    (((48, 54),), 0, 0.5, 0.5),
    (((4, 48),), 0, 0.4, 0.0),
    (((54, 12),), 0, 0.4, 1.0),
    (((57, 8),), 1, 0.4, 0.0),
)


def possible(before: Float[np.ndarray, "68 2"], after: Float[np.ndarray, "68 2"]) -> Float64[np.ndarray, "68 2"]:
    """The aligned face `after`, which was `before`, with whatever came too near, or passed each other, put back.

    What was in disorder before may stay so, no worse; what nothing is wrong with keeps every bit.
    """
    result = np.array(after, dtype=np.float64)
    for pairs, axis, share, gives in _RULES:
        first, second = np.array(pairs).T
        apart, now = before[second, axis] - before[first, axis], result[second, axis] - result[first, axis]
        lacking = np.maximum(np.where(apart > 0, share * apart, apart) - now, 0)
        for index, part in enumerate(lacking.tolist()):
            if part:
                result[first[index], axis] -= gives * part
                result[second[index], axis] += (1 - gives) * part
    return result


def lip_gap(shape: Float[np.ndarray, "*batch 68 2"]) -> float:
    """How far the inner lips of an aligned face are apart on average, or, of a change, by how much further."""
    return float((shape[..., _INNER_LOWER, 1] - shape[..., _INNER_UPPER, 1]).mean())
