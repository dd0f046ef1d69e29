"""What a recipe needs to train and this machine does not have."""

from __future__ import annotations

from pathlib import Path

from ptk.data.source import open_source
from ptk.recipe.schema import Recipe
from ptk.registry.kinds import NAMINGS

__all__ = ["list_missing"]


def list_missing(recipe: Recipe) -> tuple[str, ...]:
    """List the data set and the files that `recipe` names and that are not here: a line each, with what to do.

    Shards are not looked for: they may be anywhere.
    """
    lines, data = [], recipe.data
    if why := open_source(recipe).explain_missing():
        ways = f"with `size` {data.size} and `out` {data.source}, or name another one by `data` of `train`"
        lines.append(f"{why}, {ways}" if "`prepare`" in why else why)
    # the parts with options of their own, and where in the recipe these can be set; "" for parts in lists
    lists = ("list", "domains")
    parts = [("" if NAMINGS[kind].form in lists else place, use) for place, kind, use in recipe.uses()]
    parts.sort(key=lambda part: not part[0])
    for place, part in parts:
        for option, value in part.options.items():
            if isinstance(value, Path) and not value.exists():
                choice = ", or to auto, which fetches those that timm publishes" if option == "weights" else ""
                other = f"set {place}.{option} to another{choice}" if place else "name another one in the recipe"
                lines.append(f"{value}: no such file; put it there, or {other}")
    return tuple(lines)
