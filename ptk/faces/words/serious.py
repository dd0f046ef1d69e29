"""Smiles that a face shows, and that end where a serious word begins: no mouth is angry or sad that smiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.anatomy import lip_gap
from ptk.faces.topology import JAW, MOUTH, MOUTH_CORNERS
from ptk.faces.words.drooping import SMILE, measure_curl

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

    from ptk.faces.expressions import Vocabulary

__all__ = ["find_smile_to_end"]

_SERIOUS = ("anger", "disgust", "fear", "kiss", "sadness", "surprise")  # words which no mouth says that smiles
_GIVES = 0.7  # of a smile, which gives way to those that part lips: of all of it, some people are hard to know again
_HANGING = ("anger", "disgust", "sadness")  # words of mouths whose corners hang
_HANGS = 0.03  # outer eye distances below those of a mouth at rest corners are, for cheeks stay full that smiled
_SURE = 0.3  # strength of a word that a face shows for certain


def find_smile_to_end(
    words: Vocabulary,
    shape: Float[np.ndarray, "68 2"],
    strengths: Mapping[str, float],
    change: Float[np.ndarray, "68 2"],
) -> Float64[np.ndarray, "68 2"]:
    """How far the mouth of an aligned face is drawn by smiles that it shows and that serious words do not go with.

    `change` is what the words do to it. Lips close with a smile, but not where that parts them. Words of lips that
    meet, as anger, sadness and a kiss, close a mouth wholly, whatever opened it, and after a smile they leave its
    corners no higher than those of a mouth at rest. Smiles among `strengths` are left to them.
    """
    drawn = np.zeros_like(words.rest)
    serious = {name: max(0.0, strengths.get(name, 0.0)) for name in _SERIOUS}
    share = min(1.0, sum(serious.values()))
    if not share:
        return drawn
    meet = min(1.0, sum(each for name, each in serious.items() if each and lip_gap(words.words[name].field) <= 0))
    gives = share * _GIVES + meet * (1 - _GIVES)
    corners, sure = list(MOUTH_CORNERS), 0.0
    certain = words.read_shape(shape, certain=True)
    for name, seen in words.read_shape(shape).items():
        field = words.words[name].field
        # as strong as it is: what doubt takes off goes back on where there is little doubt
        strength = seen + min(1.0, seen / _SURE) * (certain[name] - seen)
        smiles = (field[corners] * words.words[SMILE].field[corners]).sum() > 0 and name not in _SERIOUS
        if smiles and name not in strengths:
            sure = max(sure, min(1.0, seen / _SURE))
            drawn[MOUTH] += gives * strength * field[MOUTH]
            drawn[JAW] += meet * strength * field[JAW]
    opens = words.words["open_mouth"].field
    stays = np.clip(lip_gap(change) / lip_gap(opens), 0, 1)
    drawn -= stays * lip_gap(drawn) / lip_gap(opens) * opens
    if meet:
        left = max(lip_gap(shape - drawn), 0.0)
        drawn += meet * (1 - stays) * left / lip_gap(opens) * opens
        hang = min(1.0, sum(serious[name] for name in _HANGING))
        lifts = words.words[SMILE].field * (0, 1)
        curls = measure_curl(shape - drawn + change) - measure_curl(words.rest) + _HANGS * hang * sure
        drawn[MOUTH] += meet * sure * max(curls, 0.0) / measure_curl(lifts) * lifts[MOUTH]
    return drawn
