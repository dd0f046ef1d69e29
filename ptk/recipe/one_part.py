"""One part by itself: as a recipe uses it, with options from words, and the object.

Torch is not imported here, nor pydantic without options.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ptk.errors import PluginError, PtkError
from ptk.plain import nearest, show
from ptk.registry.failures import NamedPart, mark_part
from ptk.registry.kinds import KINDS
from ptk.registry.parts import options
from ptk.registry.registry import load_registry

if TYPE_CHECKING:
    from ptk.registry.parts import Part
    from ptk.registry.registry import Registry

__all__ = ["DomainUse", "LossUse", "NetworkUse", "PartUse", "build_offered", "build_one", "parse_options"]


@dataclass(frozen=True)
class PartUse:
    """A part that a recipe uses, with the options that it sets."""

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def offered(self) -> PartUse:
        """The same by the name under which a plug-in offers it."""
        return self


@dataclass(frozen=True)
class NetworkUse(PartUse):
    """A generator or discriminator. `each` is "domain" where there is one network a domain, otherwise ""."""

    each: str = ""


@dataclass(frozen=True)
class LossUse(PartUse):
    """A loss with its weight, and the side that it trains, "generator" or "critic"."""

    weight: float = 1.0
    side: str = ""


@dataclass(frozen=True)
class DomainUse(PartUse):
    """A domain: `name` is what people call it in this recipe, `part` which domain part renders it."""

    part: str = ""

    @property
    def offered(self) -> PartUse:
        """What renders it."""
        return PartUse(self.part, self.options)


def build_one(
    kind: str, name: str, chosen: Mapping[str, Any], given: Mapping[str, Any], registry: Registry | None = None
) -> Any:
    """Build the part of that name: see `build_offered`. Raises PluginError, too, where none or two have it."""
    return build_offered(kind, (registry or load_registry()).part(kind, name), chosen, given)


def build_offered(kind: str, part: Part, chosen: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """Call a part's factory with the options `chosen` and those of `given` that it names.

    Raises PluginError where it cannot be built, or what it raises itself as a PtkError.
    """
    factory = part.load()
    named = inspect.signature(factory).parameters
    record = KINDS[kind]
    told = {name: given[name] for name in record.given if name in given and name in named}
    told |= {name: given[name] for name in record.preset if name in given and name in named and name not in chosen}
    try:
        built = factory(**told, **chosen)
    except PtkError:
        raise
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise PluginError(f"{kind} {part.name} ({part.origin}): cannot be built: {said}") from error
    base = record.load_base()
    if base is not None and not isinstance(built, base):
        raise PluginError(f"{kind} {part.name}: must be a {record.base_name}, it is a {type(built).__name__}")
    mark_part(built, kind, part)
    return NamedPart(built, record.method) if record.gives_list else built


def parse_options(kind: str, name: str, said: str, place: str, usage: str = "") -> dict[str, Any]:
    """Options of a part from ``option=value,option=value``, by the annotations of its constructor.

    ``value`` alone is for the one option that a part has, or needs. `place` begins messages, `usage` stands before the
    part's name where they show how to write it. Raises PluginError.
    """
    known = options(load_registry().part(kind, name).load(), kind)
    chosen: dict[str, Any] = {}
    for word in _split(said, known):
        option, equals, value = word.partition("=")
        if option not in known:
            raise PluginError(f"{place}: no such option: {option}{nearest(option, known) or '; it has none'}")
        if not equals:
            raise PluginError(f"{place}: {option} has no value; say {option}=...")
        chosen[option] = _read(value, known[option], f"{place}: {option}")
    missing = [option for option, one in known.items() if one.default is one.empty and option not in chosen]
    if missing:
        raise PluginError(f"{place}: needs {', '.join(missing)}: {usage}{name}:{missing[0]}=...")
    return chosen


def _split(said: str, known: Mapping[str, inspect.Parameter]) -> list[str]:
    """The words ``option=value`` in `said`; values may hold commas."""
    if not said:
        return []
    needed = [option for option, one in known.items() if one.default is one.empty] or list(known)
    if "=" not in said and said not in known and len(needed) == 1:
        return [f"{needed[0]}={said}"]
    return re.split(r",(?=\w+(?:=|,|$))", said)


def _read(value: str, option: inspect.Parameter, place: str) -> Any:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Any if option.annotation is option.empty else option.annotation).validate_python(value)
    except ValidationError as error:
        raise PluginError(f"{place}: {error.errors()[0]['msg'].lower()}, it is {show(value)}") from error
