"""What a face can do: lids and lips never pass each other, brows stay over the eyes, and a mouth in its jaw."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import (
    BROW_LID_PAIRS,
    FACING_LOWER_LIP,
    FACING_UPPER_LIP,
    INNER_CORNER_PAIRS,
    INNER_LIP_PAIRS,
    LID_PAIRS,
    LIP_CHIN_PAIR,
    LOWER_LIP_PAIRS,
    MOUTH_CORNER_PAIRS,
    MOUTH_CORNERS,
    MOUTH_OUTLINE_PAIRS,
    UPPER_LIP_PAIRS,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = ["lip_gap", "possible"]

# What stays above (1) or left of (0) what: pairs, the axis, which share of their distance stays, and which share of
# what is lacking the first of a pair gives. Lips and lids may meet. Each lip keeps some of its height, brows stay over
# lids, and corners of the mouth inside the jaw.
_RULES = (
    (LID_PAIRS, 1, 0.0, 0.5),
    (INNER_LIP_PAIRS, 1, 0.0, 0.5),
    (UPPER_LIP_PAIRS, 1, 0.4, 1.0),
    (LOWER_LIP_PAIRS, 1, 0.4, 0.0),
    (BROW_LID_PAIRS, 1, 0.4, 1.0),
    ((*MOUTH_CORNER_PAIRS, *INNER_CORNER_PAIRS), 0, 0.4, 0.5),
    ((MOUTH_CORNERS,), 0, 0.5, 0.5),
    (MOUTH_OUTLINE_PAIRS[:1], 0, 0.4, 0.0),
    (MOUTH_OUTLINE_PAIRS[1:], 0, 0.4, 1.0),
    ((LIP_CHIN_PAIR,), 1, 0.4, 0.0),
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
    return float((shape[..., FACING_LOWER_LIP, 1] - shape[..., FACING_UPPER_LIP, 1]).mean())
