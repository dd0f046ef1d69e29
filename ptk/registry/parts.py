"""A part: the cheap description of something a plug-in offers. Nothing is imported until `load()`."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from ptk.errors import PluginError, PtkError
from ptk.registry.failures import EndsPython, keep_alive
from ptk.registry.kinds import KINDS

if TYPE_CHECKING:
    from typer.core import TyperCommand, TyperGroup

__all__ = ["API", "Part", "load_verb", "options"]

API = 1
"""The version of the hooks. A plug-in module that needs a newer one says ``PTK_API = 2`` and is refused by name."""


@dataclass(frozen=True)
class Part:
    """A name that recipes use, one line on what it is, and a factory: a class, or "package.module:Class".

    `extra` names the extra of ptk without which the part cannot run; `sides` says for a loss which side it can train,
    `styles` for weights which styles they make of a photo.
    `origin` ("ptk 0.1.0", the distribution that offers it) is filled in by the registry.
    """

    name: str
    summary: str
    factory: str | Callable[..., Any]
    extra: str = ""
    sides: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    origin: str = ""

    @property
    def distribution(self) -> str:
        """The distribution that offers it, "ptk-beard", without its version."""
        return self.origin.partition(" ")[0]

    def load(self) -> Callable[..., Any]:
        """The factory itself, imported now. Raises PluginError when it is not there."""
        if not isinstance(self.factory, str):
            return self.factory
        module, _, attribute = self.factory.partition(":")
        try:
            with redirect_stdout(sys.stderr), keep_alive():  # stdout is for the results of commands
                factory = getattr(importlib.import_module(module), attribute)
        except EndsPython as error:
            raise PluginError(self._unloadable(str(error))) from error
        except PtkError:
            raise
        except (Exception, SystemExit) as error:  # whatever its module does
            what = f"{type(error).__name__}: {' '.join(str(error).split())}"
            raise PluginError(self._unloadable(what)) from error
        if not callable(factory):
            raise PluginError(f"{self.name} ({self.origin or 'unknown origin'}): {self.factory} cannot be called")
        loaded: Callable[..., Any] = factory
        return loaded

    def _unloadable(self, what: str) -> str:
        return f"{self.name} ({self.origin or 'unknown origin'}): {self.factory} cannot be loaded: {what}"


def options(factory: Callable[..., Any], kind: str) -> dict[str, inspect.Parameter]:
    """The parameters of a factory that a recipe may set: all that have a name, but what ptk gives this kind of part.

    Raises PluginError when an annotation cannot be read.
    """
    try:
        parameters = inspect.signature(factory, eval_str=True).parameters.values()
    except Exception as error:  # annotations are code
        mend = "; import it outside of `if TYPE_CHECKING`" if isinstance(error, NameError) else ""
        name = getattr(factory, "__qualname__", repr(factory))
        raise PluginError(f"the options of {factory.__module__}:{name} cannot be read: {error}{mend}") from error
    unnamed = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return {each.name: each for each in parameters if each.kind not in unnamed and each.name not in KINDS[kind].given}


def load_verb(part: Part) -> TyperCommand | TyperGroup:
    """Import the verb of a part of the kind command: what typer makes of a function, or of an app of several.

    Raises PluginError when it is not there, is neither, or has parameters that typer cannot read.
    """
    import typer

    target = part.load()
    app = typer.Typer(add_completion=False)
    app.callback()(lambda: None)  # makes a group of an app with one command
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
