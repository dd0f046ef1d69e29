"""Synthetic people: parametric heads, painted, rendered by an offline renderer, with exact landmarks.

The public names, resolved when they are first used. `draw_person` describes somebody, `aged` the same person at
another age, and `portraits` renders them. `ptk synth` is its verb.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import ptk

if TYPE_CHECKING:
    from ptk_synth.aging import AGES, aged
    from ptk_synth.expressions import EXPRESSIONS
    from ptk_synth.gallery import Portrait, portraits
    from ptk_synth.people import Person, draw_person

_HOMES = {
    "AGES": "ptk_synth.aging",
    "EXPRESSIONS": "ptk_synth.expressions",
    "Person": "ptk_synth.people",
    "Portrait": "ptk_synth.gallery",
    "aged": "ptk_synth.aging",
    "draw_person": "ptk_synth.people",
    "portraits": "ptk_synth.gallery",
}

__all__ = ["AGES", "EXPRESSIONS", "Person", "Portrait", "aged", "draw_person", "portraits"]


@ptk.hookimpl
def ptk_commands() -> list[ptk.Part]:
    """The verb that renders a data set."""
    return [
        ptk.Part(
            "synth",
            "Render people who do not exist, with exact landmarks, into a data set to train on.",
            "ptk_synth.verb:synth",
        )
    ]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ptk_synth' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
