"""Eyes that a photo does not show: behind dark glasses, or shut. Nothing can be told of how they would move."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.glasses import find_hidden_eyes
from ptk.faces.topology import EYELIDS

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

__all__ = ["SHUT", "describe_missing_irises", "describe_unseen_eyes", "find_openings", "find_unseen_eyes"]

# In widths of an eye:
SHUT = 0.165
"""An eye whose lids are no further apart is shut: detectors see them so."""
_OPENS, _CLOSES = 0.04, 0.03  # by how much lids part, or come together, for an eye that opens, or closes

_GLASSES = "dark glasses hide the eyes, which stay as they are; edit a photo without them"
_ASLEEP = "the eyes are shut, and no photo of shut eyes shows what is behind: they stay so; edit one with open eyes"


def find_openings(points: Float[np.ndarray, "68 2"]) -> tuple[float, float]:
    """Find how far the lids of the right and of the left eye are apart, in widths of each."""
    openings = []
    for upper, lower in EYELIDS:
        top, bottom = (points[list(lid[1:-1])].mean(axis=0) for lid in (upper, lower))
        wide = float(np.linalg.norm(points[upper[-1]] - points[upper[0]]))
        openings.append(float(np.linalg.norm(bottom - top)) / max(wide, 1e-6))
    return openings[0], openings[1]


def find_unseen_eyes(
    cut: UInt8[np.ndarray, "size size 3"], start: Float[np.ndarray, "68 2"], goal: Float[np.ndarray, "68 2"]
) -> tuple[str, str]:
    """Find why the right and the left eye of a `cut` cannot move from `start` to `goal`, in [0, 1], in words.

    Empty for an eye that can, or that hardly moves.
    """
    before, after = find_openings(start), find_openings(goal)
    changes = [new - old for old, new in zip(before, after, strict=True)]
    if all(-_CLOSES < change < _OPENS for change in changes):
        return "", ""
    hidden = find_hidden_eyes(cut, start)
    right, left = (
        _GLASSES if dark else _ASLEEP if old < SHUT and change > _OPENS else ""
        for dark, old, change in zip(hidden, before, changes, strict=True)
    )
    return right, left


def describe_unseen_eyes(
    cut: UInt8[np.ndarray, "size size 3"], start: Float[np.ndarray, "68 2"], goal: Float[np.ndarray, "68 2"]
) -> list[str]:
    """What `find_unseen_eyes` finds, each once."""
    return sorted({reason for reason in find_unseen_eyes(cut, start, goal) if reason})


def describe_missing_irises(cut: UInt8[np.ndarray, "size size 3"], points: Float[np.ndarray, "68 2"]) -> str:
    """Say why no irises of a face in a `cut` are seen, whose landmarks are in [0, 1]; nothing where they are."""
    if any(find_hidden_eyes(cut, points)):
        return _GLASSES
    return _ASLEEP if max(find_openings(points)) < SHUT else ""
