"""What a recipe would build, in words, without building it."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from ptk.device import resolve_device, resolve_precision
from ptk.errors import PtkError
from ptk.recipe.build import (
    Conditioners,
    build_conditioners,
    build_discriminator,
    build_generator,
    build_optimiser,
    build_part,
    count_parameters,
)
from ptk.recipe.one_part import NetworkUse, PartUse
from ptk.recipe.schema import Recipe, TrainingSettings
from ptk.registry.failures import note_failures
from ptk.registry.kinds import KINDS, NAMINGS
from ptk.registry.registry import load_registry
from ptk.types import Faces
from ptk.types.translation import declared

__all__ = ["objective", "summary"]

_LEGEND = "x source, y target's image, G(x) result, G(G(x)) way back, D_k level k; E over rows and both directions"
"""What the letters of equations mean."""

_SHOWN = ("conditioner", "domain", "generator", "discriminator", "loss", "optimiser")
"""The kinds in rows of their own, with numbers that only they have."""


def summary(recipe: Recipe, device: str = "auto") -> list[tuple[str, str]]:
    """(what, how) for everything that matters: channels, parameters, losses, data, device, precision.

    Runs the generator on torch's meta device, so an image size that does not fit it is found here.
    Raises RecipeError, PluginError or PtkError.
    """
    place = resolve_device(device)
    with torch.device("meta"):
        conditioners = build_conditioners(recipe)
        generator = build_generator(recipe, conditioners)
        discriminator = build_discriminator(recipe, conditioners)
        pyramid = _pyramid(recipe, conditioners, generator)
    channels = conditioners.channels
    budget = " + ".join(["3 image", *(f"{count} {name}" for name, count in channels.items())])
    sizes = ", ".join(f"{height} x {width}" for height, width in pyramid)
    training = recipe.training
    return [
        ("recipe", recipe.name),
        ("data", f"{recipe.data.source}, {recipe.data.size} px{', mirrored at random' if recipe.data.mirror else ''}"),
        ("domains", ", ".join(_domain(use.name, use.part) for use in recipe.domains)),
        ("channels", f"{budget} = {3 + sum(channels.values())}"),
        ("generator", f"{_use(recipe.generator)}: {count_parameters(generator):,} parameters, gives {sizes}"),
        ("discriminator", f"{_use(recipe.discriminator)}: {count_parameters(discriminator):,} parameters"),
        *((f"{side} minimises", "\n+ ".join(terms) or "nothing") for side, terms in objective(recipe).items()),
        ("", _LEGEND),
        ("training", f"{training.steps:,} steps of {training.batch} pairs, {_optimiser(training)}"),
        *_list_others(recipe),
        ("device", f"{place}, {str(resolve_precision(training.precision, place)).removeprefix('torch.')}"),
    ]


def objective(recipe: Recipe) -> dict[str, list[str]]:
    """Side -> a line a term, "10 feature_matching: Σ_k ...", in the recipe's order, without building a loss."""
    sides: dict[str, list[str]] = {}
    for side, uses in recipe.losses.items():
        terms = []
        for use in uses:
            try:
                equation = declared(load_registry().part("loss", use.name).load()).equation(side, use.options)
            except PtkError:  # its plug-in cannot be loaded here: the weight and the name are known all the same
                equation = ""
            options = ", ".join(f"{key} {value}" for key, value in use.options.items())
            name = f"{use.name} ({options})" if options else use.name
            terms.append(f"{use.weight:g} {name}: {equation}" if equation else f"{use.weight:g} {name}")
        sides[side] = terms
    return sides


def _pyramid(recipe: Recipe, conditioners: Conditioners, generator: nn.Module) -> list[tuple[int, int]]:
    """(height, width) of the images that the generator gives, finest first."""
    size = recipe.data.size
    face = Faces(
        points=torch.zeros(1, 68, 2),
        domain=torch.zeros(1, dtype=torch.int64),
        image=torch.zeros(1, 3, size, size),
        dense=torch.zeros(1, recipe.topology.count, 2),
    )
    planes = conditioners(face, face.goal)
    with note_failures(generator):
        return [(int(image.shape[-2]), int(image.shape[-1])) for image in generator(face.image, planes)]


def _use(use: PartUse) -> str:
    options = ", ".join(f"{key} {value}" for key, value in use.options.items())
    name = f"{use.name} ({options})" if options else use.name
    return f"{name}, one each {use.each}" if isinstance(use, NetworkUse) and use.each else name


def _list_others(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """(key, parts) of the kinds that have no row of their own, where the recipe says another part than the default.

    Those among settings are built, so options that do not go together are found here.
    """
    for kind, naming in NAMINGS.items():
        uses = [use for use in recipe.uses_of(kind) if use != PartUse(naming.default)]
        if kind in _SHOWN or not uses:
            continue
        if naming.section and not KINDS[kind].given:
            for use in uses:
                build_part(kind, use, {})
        yield naming.word, ", ".join(map(_use, uses))


def _optimiser(training: TrainingSettings) -> str:
    generator, critic = training.rate("generator"), training.rate("critic")
    rates = f"{generator:g}" if generator == critic else f"{generator:g}, the critic's {critic:g},"
    built = build_optimiser(training, [nn.Parameter(torch.zeros(1))], generator)
    betas = f" {built.defaults['betas']}" if "betas" in built.defaults else ""
    others = {key: value for key, value in training.parts["optimiser"].options.items() if key != "betas"}
    name = _use(PartUse(type(built).__name__, others))
    often = "" if training.critic_steps == 1 else f"; the generator learns in one of {training.critic_steps}"
    return f"{name} {rates}{betas}{often}"


def _domain(name: str, part: str) -> str:
    return name if name == part else f"{name} (from {part})"
