"""The whole objective of a recipe, as text: what each side minimises, term by term."""

from __future__ import annotations

from ptk.errors import PtkError
from ptk.recipe.schema import Recipe
from ptk.registry.registry import load_registry
from ptk.types.translation import declared

__all__ = ["LEGEND", "objective"]

LEGEND = "x source, y target's image, G(x) result, G(G(x)) way back, D_k level k; E over rows and both directions"
"""What the letters of equations mean."""


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
