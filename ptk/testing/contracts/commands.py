"""What verbs of the command line must hold: typer can read them, they say what they do, and cost nothing to list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from ptk.registry.parts import load_verb
from ptk.testing.assertions import expect
from ptk.testing.contracts.common import SUMMARISED
from ptk.testing.contracts.plugin import heavy_imports
from ptk.testing.rule import NotHere, Rule

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES"]


def _read(trial: Trial) -> None:
    load_verb(trial.part)


def _explained(trial: Trial) -> None:
    silent = [name for name, verb in _verbs(trial) if not (verb.help or "").strip()]
    expect(not silent, f"needs a docstring, which is its help: {', '.join(silent)}")


def _options(trial: Trial) -> None:
    silent = [
        f"{option.name} of {name}"
        for name, verb in _verbs(trial)
        for option in verb.params
        if not getattr(option, "hidden", False) and not (getattr(option, "help", "") or "").strip()
    ]
    expect(not silent, f'needs typer.Option(help="...") or typer.Argument(help="..."): {", ".join(silent)}')


def _quick(trial: Trial) -> None:
    if not isinstance(trial.part.factory, str):
        raise NotHere("its plug-in imports it to say what it offers")
    loaded = heavy_imports("to import it", trial.part.factory.partition(":")[0])
    expect(not loaded, f"{loaded}: import it inside the function, or asking for help takes as long")


def _verbs(trial: Trial) -> Iterator[tuple[str, Any]]:
    """The verb and those below it, each with what is typed for it."""
    found: list[tuple[str, Any]] = [(f"ptk {trial.part.name}", load_verb(trial.part))]
    for name, verb in found:
        yield name, verb
        if isinstance(verb, TyperGroup):
            found += [(f"{name} {below}", other) for below, other in verb.commands.items()]


RULES = (
    *SUMMARISED,
    Rule("is a function or an app that typer can read", _read, at=""),
    Rule("says in its help what it does", _explained, at=""),
    Rule("each of its options says what it is for", _options, at=""),
    Rule("loads nothing heavy before it runs", _quick, at=""),
)
"""Those of verbs, which are not run."""
