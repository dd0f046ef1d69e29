"""Whether a data set has what a recipe asks of it, told before anything is read or built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ptk.errors import RecipeError
from ptk.faces.topologies import IBUG68, Topology
from ptk.plain import nearest
from ptk.recipe.agreement import parts_on_landmarks
from ptk.recipe.schema import IMAGES, Recipe

__all__ = ["Available", "check_fit"]


@dataclass(frozen=True)
class Available:
    """What data hold: domains of images, words for expressions of photographs (None: not known), faces or none.

    `topology` is the set of their landmarks.
    """

    domains: tuple[str, ...]
    expressions: tuple[str, ...] | None
    faces: bool
    topology: Topology = IBUG68


def check_fit(recipe: Recipe, available: Available) -> None:
    """Raise RecipeError, a line each, where the data of `recipe` lack landmarks for a part, or domains."""
    mistakes = list(_lost_domains(recipe, available))
    wanted, there = recipe.topology, available.topology
    if not available.faces:
        mistakes += _faceless(recipe)
    elif wanted.places is not None and wanted is not there:  # any set has the 68
        what = f"{recipe.data.source} has the {there.count} landmarks of {there.name}, not {wanted.name}"
        mend = f"leave this out, or prepare the data with `detector={wanted.name}`"
        mistakes.append(f"{recipe.place('data.topology')}: {what}; {mend}")
    if mistakes:
        raise RecipeError(mistakes)


def _faceless(recipe: Recipe) -> Iterator[str]:
    source = recipe.data.source
    for path in parts_on_landmarks(recipe):
        mend = "leave it out, or prepare the data with faces"
        yield f"{recipe.place(path)}: needs landmarks, and {source} was prepared without faces; {mend}"
    if recipe.data.pairs in ("warp", "mixed"):
        what = f"{recipe.data.pairs} bends faces, and {source} was prepared without faces; set it to unpaired"
        yield f"{recipe.place('data.pairs')}: {what}"


def _lost_domains(recipe: Recipe, available: Available) -> Iterator[str]:
    """Domains that the data must hold and does not."""
    expressions = recipe.data.domains == "expressions"
    known = available.expressions if expressions else available.domains
    kind = "expression" if expressions else "domain"
    for use in recipe.domains:
        if use.part == IMAGES and known is not None and use.name not in known:
            near = nearest(use.name, known) or "; its photographs have no words for expressions"
            yield f"{recipe.place(f'domains.{use.name}')}: {recipe.data.source} has no such {kind}{near}"
