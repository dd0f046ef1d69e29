"""An expression that a face can take over: words with their strengths, for the whole face or for parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import AROUND_MOUTH, BROWS, EYES, POINTS, indices

if TYPE_CHECKING:
    from jaxtyping import Float64

__all__ = ["MOST_SHARE", "PARTS", "Expression"]

PARTS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"mouth": AROUND_MOUTH, "eyes": indices(EYES), "brows": indices(BROWS)}
)
"""Landmarks of each part of a face that can take over an expression by itself; the jaw goes with the mouth."""

MOST_SHARE = 1.5
"""How far a part may take over an expression: beyond 1 it is exaggerated, as words are."""


@dataclass(frozen=True)
class Expression:
    """An expression as `words` (`ptk.faces.expressions`) with their strengths, to be shown instead of a face's own.

    `parts` are shares in [0, 1.5] by the names of `PARTS`: how far each takes it over; parts that are not named keep
    what they show. Without any the whole face takes it over, at 1.
    """

    words: Mapping[str, float]
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def shares(self) -> Float64[np.ndarray, "68 1"]:
        """How far each landmark takes the expression over."""
        if not self.parts:
            return np.ones((POINTS, 1))
        shares = np.zeros((POINTS, 1))
        for part, share in self.parts.items():
            shares[list(PARTS[part])] = share
        return shares
