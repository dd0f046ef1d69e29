"""Smiles so weak that lips hardly part: they stay closed, for between them no tooth would be seen, but a grey line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.anatomy import lip_gap
from ptk.faces.topology import MOUTH_CORNERS

if TYPE_CHECKING:
    from ptk.faces.expressions import Word

__all__ = ["keep_lips_closed"]

_SMILE, _CLOSED = "smile", "closed_smile"
_SLIGHT = 0.01  # outer eye distances: words that part lips by less do not
_PARTS = (0.85, 1.0)  # strengths of a smile at which lips begin to part, and from which on they are apart as people's

_CORNERS = 1.15  # times as far corners of closed lips are drawn: nothing else tells the smile


def keep_lips_closed(words: Mapping[str, Word], strengths: Mapping[str, float]) -> Mapping[str, float]:
    """`strengths` with a smile that hardly parts lips as one with closed lips, whose corners tell it.

    Where other words part lips, or draw them together, the smile is as it is.
    """
    strength = strengths.get(_SMILE, 0.0)
    if not 0 < strength < _PARTS[1] or _CLOSED not in words:
        return strengths
    rest = {name: each for name, each in strengths.items() if name != _SMILE}
    if abs(sum(each * lip_gap(words[name].field) for name, each in rest.items() if name in words)) > _SLIGHT:
        return strengths
    corners = list(MOUTH_CORNERS)
    as_far = np.linalg.norm(words[_SMILE].field[corners]) / np.linalg.norm(words[_CLOSED].field[corners])
    closed = strength * min(1.0, (_PARTS[1] - strength) / (_PARTS[1] - _PARTS[0]))
    as_much = _CORNERS * float(as_far) * closed
    return {**rest, _SMILE: strength - closed, _CLOSED: rest.get(_CLOSED, 0.0) + as_much}
