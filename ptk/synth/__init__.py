"""Synthetic people: parametric heads, painted, rendered by an offline renderer, with exact landmarks.

The public names, resolved when they are first used. `draw_person` describes somebody, `aged` the same person at
another age, and `portraits` renders them (extra `synth`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptk.synth.aging import AGES, aged
    from ptk.synth.expressions import EXPRESSIONS
    from ptk.synth.gallery import Portrait, portraits
    from ptk.synth.people import Person, draw_person

_HOMES = {
    "AGES": "ptk.synth.aging",
    "EXPRESSIONS": "ptk.synth.expressions",
    "Person": "ptk.synth.people",
    "Portrait": "ptk.synth.gallery",
    "aged": "ptk.synth.aging",
    "draw_person": "ptk.synth.people",
    "portraits": "ptk.synth.gallery",
}

__all__ = ["AGES", "EXPRESSIONS", "Person", "Portrait", "aged", "draw_person", "portraits"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'ptk.synth' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
