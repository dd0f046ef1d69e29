"""What a recipe needs to train and this machine does not have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ptk.data.source import open_source
from ptk.recipe.schema import PartUse, Recipe

__all__ = ["list_missing"]


def list_missing(recipe: Recipe) -> tuple[str, ...]:
    """List the data set and the files that `recipe` names and that are not here: a line each, with what to do.

    Shards are not looked for: they may be anywhere.
    """
    return (*_missing_data(recipe), *_missing_files(recipe))


def _missing_data(recipe: Recipe) -> Iterator[str]:
    source = recipe.data.source
    if why := open_source(recipe).explain_missing():
        ways = f"with `size` {recipe.data.size} and `out` {source}, or name another one by `data` of `train`"
        yield f"{why}, {ways}" if "`prepare`" in why else why


def _missing_files(recipe: Recipe) -> Iterator[str]:
    for place, use in _named_parts(recipe):
        for option, value in use.options.items():
            if isinstance(value, Path) and not value.exists():
                choice = ", or to auto, which fetches those that timm publishes" if option == "weights" else ""
                other = f"set {place}.{option} to another{choice}" if place else "name another one in the recipe"
                yield f"{value}: no such file; put it there, or {other}"


def _named_parts(recipe: Recipe) -> Iterator[tuple[str, PartUse]]:
    """The parts with options of their own, and where in the recipe these can be set; "" for parts in lists."""
    yield f"generator.{recipe.generator.name}", recipe.generator
    yield f"discriminator.{recipe.discriminator.name}", recipe.discriminator
    for side, losses in recipe.losses.items():
        yield from ((f"losses.{side}.{use.name}", use) for use in losses)
    yield from (("", use) for use in (*recipe.domains, *recipe.conditioners, *recipe.metrics))
