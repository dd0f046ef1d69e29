"""A part on trial: built when a rule first needs it, and told what the recipe would tell it."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import nn

from ptk.errors import MissingExtra, PluginError, PtkError
from ptk.faces.topologies import IBUG68
from ptk.motion.face_geometry import CURRENT
from ptk.registry.kinds import KINDS, Kind
from ptk.registry.parts import Part, options
from ptk.registry.registry import load_registry
from ptk.testing.assertions import DOMAINS, expect, shaken
from ptk.testing.rule import Check, NotHere, Rule, raised_at, where
from ptk.types import Faces, Planes, Target

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

__all__ = ["Trial"]

_OF_SETS = ("describe", "compare")
"""Those of a metric that compares sets, in the place of `__call__`."""

_CONDITIONERS = ("landmark_map", "domain_planes")
"""Those that networks on trial are told by, beside the ones that they name in `needs`."""


class Trial:
    """A part of a kind, to be built with `options` on the CPU.

    `photo` is one with a face for a detector to find, `place` one where a source finds photos, `side` whom a loss
    trains. `known` keeps what is costly to ask twice. A trial is sent to another process without what was built.
    """

    def __init__(
        self,
        kind: str,
        part: Part,
        options: Mapping[str, Any] | None = None,
        photo: UInt8[np.ndarray, "height width 3"] | None = None,
        place: Path | None = None,
        side: str = "",
    ) -> None:
        self.kind, self.part, self.options = kind, part, dict(options or {})
        self.photo, self.place, self.side = photo, place, side
        self.known: dict[Any, Any] = {}
        self._failed = False

    def __reduce__(self) -> tuple[Any, ...]:
        return Trial, (self.kind, self.part, self.options, self.photo, self.place, self.side)

    def __str__(self) -> str:
        side = f" ({self.side})" if len(self.part.sides) > 1 else ""
        return f"{self.kind} {self.part.name}{side}"

    def check(self, rule: Rule) -> Check:
        """`rule`, to be tried on this part."""
        at = KINDS[self.kind].method if rule.at is None else rule.at
        return Check(str(self), rule.name, lambda: rule.hold(self), lambda error: self._look(at, error))

    @functools.cached_property
    def factory(self) -> Callable[..., Any]:
        """The class, or function, that makes the part."""
        return self.part.load()

    @functools.cached_property
    def compares_sets(self) -> bool:
        """Whether it is a metric of whole sets, as far as its factory says; False where that cannot be loaded."""
        if self.kind != "metric":
            return False
        try:
            return bool(getattr(self.factory, "compares_sets", False))
        except PtkError:
            return False

    @functools.cached_property
    def contract(self) -> Any:
        """The module with the rules of its kind, and with what it is to answer."""
        return import_module("ptk.testing.contracts.set_metrics" if self.compares_sets else KINDS[self.kind].rules)

    @functools.cached_property
    def built(self) -> Any:
        """The part, built once; networks as after a little training, in eval mode."""
        part = self.build()
        return shaken(part).eval() if KINDS[self.kind].is_network else part

    def build(self, seed: int = 0, **given: Any) -> Any:
        """The part, new; `given` stands in the place of what ptk gives.

        Raises what its constructor raises, PluginError when it is not what its kind must be, NotHere when it needs
        options that were not given, or when it has raised before: that is told once.
        """
        if self._failed:
            raise NotHere("it cannot be built")
        try:
            return self._made(seed, given)
        except (MissingExtra, NotHere):
            raise
        except BaseException:  # a part may raise anything
            self._failed = True
            raise

    def _made(self, seed: int, given: Mapping[str, Any]) -> Any:
        needed = [name for name, one in options(self.factory, self.kind).items() if one.default is one.empty]
        lacking = [f"`set` {self.part.name}.{name}=..." for name in needed if name not in self.options]
        if lacking:
            raise NotHere(f"it has options that must be given: {' '.join(lacking)}")
        named = inspect.signature(self.factory).parameters
        own: dict[str, Any] = {**getattr(self.contract, "given", dict)(), **given}
        told = {
            name: own[name] if name in own else getattr(self, name) for name in KINDS[self.kind].given if name in named
        }
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            part = self.factory(**told, **self.options)
        _check_type(KINDS[self.kind], part)
        return part

    domains = DOMAINS
    plain = 1  # not the first, so that a part which takes that for granted is found
    geometry = CURRENT
    topology = IBUG68

    @property
    def plane_channels(self) -> int:
        """The channels of the planes that a network is told."""
        return sum(cast("int", one.channels) for one in self._conditioners.values())

    def told(self, source: Faces, target: Target) -> Planes:
        """The planes that a network is told."""
        drawn = {name: one(source, target) for name, one in self._conditioners.items()}
        return Planes(drawn, target.goal, source)

    @functools.cached_property
    def _conditioners(self) -> dict[str, nn.Module]:
        names = dict.fromkeys((*_CONDITIONERS, *getattr(self.factory, "needs", ())))
        return {name: Trial("conditioner", load_registry().part("conditioner", name)).built for name in names}

    @property
    def looks_at_landmarks(self) -> bool:
        """Whether its class says so, or one of the options that it names is set."""
        said = getattr(self.factory, "needs_landmarks", False) or False
        if isinstance(said, bool):
            return said
        known = options(self.factory, self.kind)
        return any(self.options.get(name, known[name].default) for name in said if name in known)

    def _look(self, at: str, error: BaseException) -> str:
        try:
            factory = self.factory
        except PtkError:
            return str(self.part.factory)
        if not (inspect.isclass(factory) or inspect.isroutine(factory)):  # a verb with verbs of its own
            return str(self.part.factory)
        told = isinstance(error, PluginError)
        return (not told and raised_at(error, factory)) or where(factory, at)


def _check_type(kind: Kind, part: Any) -> None:
    base = kind.load_base()
    if base is not None:
        expect(isinstance(part, base), f"{kind.plural} must be a {kind.base_name}, this is a {type(part).__name__}")
        return
    of_sets = kind.name == "metric" and getattr(part, "compares_sets", False)
    for method in _OF_SETS if of_sets else (kind.method,):
        has = callable(getattr(part, method, None))
        which = "metrics that compare sets" if of_sets else kind.plural
        expect(has, f"{which} must have the method {method}, {type(part).__name__} has none")
