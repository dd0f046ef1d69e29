"""Finds installed plug-ins and asks each what it offers; whatever one of them does, the others and ptk go on.

Entry points of the group "ptk" are read and imported here, one by one: pluggy's own `load_setuptools_entrypoints` stops
at the first ImportError, and skips a second plug-in of the same name in silence.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from importlib.metadata import Distribution, EntryPoint, distributions
from io import StringIO
from threading import Thread
from typing import Any, TypeVar

import pluggy

from ptk.errors import PluginError
from ptk.registry import hookspecs
from ptk.registry.failures import keep_alive
from ptk.registry.kinds import KINDS
from ptk.registry.parts import API, Part

__all__ = ["Plugin", "entry_points", "examine", "examine_entry_point", "installed_as", "plain_name"]

_PATIENCE = 5.0
"""Seconds that a plug-in has to be imported and to say what it offers. torch alone takes two, where it must not."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Plugin:
    """A plug-in that was found: where it comes from, what it offers, and why not when it is broken.

    `error` is one line, `traceback` what Python says of it. `module` is what the entry point names, `printed` what it
    wrote to stdout and stderr while it was imported and asked.
    """

    name: str
    distribution: str
    version: str = ""
    module: str = ""
    parts: tuple[tuple[str, Part], ...] = ()
    error: str = ""
    traceback: str = ""
    printed: str = ""

    @property
    def origin(self) -> str:
        """The distribution and its version, such as "ptk-beard 1.0"."""
        return f"{self.distribution} {self.version}".strip()


def entry_points() -> Iterator[EntryPoint]:
    """The entry points of the group "ptk", by name. A damaged distribution gives none; of two of a name the first."""
    seen: set[str] = set()
    found: list[EntryPoint] = []
    for distribution in distributions():
        try:
            own = [point for point in distribution.entry_points if point.group == "ptk"]
            name = plain_name(distribution.name) if own else ""
        except Exception:  # whatever lies in site-packages must not stop ptk; pip check tells of it
            continue
        if own and name not in seen:
            seen.add(name)
            found += own
    return iter(sorted(found, key=lambda point: (point.name, point.value)))


