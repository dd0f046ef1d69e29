"""What a recipe would build, in words, without building it."""

from __future__ import annotations

import torch
from torch import nn

from ptk.device import resolve_device, resolve_precision
from ptk.recipe.build import (
    Conditioners,
    build_conditioners,
    build_discriminator,
    build_generator,
    build_optimiser,
    count_parameters,
)
from ptk.recipe.objective import LEGEND, objective
from ptk.recipe.schema import NetworkUse, PartUse, Recipe, TrainingSettings
from ptk.registry.failures import note_failures
from ptk.types import Faces

__all__ = ["summary"]


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
        ("", LEGEND),
        ("training", f"{training.steps:,} steps of {training.batch} pairs, {_optimiser(training)}"),
        ("device", f"{place}, {str(resolve_precision(training.precision, place)).removeprefix('torch.')}"),
    ]


def _pyramid(recipe: Recipe, conditioners: Conditioners, generator: nn.Module) -> list[tuple[int, int]]:
    """(height, width) of the images that the generator gives, finest first."""
    size = recipe.data.size
    face = Faces(
        points=torch.zeros(1, 68, 2), domain=torch.zeros(1, dtype=torch.int64), image=torch.zeros(1, 3, size, size)
    )
    planes = conditioners(face, face.goal)
    with note_failures(generator):
        return [(int(image.shape[-2]), int(image.shape[-1])) for image in generator(face.image, planes)]


def _use(use: PartUse) -> str:
    options = ", ".join(f"{key} {value}" for key, value in use.options.items())
    name = f"{use.name} ({options})" if options else use.name
    return f"{name}, one each {use.each}" if isinstance(use, NetworkUse) and use.each else name


def _optimiser(training: TrainingSettings) -> str:
    generator, critic = training.rate("generator"), training.rate("critic")
    rates = f"{generator:g}" if generator == critic else f"{generator:g}, the critic's {critic:g},"
    built = build_optimiser(training, [nn.Parameter(torch.zeros(1))], generator)
    betas = f" {built.defaults['betas']}" if "betas" in built.defaults else ""
    others = {key: value for key, value in training.optimiser.options.items() if key != "betas"}
    name = _use(PartUse(type(built).__name__, others))
    often = "" if training.critic_steps == 1 else f"; the generator learns in one of {training.critic_steps}"
    return f"{name} {rates}{betas}{often}"


def _domain(name: str, part: str) -> str:
    return name if name == part else f"{name} (from {part})"
