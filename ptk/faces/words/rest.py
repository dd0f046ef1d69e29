"""``neutral``: a face back at rest, from whatever it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.anatomy import lip_gap, possible
from ptk.faces.topology import LIDS

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

    from ptk.faces.expressions import Vocabulary

__all__ = ["NEUTRAL", "RestWord", "find_rest"]

_OPEN = (0.8, 1.25)  # of the mean face's: eyes that are open by less, or by more, show something


@dataclass(frozen=True)
class RestWord:
    """The word that takes away what a face shows."""

    name: str = "neutral"
    summary: str = "back to rest from whatever the face shows; other words begin there"
    source: str = "all of these words, read in the face"
    least: float = 0.0
    most: float = 1.0


NEUTRAL = RestWord()


def find_rest(words: Vocabulary, shape: Float[np.ndarray, "68 2"]) -> Float64[np.ndarray, "68 2"]:
    """The aligned face `shape` at rest: without the words that it shows, lips closed, and eyes open as eyes are.

    Which words it shows is read as always, with doubt; how strongly without, for who smiles by more than that doubt
    smiles wholly.
    """
    shown = words.read_shape(shape, certain=True)
    rest = possible(shape, shape - sum(strength * words.words[name].field for name, strength in shown.items()))
    opens = words.words["open_mouth"].field
    rest -= max(lip_gap(rest), 0.0) / lip_gap(opens) * opens
    for upper, lower in LIDS:
        usual, own = ((face[lower, 1] - face[upper, 1]).mean() for face in (words.rest, rest))
        wider = np.clip(own, _OPEN[0] * usual, _OPEN[1] * usual) - own
        rest[upper, 1] -= wider * 0.8  # upper lids move, lower hardly do
        rest[lower, 1] += wider * 0.2
    return possible(shape, rest)