def plain_name(name: str) -> str:
    """A distribution's name as the index compares it: Ptk_Beard is ptk-beard."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed_as(entry_point: EntryPoint) -> tuple[str, str]:
    """The name and version of the distribution that an entry point is of."""
    distribution: Distribution | None = entry_point.dist
    return (distribution.name, distribution.version) if distribution else (entry_point.value, "")


def examine_entry_point(entry_point: EntryPoint) -> tuple[Plugin, Any]:
    """Import the plug-in behind an entry point and ask what it offers; never raises, whatever it does."""
    name, version = installed_as(entry_point)
    return examine(Plugin(entry_point.name, name, version, entry_point.value), entry_point.load)


def examine(plugin: Plugin, load: Callable[[], Any]) -> tuple[Plugin, Any]:
    """Call `load` for the module of `plugin` and ask what it offers; never raises.

    Returns the plug-in with its parts or its error, and the module (None when it could not be had).
    """
    got: list[Any] = []
    printed = StringIO()

    def ask() -> list[tuple[str, Part]]:
        got.append(load())
        return _offers(got[0], plugin.origin)

    try:
        # What it prints, logs or warns of is nobody's result, and would stand before those of every command.
        with redirect_stdout(printed), redirect_stderr(printed):
            parts = _within(_PATIENCE, ask)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        shown = "".join(traceback.format_exception(error))
        plugin = replace(plugin, error=_one_line(error), traceback=shown, printed=printed.getvalue())
        return plugin, got[0] if got else None
    return replace(plugin, parts=tuple(parts), printed=printed.getvalue()), got[0]


def _within(seconds: float, call: Callable[[], _Value]) -> _Value:
    """The value of `call`, which has so long; then it is left alone in its thread, which ends with the process."""
    results: list[_Value] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with keep_alive():
                results.append(call())
        except BaseException as error:  # SystemExit too
            errors.append(error)

    thread = Thread(target=run, daemon=True, name="ptk plug-in")
    thread.start()
    thread.join(seconds)
    if errors and isinstance(errors[0], KeyboardInterrupt):  # its own: Ctrl-C comes to the main thread
        raise PluginError("raises KeyboardInterrupt") from errors[0]
    if errors:
        raise errors[0]
    if not results:
        raise PluginError(f"was not imported within {seconds:g} s: it must not load torch or ask the network on import")
    return results[0]


def _offers(module: Any, origin: str) -> list[tuple[str, Part]]:
    """What a plug-in module offers, through a manager of its own: nothing that it does there can reach others."""
    wanted = getattr(module, "PTK_API", API)
    if not isinstance(wanted, int) or wanted > API:
        raise PluginError(f"needs version {wanted} of ptk's hooks, this ptk has {API}: upgrade ptk")
    manager = pluggy.PluginManager("ptk")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, "plugin")
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise PluginError(_explained(str(error))) from error
    if not manager.get_hookcallers(module):
        hooks = ", ".join(kind.hook for kind in KINDS.values())
        raise PluginError(f"implements no hook: mark its functions with @ptk.hookimpl ({hooks})")
    found: dict[tuple[str, str], Part] = {}
    for kind, hook in ((kind, record.hook) for kind, record in KINDS.items()):
        caller = getattr(manager.hook, hook)
        offers = caller()
        if len(offers) < len(caller.get_hookimpls()):  # pluggy leaves out None
            raise PluginError(f"{hook} must return a list of ptk.Part, it returned None; has it no return?")
        for offer in offers:
            for part in _parts_of(offer, hook):
                if (kind, part.name) in found:
                    raise PluginError(f"{kind} {part.name}: offered twice by {origin}")
                found[kind, part.name] = replace(part, origin=origin)
    styles = [style for part in found.values() for style in part.styles]
    if twice := [style for style in styles if styles.count(style) > 1]:
        raise PluginError(f"style {twice[0]}: offered twice by {origin}")
    return [(kind, part) for (kind, _), part in found.items()]


def _parts_of(offer: Any, hook: str) -> list[Part]:
    if not isinstance(offer, list) or not all(isinstance(part, Part) for part in offer):
        raise PluginError(f"{hook} must return a list of ptk.Part, it returned {offer!r:.80}")
    for part in offer:
        if not isinstance(part.name, str) or not _NAME.fullmatch(part.name):
            raise PluginError(
                f"{hook}: the name of a part must be one word that recipes can use, not {part.name!r:.80}"
            )
        named = isinstance(part.factory, str) and all(part.factory.partition(":"))
        if not (named or callable(part.factory)):
            raise PluginError(
                f'{hook}: the factory of {part.name} must be "package.module:Class", not {part.factory!r}'
            )
        for field, kind in (("summary", str), ("extra", str), ("sides", tuple), ("styles", tuple)):
            value = getattr(part, field)
            if not isinstance(value, kind):
                raise PluginError(f"{hook}: {field} of {part.name} must be a {kind.__name__}, not {value!r:.80}")
        if hook == KINDS["weights"].hook and not part.styles:
            raise PluginError(f'{hook}: {part.name} names no style that it makes: ptk.Part(..., styles=("name",))')
        for style in part.styles:
            if not isinstance(style, str) or not _NAME.fullmatch(style):
                raise PluginError(f"{hook}: a style of {part.name} must be one word, not {style!r:.80}")
    return offer


def _explained(message: str) -> str:
    """pluggy's words on a hook that does not fit, without its own names."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    return "; ".join(line.removeprefix("Plugin 'plugin' for hook ") for line in lines)


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or "no message"
    return text if isinstance(error, PluginError) else f"{type(error).__name__}: {text}"
