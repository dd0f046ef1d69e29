"""Words of one side of the face, made of those of both."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import LEFT_BROW, LEFT_EYE, RIGHT_BROW, RIGHT_EYE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.faces.expressions import Word

__all__ = ["one_sided"]

_EYES, _BROWS = {"left": LEFT_EYE, "right": RIGHT_EYE}, {"left": LEFT_BROW, "right": RIGHT_BROW}
_OTHER = {"left": "right", "right": "left"}
_SHUT = 2.0  # strength of `narrow_eyes` that shuts eyes
_SQUINT = 0.35  # of the other eye's, while one is shut
_FROWN = 0.5  # how far the brow over an eye that winks comes down
_LIFT = 0.062  # outer eye distances by which a brow goes up alone, further than both do
_COUNTER = 0.3  # how far the other brow comes down
_CHEEK = 0.3  # how far the corner of the mouth below it goes up


def one_sided(words: Mapping[str, Word]) -> dict[str, Word]:
    """Words of one side, by name: winks, and brows that go up alone. Faces are not read for them."""
    found: dict[str, Word] = {}
    if not {"narrow_eyes", "brows_up", "brows_down", "smirk_left", "smirk_right"} <= set(words):
        return found
    for side, eye in _EYES.items():
        other, shuts = _OTHER[side], words["narrow_eyes"]
        field = _SHUT * _only(shuts.field, eye) + _SQUINT * _only(shuts.field, _EYES[other])
        field += _FROWN * _only(words["brows_down"].field, _BROWS[side]) + _CHEEK * words[f"smirk_{side}"].field
        found[f"wink_{side}"] = _unread(shuts, f"wink_{side}", f"the {side} eye shut", field, least=0.0)
    for side, brow in _BROWS.items():
        lifts, lowers = words["brows_up"], words["brows_down"]
        lift = _LIFT / float(-lifts.field[brow, 1].mean())
        field = lift * _only(lifts.field, brow) + _COUNTER * _only(lowers.field, _BROWS[_OTHER[side]])
        found[f"brow_{side}_up"] = _unread(lifts, f"brow_{side}_up", f"the {side} brow up", field, least=-1.0)
    return found


def _unread(word: Word, name: str, summary: str, field: np.ndarray, *, least: float) -> Word:
    return replace(word, name=name, summary=summary, field=field, reading=np.zeros_like(field), least=least, most=1.0)


def _only(field: np.ndarray, part: slice) -> np.ndarray:
    """What a `field` (68, 2) does to a part of the face."""
    kept = np.zeros_like(field)
    kept[part] = field[part]
    return kept
