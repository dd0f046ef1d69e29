"""What each kind of part must hold, as named rules; `ptk plugins check`, `ptk.testing` and ptk's tests try the same.

A check builds the part and tries it on seeded faces; every rule that is broken says what was expected, what came, and
where to look. That a part holds every rule does not make it good; that it breaks one makes recipes fail later, and
less clearly.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptk.errors import MissingExtra, PluginError
from ptk.plain import nearest
from ptk.registry.discovery import plain_name
from ptk.registry.kinds import KINDS
from ptk.registry.parts import Part
from ptk.registry.registry import Plugin, Registry, load_registry
from ptk.testing.contracts import losses, set_metrics
from ptk.testing.contracts.plugin import plugin_checks
from ptk.testing.rule import Check, Outcome, Rule
from ptk.testing.trial import Trial

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

    Photo = UInt8[np.ndarray, "height width 3"]

__all__ = ["RULES", "SET_RULES", "Check", "Outcome", "Rule", "Trial", "check_part", "checks", "part_checks", "parts_of"]

RULES: Mapping[str, tuple[Rule, ...]] = {kind: import_module(record.rules).RULES for kind, record in KINDS.items()}
"""The rules of each kind of part, in the order in which they are tried."""

SET_RULES: tuple[Rule, ...] = set_metrics.RULES
"""Those of a metric that says `compares_sets = True`, in the place of a metric's."""


def part_checks(
    kind: str,
    part: Part,
    options: Mapping[str, Any] | None = None,
    photo: Photo | None = None,
    place: Path | None = None,
) -> list[Check]:
    """Every rule for one part, built with `options`; a loss is tried for each side that it can train.

    A detector is also held to finding the face in `photo`, a source to finding a photo or video in `place`.
    """
    sides = (part.sides or losses.SIDES[:1]) if kind == "loss" else ("",)
    trials = [Trial(kind, part, options, photo, place, side) for side in sides]
    return [trial.check(rule) for trial in trials for rule in trial.contract.RULES]


def checks(
    name: str,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    photo: Photo | None = None,
    place: Path | None = None,
    registry: Registry | None = None,
) -> list[Check]:
    """Every rule for a plug-in, by the name of its entry point or distribution, or for the part "NAME" or "KIND:NAME".

    `options` are those of parts, by "NAME" or "KIND:NAME". Raises PluginError when there is no such plug-in or part.
    """
    registry = registry or load_registry()
    told = options or {}
    found = [check for plugin in _plugins(name, registry) for check in plugin_checks(plugin)]
    for kind, part in parts_of(name, registry):
        own = told.get(f"{kind}:{part.name}", told.get(part.name))
        found += part_checks(kind, part, own, photo, place)
    return found


def parts_of(name: str, registry: Registry | None = None) -> list[tuple[str, Part]]:
    """The parts that `checks` would try, with their kinds. Raises PluginError when there are none of that name."""
    registry = registry or load_registry()
    plugins = _plugins(name, registry)
    if plugins:
        return [each for plugin in plugins for each in plugin.parts]
    kind, _, plain = name.rpartition(":")
    kinds = [kind] if kind else [each for each in KINDS if registry.offers(each, plain)]
    if not kinds or not set(kinds) <= set(KINDS):
        known = [one.distribution for one in registry.plugins]
        known += [each for one in KINDS for each in registry.names(one)]
        raise PluginError(f"no such plug-in or part: {name}{nearest(plain, known)}{registry.describe_broken()}")
    return [(each, registry.part(each, plain)) for each in kinds]


def _plugins(name: str, registry: Registry) -> list[Plugin]:
    return [one for one in registry.plugins if name == one.name or plain_name(name) == plain_name(one.distribution)]


def check_part(
    kind: str,
    part: Part,
    options: Mapping[str, Any] | None = None,
    photo: Photo | None = None,
    place: Path | None = None,
) -> None:
    """Hold one part to every rule of its kind; see `part_checks`.

    Takes seconds, and for a large network with its default options as much memory as one training step at 96 px.
    Raises PluginError with a line for each rule that is broken; MissingExtra when the part cannot be built here.
    """
    missing: list[MissingExtra] = []
    outcomes = [check.run(missing.append) for check in part_checks(kind, part, options, photo, place)]
    if missing:
        raise missing[0]
    broken = [outcome for outcome in outcomes if outcome.status == "fail"]
    if broken:
        lines = [f"{one.subject} ({part.origin}): {one.rule}: {one.message} ({one.where})" for one in broken]
        raise PluginError("\n".join(lines))
