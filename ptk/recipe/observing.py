"""Tells observers what happens; whatever one of them does, training and editing go on as if it were not there."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch

from ptk.events import CheckpointWritten, EditMade, Event, GridDrawn, Measured, Observer, RunEnded, RunStarted
from ptk.random_states import keep_random_states
from ptk.recipe.build import build_part
from ptk.recipe.one_part import PartUse, parse_options
from ptk.registry.failures import describe_part
from ptk.types import Tick

__all__ = ["Observers", "build_observers"]

_METHODS: Mapping[type, str] = {
    RunStarted: "run_started",
    Tick: "tick",
    Measured: "measured",
    GridDrawn: "grid_drawn",
    CheckpointWritten: "checkpoint_written",
    RunEnded: "run_ended",
    EditMade: "edit_made",
}


class Observers:
    """The observers of a run or an edit, by name. `warn` is told, in one line, when one of them fails."""

    def __init__(self, named: Mapping[str, Observer], warn: Callable[[str], None]) -> None:
        self._named = dict(named)
        self._warn = warn

    def tell(self, event: Event) -> None:
        """Tell every observer, in order. One that raises is told nothing more."""
        for name, observer in list(self._named.items()):
            try:
                with _untouched():
                    getattr(observer, _METHODS[type(event)])(copy.deepcopy(event))
            except (Exception, SystemExit) as error:  # an observer may raise anything
                del self._named[name]
                said = " ".join(str(error).split()) or "no message"
                which = describe_part(observer, f"observer {name}")
                self._warn(f"{which}: {type(error).__name__}: {said}; it is told nothing more")


def build_observers(words: Sequence[str], warn: Callable[[str], None]) -> Observers:
    """Observers from words: ``NAME``, or ``NAME:option=value,option=value``. Raises PluginError, MissingExtra."""
    built: dict[str, Observer] = {}
    for word in words:
        name, _, said = word.partition(":")
        use = PartUse(name, parse_options("observer", name, said, f"`observe` {word}", usage="`observe` "))
        built[name] = build_part("observer", use, {})
    return Observers(built, warn)


@contextmanager
def _untouched() -> Iterator[None]:
    """Random states and torch's modes are after it as they were before."""
    enabled, dtype = torch.is_grad_enabled(), torch.get_default_dtype()
    try:
        with keep_random_states():
            yield
    finally:
        torch.set_grad_enabled(enabled)
        torch.set_default_dtype(dtype)
