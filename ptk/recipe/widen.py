"""One more domain for a generator: where its planes enter, and how weights grow by them without changing a result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ptk.errors import PtkError
from ptk.recipe.build import Conditioners, build_conditioners, build_generator
from ptk.recipe.schema import Recipe

__all__ = ["Growth", "find_growth", "widen"]


@dataclass(frozen=True)
class Growth:
    """In dimension `axis` a tensor of the wider networks has, at `places`, what the narrower ones have not."""

    axis: int
    places: tuple[int, ...]


def find_growth(recipe: Recipe) -> dict[str, Growth]:
    """Find where the last domain of `recipe` enters: the tensors that grow with the number of domains, by name.

    Names are those of weights, ``generator.*`` and ``conditioners.*``. The planes of a domain stand last among those of
    their conditioner. Raises PtkError for a generator that grows in another way than by input channels.
    """
    before = recipe.replace_uses("domain", recipe.domains[:-1])
    with torch.device("meta"):
        (told, narrow), (retold, wide) = _networks(before), _networks(recipe)
    new = _new_planes(told, retold)
    planes = sum(told.channels.values())
    shapes = {name: tensor.shape for name, tensor in narrow.items()}
    found = {}
    for name, tensor in wide.items():
        if name not in shapes or tensor.shape == shapes[name]:
            continue
        old, grown = tuple(shapes[name]), tuple(tensor.shape)
        axes = [axis for axis, (was, now) in enumerate(zip(old, grown, strict=False)) if was != now]
        if len(old) != len(grown) or len(axes) != 1:
            raise PtkError(f"{name}: grows from {old} to {grown}, which no new domain can be added to")
        axis = axes[0]
        if name.startswith("generator."):
            first = old[axis] - planes  # what stands before the planes: the image
            places = tuple(first + place for place in new)
        else:
            places = tuple(range(old[axis], grown[axis]))
        if len(places) != grown[axis] - old[axis] or min(places, default=-1) < 0:
            raise PtkError(f"{name}: grows from {old} to {grown}, not by a domain's planes")
        found[name] = Growth(axis, places)
    return found


def widen(tensors: Mapping[str, Tensor], grown: Mapping[str, Growth]) -> dict[str, Tensor]:
    """Widen `tensors` by zeros, which add nothing to any result."""
    result = dict(tensors)
    for name, growth in grown.items():
        old = tensors[name]
        size = old.shape[growth.axis] + len(growth.places)
        kept = [place for place in range(size) if place not in growth.places]
        shape = [size if axis == growth.axis else length for axis, length in enumerate(old.shape)]
        result[name] = torch.zeros(shape, dtype=old.dtype).index_copy(growth.axis, torch.tensor(kept), old)
    return result


def _networks(recipe: Recipe) -> tuple[Conditioners, dict[str, Tensor]]:
    """The conditioners, and all tensors by the names that weights give them."""
    conditioners = build_conditioners(recipe)
    generator = build_generator(recipe, conditioners)
    return conditioners, nn.ModuleDict({"conditioners": conditioners, "generator": generator}).state_dict()


def _new_planes(narrow: Conditioners, wide: Conditioners) -> list[int]:
    """The channels of the wider stack that are not in the narrower one: the last of each conditioner that grew."""
    places: list[int] = []
    first = 0
    for name, count in wide.channels.items():
        places += range(first + narrow.channels[name], first + count)
        first += count
    if not places:
        raise PtkError("no conditioner tells the generator the domain; add domain_planes to the recipe's conditioners")
    return places
