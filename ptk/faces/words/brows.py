"""Brows that say something else than a word does, and give way to it: nobody laughs who frowns, nor glares amazed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import BROWS, EYE_CORNERS, INNER_BROWS, LEFT_BROW, LIDS, OUTER_BROWS, RIGHT_BROW

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

    from ptk.faces.expressions import Vocabulary

__all__ = ["find_brows_to_relax"]

_FROWN = "brows_down"
_FRIENDLY = {"smile": 0.7, "closed_smile": 0.7, "laugh": 0.7, "brows_up": 0.4}
"""How much of a frown words end that it does not go with: the rest may be how somebody's brows are when they rest, low
or slanted, and with brows that rise as well, some people are hard to know again."""
_RAISED = ("brows_up", "surprise", "wide_eyes")  # words that nobody says who is angry; fear is seen in smiles, too
_FROWNS = {"brows_down", "anger", "disgust"}  # words that frown
_RAISES = {"brows_up", "sadness", "fear", "surprise"}  # words that draw brows up, or their inner ends
_WORRIED = ("smile", "closed_smile", "laugh", "anger")  # words that end worry: inner ends of brows drawn up
_ENDS = 0.7  # of it
_MOST = 1.0  # strength of a frown that is taken away at most
_SURE = 0.3  # strength of words that a face shows for certain
_NARROWS = 0.5  # of how much wider than the mean face's its eyes are then: children's are so when they rest


def find_brows_to_relax(
    words: Vocabulary, shape: Float[np.ndarray, "68 2"], strengths: Mapping[str, float]
) -> Float64[np.ndarray, "68 2"]:
    """How far brows of an aligned face, and wide eyes, are drawn by what words of other brows do not go with.

    Smiles and raised brows end a frown: what inner ends of brows are lower than those of the mean face at rest. Smiles
    and anger end worry: what inner ends are higher, beside the outer ones. Anger ends the amazement that is seen for
    certain. What `strengths` name is left to them.
    """
    drawn = np.zeros_like(words.rest)
    ends = sum(share * _clip(strengths.get(name, 0.0)) for name, share in _FRIENDLY.items())
    if ends and not _FROWNS & set(strengths):
        drawn += min(ends, max(_FRIENDLY.values())) * _find_frown(words, shape)
    if not _RAISES & set(strengths):
        drawn += _ENDS * _clip(sum(_clip(strengths.get(name, 0.0)) for name in _WORRIED)) * _find_worry(words, shape)
    angry = _clip(strengths.get("anger", 0.0))
    if angry:
        shown = words.read_shape(shape)
        amazed = {name: shown[name] for name in _RAISED if name in shown and name not in strengths}
        for name, seen in amazed.items():
            drawn[BROWS] += angry * seen * words.words[name].field[BROWS]
        staring = angry * _clip(sum(amazed.values()) / _SURE) * _NARROWS
        for upper, lower in LIDS:
            usual, own = ((face[lower, 1] - face[upper, 1]).mean() for face in (words.rest, shape))
            drawn[upper, 1] -= staring * max(own - usual, 0.0)
    return drawn


def _find_frown(words: Vocabulary, shape: np.ndarray) -> np.ndarray:
    """How far brows (68, 2) are drawn down, and slanted."""
    field = words.words[_FROWN].field
    drawn = np.zeros_like(field)
    low, slanted = (max(0.0, each(shape) - each(words.rest)) for each in (_measure_height, _measure_slant))
    drawn[BROWS] = min(low / _measure_height(field), _MOST) * field[BROWS]
    left = max(0.0, slanted - _measure_slant(drawn))
    drawn[list(INNER_BROWS), 1] += left
    return drawn


def _find_worry(words: Vocabulary, shape: np.ndarray) -> np.ndarray:
    """How far brows (68, 2) are drawn up at their inner ends."""
    drawn = np.zeros_like(words.rest)
    slanted = min(0.0, _measure_slant(shape) - _measure_slant(words.rest))
    towards = np.linspace(0, 1, len(drawn[RIGHT_BROW]))
    drawn[RIGHT_BROW, 1], drawn[LEFT_BROW, 1] = slanted * towards, slanted * towards[::-1]
    return drawn


def _measure_height(shape: np.ndarray) -> float:
    """How far the inner ends of brows are down, from the corners of the eyes."""
    return float(shape[list(INNER_BROWS), 1].mean() - shape[list(EYE_CORNERS), 1].mean())


def _measure_slant(shape: np.ndarray) -> float:
    """How much further they are down than the outer ends."""
    return float(shape[list(INNER_BROWS), 1].mean() - shape[list(OUTER_BROWS), 1].mean())


def _clip(strength: float) -> float:
    return min(1.0, max(0.0, strength))
