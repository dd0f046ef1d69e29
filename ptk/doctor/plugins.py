"""Plug-ins that are well or broken, and ptk's own parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ptk.doctor.findings import Finding
from ptk.doctor.trying import tried
from ptk.editing.weights_styles import check_files
from ptk.errors import PtkError
from ptk.recipe.one_part import build_offered
from ptk.registry.discovery import Plugin, entry_points, installed_as
from ptk.registry.failures import name_failures
from ptk.registry.registry import load_registry

__all__ = ["deadly", "own_parts", "parts_of_extra", "plugins"]


def deadly() -> Iterator[Finding]:
    """Plug-ins that crash Python when they are asked what they offer, in a process of their own: they would end this.

    They end every command that needs to know all parts, so ptk does not work until they are gone.
    """
    names = {point.name: installed_as(point)[0] for point in entry_points()}
    for name, said in tried({"plug-in": list(names)}).errors.items():
        others = ",".join(other for other in names if other != name)
        mend = f"pip uninstall {names[name]}, or leave it out: PTK_PLUGINS={others} `examine`"
        yield Finding(names[name], said, "broken", mend, core=True)


def own_parts() -> Iterator[Finding]:
    """ptk's own parts can be loaded: one that cannot is a damaged ptk, or a damaged package of its core."""
    own = load_registry().plugins[0]
    well = 0
    for _, part in own.parts:
        try:
            part.load()
        except PtkError as error:
            yield Finding("parts", str(error), "broken", "install ptk again", core=True)
        else:
            well += 1
    if own.error:
        yield Finding("parts", own.error, "broken", "install ptk again", core=True)
    elif well == len(own.parts):
        yield Finding("parts", f"all {well} of ptk's own load", values={"parts": well})


def plugins() -> Iterator[Finding]:
    """Every plug-in, the broken ones too, damaged weights, and parts that two of them offer."""
    found = load_registry().plugins[1:]
    for plugin in found:
        if plugin.error:
            mend = f"pip uninstall {plugin.distribution}, or upgrade it"
            mend += "; `survey_plugins(verbose=True)` shows the traceback"
            if plugin.error.startswith("is named in PTK_PLUGINS"):
                mend = f"pip install {plugin.distribution}, or leave it out there"
            yield Finding(plugin.origin, plugin.error, "broken", mend)
        else:
            parts = ", ".join(f"{kind} {part.name}" for kind, part in plugin.parts)
            yield Finding(plugin.origin, parts)
            yield from _weights(plugin)
    offers = Counter(offer for plugin in found for offer in _offers(plugin))
    for kind, name in (offer for offer, count in offers.items() if count > 1):
        both = " and ".join(plugin.origin for plugin in found if (kind, name) in _offers(plugin))
        yield Finding(f"{kind} {name}", f"offered by {both}: neither can be used", "broken", "uninstall one of them")
    if not found:
        yield Finding("plug-ins", "none are installed")


def _weights(plugin: Plugin) -> Iterator[Finding]:
    """Files of a plug-in's weights that are missing or damaged: its styles cannot be had, all others can."""
    for part in (part for kind, part in plugin.parts if kind == "weights"):
        try:
            with name_failures(part, "files"):
                check_files(build_offered("weights", part, {}, {}))
        except PtkError as error:
            styles = ", ".join(part.styles)
            mend = f"pip install --force-reinstall {plugin.distribution}"
            yield Finding(f"weights {part.name}", f"{error} (styles {styles})", "broken", mend)


def _offers(plugin: Plugin) -> list[tuple[str, str]]:
    """What is asked for by name: weights are by their styles, and by whose they are."""
    return [(kind, part.name) for kind, part in plugin.parts if kind != "weights"]


def parts_of_extra(extra: str) -> dict[str, list[str]]:
    """The names of ptk's own parts that need an extra, by kind."""
    found: dict[str, list[str]] = {}
    for kind, part in load_registry().plugins[0].parts:
        if part.extra == extra:
            found.setdefault(kind, []).append(part.name)
    return found
