"""Reads the parts that are verbs of the command line, as typer does."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast

import typer

from ptk.errors import PluginError

if TYPE_CHECKING:
    from typer.core import TyperCommand, TyperGroup

    from ptk.registry.parts import Part

__all__ = ["load_verb"]


def load_verb(part: Part) -> TyperCommand | TyperGroup:
    """Import the verb of a part of the kind command: what typer makes of a function, or of an app of several.

    Raises PluginError when it is not there, is neither, or has parameters that typer cannot read.
    """
    target = part.load()
    app = typer.Typer(add_completion=False)
    app.callback()(_nothing)
    try:
        if isinstance(target, typer.Typer):
            app.add_typer(target, name=part.name)
        elif inspect.isroutine(target):
            app.command(part.name)(target)
        else:
            raise TypeError(f"it is a {type(target).__name__}, not a function or a typer.Typer")
        group: Any = typer.main.get_command(app)
    except Exception as error:  # annotations are code, and typer refuses some
        why = " ".join(str(error).split()) or type(error).__name__
        origin = part.origin or "unknown origin"
        raise PluginError(f"command {part.name} ({origin}): {part.factory} is no verb: {why}") from error
    return cast("TyperCommand | TyperGroup", group.commands[part.name])


def _nothing() -> None:
    """Make a group of an app with one command."""
