"""A recipe without weights that somebody else trained: enough to measure its time and memory, offline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, get_args, get_origin

from ptk.recipe.schema import Recipe
from ptk.registry.parts import options
from ptk.registry.registry import load_registry

__all__ = ["without_pretrained"]


def without_pretrained(recipe: Recipe) -> Recipe:
    """Return `recipe` with random weights in every loss whose option `weights` knows `random`; nothing is downloaded.

    They compute as fast and take as much memory as trained ones.
    """
    losses = dict(recipe.losses)
    for side, uses in recipe.losses.items():
        changed = []
        for use in uses:
            weights = options(load_registry().part("loss", use.name).load(), "loss").get("weights")
            knows = weights is not None and "random" in _choices(weights.annotation)
            changed.append(replace(use, options={**use.options, "weights": "random"}) if knows else use)
        losses[side] = tuple(changed)
    return replace(recipe, losses=losses)


def _choices(annotation: Any) -> Iterator[Any]:
    """The values of every Literal in an annotation, however deep in unions."""
    inner = get_args(annotation)
    if get_origin(annotation) is Literal:
        yield from inner
        return
    for each in inner:
        yield from _choices(each)
