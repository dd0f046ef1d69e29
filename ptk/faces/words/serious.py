"""Smiles that a face shows, and that end where a serious word begins: no mouth is angry or sad that smiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.anatomy import lip_gap
from ptk.faces.topology import MOUTH, MOUTH_CORNERS

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

    from ptk.faces.expressions import Vocabulary

__all__ = ["find_smile_to_end"]

_SMILE = "closed_smile"  # how it draws the corners of the mouth is how all smiles do
_SERIOUS = ("anger", "disgust", "fear", "kiss", "sadness", "surprise")  # words which no mouth says that smiles
_GIVES = 0.7  # of a smile, which gives way to those: of all of it, some people are hard to know again
_SURE = 0.3  # strength of a word that a face shows for certain


def find_smile_to_end(
    words: Vocabulary, shape: Float[np.ndarray, "68 2"], strengths: Mapping[str, float], parting: float
) -> Float64[np.ndarray, "68 2"]:
    """How far the mouth of an aligned face is drawn by smiles that it shows and that serious words do not go with.

    Lips close with a smile, but not where words part them, by `parting`. Smiles among `strengths` are left to them.
    """
    drawn = np.zeros_like(words.rest)
    share = _GIVES * min(1.0, sum(max(0.0, strengths.get(name, 0.0)) for name in _SERIOUS))
    if not share:
        return drawn
    corners = list(MOUTH_CORNERS)
    certain = words.read_shape(shape, certain=True)
    for name, seen in words.read_shape(shape).items():
        field = words.words[name].field
        # as strong as it is: what doubt takes off goes back on where there is little doubt
        strength = seen + min(1.0, seen / _SURE) * (certain[name] - seen)
        smiles = (field[corners] * words.words[_SMILE].field[corners]).sum() > 0 and name not in _SERIOUS
        if smiles and name not in strengths:
            drawn[MOUTH] += share * strength * field[MOUTH]
    opens = words.words["open_mouth"].field
    stays = np.clip(parting / lip_gap(opens), 0, 1)
    return np.asarray(drawn - stays * lip_gap(drawn) / lip_gap(opens) * opens)
