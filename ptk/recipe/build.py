"""A checked recipe -> its parts, built on the default device of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast, get_args, get_origin

from torch import Tensor, nn
from torch.nn.modules.module import register_module_module_registration_hook

from ptk.recipe.one_part import NetworkUse, PartUse, build_one
from ptk.recipe.per_domain import DiscriminatorPerDomain, GeneratorPerDomain
from ptk.recipe.schema import Recipe, TrainingSettings
from ptk.registry.failures import note_failures
from ptk.registry.kinds import KINDS
from ptk.registry.parts import options
from ptk.registry.registry import load_registry
from ptk.types import Faces, LossDeclaration, Planes, Target
from ptk.types.translation import declared

if TYPE_CHECKING:
    import torch

    from ptk.registry.registry import Registry
    from ptk.types import Networks

__all__ = [
    "Conditioners",
    "WeightedLoss",
    "build_conditioners",
    "build_discriminator",
    "build_generator",
    "build_losses",
    "build_optimiser",
    "build_part",
    "build_parts",
    "count_parameters",
    "without_pretrained",
]


_MAX_LAYERS = 5_000
"""Large networks of the field have some hundred."""


class Conditioners(nn.Module):
    """The conditioners of a recipe, in its order: `(source, target) -> Planes`."""

    def __init__(self, parts: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(parts)

    @property
    def channels(self) -> dict[str, int]:
        """The number of channels each conditioner adds."""
        return {name: cast("int", part.channels) for name, part in self.parts.items()}

    def forward(self, source: Faces, target: Target) -> Planes:
        """Draw all planes, each (B, channels, H, W) of `source.image`'s size, dtype and device."""
        drawn = {}
        for name, part in self.parts.items():
            with note_failures(part):
                drawn[name] = part(source, target)
        return Planes(drawn, target.goal, source)  # of the target no image: it may be the true one


@dataclass(frozen=True)
class WeightedLoss:
    """A loss of a recipe: `function(translation, networks)` counts `weight` times."""

    name: str
    weight: float
    function: nn.Module

    @property
    def declares(self) -> LossDeclaration:
        """What the loss declares of itself."""
        return declared(self.function)

    def __call__(self, translation: Any, networks: Networks) -> Tensor:
        """The unweighted value, a scalar."""
        with note_failures(self.function):
            return cast("Tensor", self.function(translation, networks))


def build_conditioners(recipe: Recipe, registry: Registry | None = None) -> Conditioners:
    """The recipe's conditioners."""
    return Conditioners(build_parts(recipe, "conditioner", registry))


def build_generator(recipe: Recipe, conditioners: Conditioners, registry: Registry | None = None) -> nn.Module:
    """The recipe's generator, or one a domain, told by `conditioners`; initialised from torch's random state."""
    networks = _networks("generator", recipe.generator, recipe, conditioners, registry)
    return GeneratorPerDomain(networks) if recipe.generator.each else networks[0]


def build_discriminator(recipe: Recipe, conditioners: Conditioners, registry: Registry | None = None) -> nn.Module:
    """The recipe's discriminator, or one a domain; initialised from torch's random state."""
    networks = _networks("discriminator", recipe.discriminator, recipe, conditioners, registry)
    return DiscriminatorPerDomain(networks) if recipe.discriminator.each else networks[0]


def _networks(
    kind: str, use: NetworkUse, recipe: Recipe, conditioners: Conditioners, registry: Registry | None
) -> list[nn.Module]:
    given = {"plane_channels": sum(conditioners.channels.values()), **_known(recipe)}
    return [build_part(kind, use, given, registry) for _ in range(len(recipe.domains) if use.each else 1)]


def build_losses(recipe: Recipe, side: str, registry: Registry | None = None) -> list[WeightedLoss]:
    """The recipe's losses for `side`, "generator" or "critic"."""
    given = {"side": side, **_known(recipe)}
    return [
        WeightedLoss(use.name, use.weight, build_part("loss", use, given, registry))
        for use in recipe.losses.get(side, ())
    ]


def build_optimiser(
    settings: TrainingSettings, parameters: list[nn.Parameter], rate: float, registry: Registry | None = None
) -> torch.optim.Optimizer:
    """Build the recipe's optimiser of `parameters` at the learning rate `rate`, with its betas where it says any."""
    given: dict[str, Any] = {"params": parameters, "lr": rate}
    if "betas" in settings.model_fields_set:
        given["betas"] = settings.betas
    return cast("torch.optim.Optimizer", build_part("optimiser", settings.parts["optimiser"], given, registry))


def build_parts(recipe: Recipe, kind: str, registry: Registry | None = None) -> dict[str, Any]:
    """Build the parts of `kind` that a recipe lists, by the names that it gives them, in its order."""
    known = _known(recipe)
    return {use.name: build_part(kind, use.offered, known, registry) for use in recipe.uses_of(kind)}


def _known(recipe: Recipe) -> dict[str, Any]:
    """What a recipe says to every part whose kind is given it."""
    return {
        "domains": len(recipe.domains),
        "plain": recipe.plain,
        "geometry": recipe.geometry,
        "topology": recipe.topology,
    }


def build_part(kind: str, use: PartUse, given: Mapping[str, Any], registry: Registry | None = None) -> Any:
    """Call a part's factory with the recipe's options and those of `given` that it names."""
    with _bounded() if KINDS[kind].base_name == "torch.nn.Module" else nullcontext():
        return build_one(kind, use.name, use.options, given, registry)


@contextmanager
def _bounded() -> Iterator[None]:
    """Raise PluginError from inside a constructor that makes more than `_MAX_LAYERS`, such as blocks: 100000000."""
    made = 0

    def count(*_: object) -> None:
        nonlocal made
        made += 1
        if made > _MAX_LAYERS:
            raise ValueError(f"more than {_MAX_LAYERS:,} layers; ask for fewer blocks or levels")

    hook = register_module_module_registration_hook(count)
    try:
        yield
    finally:
        hook.remove()


def count_parameters(module: nn.Module) -> int:
    """The number of trainable parameters."""
    return sum(parameter.numel() for parameter in module.parameters() if parameter.requires_grad)


def without_pretrained(recipe: Recipe) -> Recipe:
    """Return `recipe` with random weights in every loss whose option `weights` knows `random`; nothing is downloaded.

    They compute as fast and take as much memory as trained ones: enough to measure a recipe, offline.
    """
    changed = []
    for use in recipe.uses_of("loss"):
        weights = options(load_registry().part("loss", use.name).load(), "loss").get("weights")
        knows = weights is not None and "random" in _choices(weights.annotation)
        changed.append(replace(use, options={**use.options, "weights": "random"}) if knows else use)
    return recipe.replace_uses("loss", changed)


def _choices(annotation: Any) -> Iterator[Any]:
    """The values of every Literal in an annotation, however deep in unions."""
    inner = get_args(annotation)
    if get_origin(annotation) is Literal:
        yield from inner
        return
    for each in inner:
        yield from _choices(each)
