"""Corners of a mouth that hang where others are level: a smile on them is none that anybody sees, unless they rise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import LIP_MIDDLES, MOUTH, MOUTH_CORNERS

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

    from ptk.faces.expressions import Vocabulary

__all__ = ["SMILE", "find_droop_to_end", "measure_curl"]

SMILE = "closed_smile"
"""The word whose corners of the mouth go as in all smiles."""

_SMILES = (SMILE, "smile", "laugh")
_ENDS = 0.7  # of what hangs: with corners of somebody else, some people are hard to know again


def find_droop_to_end(
    words: Vocabulary, shape: Float[np.ndarray, "68 2"], strengths: Mapping[str, float]
) -> Float64[np.ndarray, "68 2"]:
    """How far the mouth of an aligned face is drawn down below that of the mean face at rest, as far as smiles end it.

    Nothing where `strengths` name no smile.
    """
    drawn = np.zeros_like(words.rest)
    share = _ENDS * min(1.0, sum(max(0.0, strengths.get(name, 0.0)) for name in _SMILES))
    lifts = words.words[SMILE].field * (0, 1)
    hangs = max(measure_curl(words.rest) - measure_curl(shape), 0.0)
    drawn[MOUTH] = -share * hangs / measure_curl(lifts) * lifts[MOUTH]
    return drawn


def measure_curl(shape: Float[np.ndarray, "68 2"]) -> float:
    """How far the corners of the mouth are above its middle, or, of a change, by how much further."""
    return float(shape[list(LIP_MIDDLES), 1].mean() - shape[list(MOUTH_CORNERS), 1].mean())
