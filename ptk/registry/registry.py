"""Finds the parts that ptk and its plug-ins offer.

ptk's own parts need no plug-in: the others are imported when a name is asked for that ptk does not offer, or all names.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import ptk
from ptk.errors import PluginError
from ptk.plain import nearest
from ptk.registry import builtins
from ptk.registry.discovery import Plugin, entry_points, examine, examine_entry_point, installed_as, plain_name
from ptk.registry.parts import Part

__all__ = ["Plugin", "Registry", "is_wanted", "load_registry"]


class Registry:
    """All parts by kind and name. A plug-in is taken whole or, with its `error`, not at all.

    `outsiders` gives the entry points of the plug-ins, read when they are first needed.
    """

    def __init__(self, outsiders: Callable[[], Iterable[EntryPoint]] = tuple) -> None:
        self._plugins: list[Plugin] = []
        self._modules: list[Any] = []
        self._parts: dict[tuple[str, str], list[Part]] = {}
        self._outsiders: Callable[[], Iterable[EntryPoint]] | None = None
        self.register("ptk", f"ptk {ptk.__version__}", builtins)
        self._outsiders = outsiders

    @property
    def plugins(self) -> list[Plugin]:
        """Everything that is installed, ptk first, the broken ones too. Imports all of it."""
        self._ask_outsiders()
        return list(self._plugins)

    def register(self, name: str, origin: str, module: ModuleType) -> Plugin:
        """Register one plug-in module; never raises: what is wrong with it is in the returned `.error`."""
        distribution, _, version = origin.partition(" ")
        return self._take(*examine(Plugin(name, distribution, version, module.__name__), lambda: module))

    def names(self, kind: str) -> list[str]:
        """The names of all parts of a kind, sorted."""
        self._ask_outsiders()
        return sorted(name for part_kind, name in self._parts if part_kind == kind)

    def parts(self, kind: str, *, own: bool = False) -> list[Part]:
        """All parts of a kind, those of one name, too. For ptk's `own` alone no plug-in is imported."""
        if not own:
            self._ask_outsiders()
        offers = [part for (part_kind, _), parts in self._parts.items() if part_kind == kind for part in parts]
        return [part for part in offers if not own or part.distribution == "ptk"]

    def offers_own(self, kind: str, name: str) -> bool:
        """Whether ptk itself has such a part. Imports no plug-in."""
        return any(part.distribution == "ptk" for part in self._parts.get((kind, name), ()))

    def offers(self, kind: str, name: str) -> bool:
        """Whether there is such a part. Imports no plug-in for one of ptk's own."""
        if (kind, name) not in self._parts:
            self._ask_outsiders()
        return (kind, name) in self._parts

    def part(self, kind: str, name: str) -> Part:
        """The part of that kind and name. Raises PluginError when there is none, or two from different plug-ins."""
        offers = self._parts[kind, name] if self.offers(kind, name) else []
        if len(offers) == 1:
            return offers[0]
        if offers:
            origins = " and ".join(part.origin for part in offers)
            raise PluginError(f"{kind} {name}: offered by {origins}; uninstall one of them")
        raise PluginError(f"no such {kind}: {name}{nearest(name, self.names(kind))}{self.describe_broken()}")

    @property
    def broken(self) -> dict[str, str]:
        """What is wrong with the plug-ins that cannot be used: distribution and version -> error."""
        return {plugin.origin: plugin.error for plugin in self.plugins if plugin.error}

    def describe_broken(self) -> str:
        """Tell, behind a name that nothing has, which plug-ins cannot be used: " (broken plug-ins: ...)", or ""."""
        broken = [f"{origin}: {error}" for origin, error in self.broken.items()]
        return f" (broken plug-ins: {'; '.join(broken)})" if broken else ""

    def lacking(self, distribution: str) -> str:
        """What keeps the plug-ins of a distribution (by name, or "name version") from being used; "" for nothing."""
        name, _, version = distribution.partition(" ")
        own = [plugin for plugin in self.plugins if plain_name(plugin.distribution) == plain_name(name)]
        broken = [plugin.error for plugin in own if plugin.error]
        if broken:
            return f"{own[0].origin} is broken: {broken[0]}"
        if own:
            return ""
        if any(plain_name(installed_as(point)[0]) == plain_name(name) for point in entry_points()):
            return f"{name} is installed, and left out by PTK_PLUGINS={os.environ.get('PTK_PLUGINS', '')}"
        source = Path(ptk.__file__).parents[1] / "plugins" / plain_name(name)
        where = (
            f"-e {source}" if (source / "pyproject.toml").is_file() else f"{name}{f'=={version}' if version else ''}"
        )
        return f"{name} is not installed: pip install {where}"

    def _ask_outsiders(self) -> None:
        if self._outsiders is None:
            return
        outsiders, self._outsiders = self._outsiders, None
        missing = _wanted() or set()
        for entry_point in outsiders():
            if is_wanted(entry_point):
                self._take(*examine_entry_point(entry_point))
            missing -= _naming(entry_point, missing)
        for name in sorted(missing):
            self._plugins.append(Plugin(name, name, error="is named in PTK_PLUGINS and not installed"))

    def _take(self, plugin: Plugin, module: Any) -> Plugin:
        error = plugin.error or self._clash(plugin, module)
        if error:
            plugin = replace(plugin, parts=(), error=error)
        elif module is not None:
            self._modules.append(module)
        for kind, part in plugin.parts:
            self._parts.setdefault((kind, part.name), []).append(part)
        self._plugins.append(plugin)
        return plugin

    def _clash(self, plugin: Plugin, module: Any) -> str:
        """Why a plug-in that is well by itself cannot be taken."""
        if any(module is known for known in self._modules):
            return "the same module is registered already; remove one of the two entry points"
        for kind, part in plugin.parts:
            if self.offers_own(kind, part.name):
                return f"{kind} {part.name}: offered by ptk {ptk.__version__} and {plugin.origin}; rename the second"
            for style in part.styles:
                if self.offers_own("domain", style):
                    return f"style {style}: offered by ptk {ptk.__version__} and {plugin.origin}; rename the second"
        return ""


@cache
def load_registry() -> Registry:
    """The registry of everything that is installed. `PTK_PLUGINS=a,b` leaves out all but a and b."""
    return Registry(entry_points)


def is_wanted(entry_point: EntryPoint) -> bool:
    """Whether PTK_PLUGINS names a plug-in, by its entry point or its distribution, or is not set."""
    wanted = _wanted()
    return wanted is None or bool(_naming(entry_point, wanted))


def _naming(entry_point: EntryPoint, words: set[str]) -> set[str]:
    """The `words` that name a plug-in."""
    distribution = plain_name(installed_as(entry_point)[0])
    return {word for word in words if word == entry_point.name or plain_name(word) == distribution}


def _wanted() -> set[str] | None:
    """The plug-ins that PTK_PLUGINS names; None when it is not set, which means all."""
    said = os.environ.get("PTK_PLUGINS")
    return None if said is None else {word.strip() for word in said.split(",")} - {""}
