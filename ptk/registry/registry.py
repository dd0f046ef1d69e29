"""Finds the parts that ptk and its plug-ins offer.

Entry points of the group "ptk" are loaded here, one by one, and then registered with pluggy: pluggy's own
`load_setuptools_entrypoints` stops at the first ImportError and skips a second plug-in of the same name in silence.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

import ptk
from ptk.errors import PluginError
from ptk.registry import builtins, hookspecs
from ptk.registry.parts import API, KINDS, Part

__all__ = ["Plugin", "Registry", "load_registry", "nearest"]

_HOOKS = {kind: "ptk_losses" if kind == "loss" else f"ptk_{kind}s" for kind in KINDS}


@dataclass(frozen=True)
class Plugin:
    """A plug-in that was found: where it comes from, what it offers, and why not when it is broken."""

    name: str
    origin: str
    parts: tuple[tuple[str, Part], ...] = ()
    error: str = ""


class Registry:
    """All parts by kind and name. A plug-in is taken whole or, with its `error`, not at all."""

    def __init__(self) -> None:
        self.plugins: list[Plugin] = []
        self._parts: dict[tuple[str, str], list[Part]] = {}
        self._manager = pluggy.PluginManager("ptk")
        self._manager.add_hookspecs(hookspecs)
        self.register("ptk", f"ptk {ptk.__version__}", builtins)

    def register(self, name: str, origin: str, module: Any) -> Plugin:
        """Register one plug-in module; never raises: what is wrong with it is in the returned `.error`."""
        try:
            plugin = Plugin(name, origin, tuple(self._offers(name, origin, module)))
        except Exception as error:  # a plug-in may raise anything, and must not take ptk down
            plugin = Plugin(name, origin, error=_one_line(error))
        for kind, part in plugin.parts:
            self._parts.setdefault((kind, part.name), []).append(part)
        self.plugins.append(plugin)
        return plugin

    def register_entry_point(self, entry_point: EntryPoint) -> Plugin:
        """Import and register the plug-in behind an entry point; never raises."""
        distribution = entry_point.dist
        origin = f"{distribution.name} {distribution.version}" if distribution else entry_point.value
        try:
            module = entry_point.load()
        except (Exception, SystemExit) as error:
            plugin = Plugin(entry_point.name, origin, error=_one_line(error))
            self.plugins.append(plugin)
            return plugin
        return self.register(entry_point.name, origin, module)

    def names(self, kind: str) -> list[str]:
        """The names of all parts of a kind, sorted."""
        return sorted(name for part_kind, name in self._parts if part_kind == kind)

    def part(self, kind: str, name: str) -> Part:
        """The part of that kind and name. Raises PluginError when there is none, or two from different plug-ins."""
        offers = self._parts.get((kind, name), [])
        if len(offers) == 1:
            return offers[0]
        if offers:
            origins = " and ".join(part.origin for part in offers)
            raise PluginError(f"{kind} {name}: offered by {origins}; uninstall one of them")
        broken = [f"{plugin.origin}: {plugin.error}" for plugin in self.plugins if plugin.error]
        hint = f" (broken plug-ins: {'; '.join(broken)})" if broken else ""
        raise PluginError(f"no such {kind}: {name}{nearest(name, self.names(kind))}{hint}")

    def _offers(self, name: str, origin: str, module: Any) -> Iterable[tuple[str, Part]]:
        wanted = getattr(module, "PTK_API", API)
        if not isinstance(wanted, int) or wanted > API:
            raise PluginError(f"needs version {wanted} of ptk's hooks, this ptk has {API}: upgrade ptk")
        if self._manager.is_registered(module):
            raise PluginError("the same module is registered already; remove one of the two entry points")
        try:
            self._manager.register(module, f"{origin}:{name}")
            return self._checked(module, origin)
        except BaseException:
            if self._manager.is_registered(module):
                self._manager.unregister(module)
            raise

    def _checked(self, module: Any, origin: str) -> list[tuple[str, Part]]:
        others = [plugin for plugin in self._manager.get_plugins() if plugin is not module]
        found: dict[tuple[str, str], Part] = {}
        for kind, hook in _HOOKS.items():
            for offer in self._manager.subset_hook_caller(hook, others)():
                for part in _parts_of(offer, hook):
                    self._refuse_clash(found, kind, part, origin)
                    found[kind, part.name] = replace(part, origin=origin)
        return [(kind, part) for (kind, _), part in found.items()]

    def _refuse_clash(self, found: dict[tuple[str, str], Part], kind: str, part: Part, origin: str) -> None:
        own = [known for known in self._parts.get((kind, part.name), []) if known.origin.startswith("ptk ")]
        if (kind, part.name) in found:
            raise PluginError(f"{kind} {part.name}: offered twice by {origin}")
        if own:
            raise PluginError(f"{kind} {part.name}: offered by {own[0].origin} and {origin}; rename the second")


@cache
def load_registry() -> Registry:
    """The registry with everything that is installed, loaded once a process."""
    registry = Registry()
    for entry_point in sorted(entry_points(group="ptk"), key=lambda point: (point.name, point.value)):
        registry.register_entry_point(entry_point)
    return registry


def nearest(name: str, known: Iterable[str]) -> str:
    """ "; did you mean X?" or, when nothing is near, "; there are A, B, C"."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(known)}" if known else ""


def _parts_of(offer: Any, hook: str) -> list[Part]:
    if not isinstance(offer, list) or not all(isinstance(part, Part) for part in offer):
        raise PluginError(f"{hook} must return a list of ptk.Part, it returned {offer!r:.80}")
    return offer


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or "no message"
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"
