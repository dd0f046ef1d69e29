"""A part: the cheap description of something a plug-in offers. Nothing is imported until `load()`."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from ptk.errors import PluginError, PtkError
from ptk.registry.alive import EndsPython, keep_alive
from ptk.registry.kinds import KINDS

__all__ = ["API", "Part", "options"]

API = 1
"""The version of the hooks. A plug-in module that needs a newer one says ``PTK_API = 2`` and is refused by name."""


@dataclass(frozen=True)
class Part:
    """A name that recipes use, one line on what it is, and a factory: a class, or "package.module:Class".

    `extra` names the extra of ptk without which the part cannot run; `sides` says for a loss which side it can train.
    `origin` ("ptk 0.1.0", the distribution that offers it) is filled in by the registry.
    """

    name: str
    summary: str
    factory: str | Callable[..., Any]
    extra: str = ""
    sides: tuple[str, ...] = ()
    origin: str = ""

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
