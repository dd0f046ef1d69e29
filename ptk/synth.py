"""The public names of the package ptk-synth, by the name that they had when it was a part of ptk."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ptk.errors import PluginError

__all__ = ["AGES", "EXPRESSIONS", "Person", "Portrait", "aged", "draw_person", "portraits"]  # noqa: F822


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'ptk.synth' has no attribute {name!r}")
    if find_spec("ptk_synth") is None:
        raise PluginError(f"ptk.synth.{name} is of ptk-synth, which is not installed: pip install ptk-synth")
    return getattr(import_module("ptk_synth"), name)
