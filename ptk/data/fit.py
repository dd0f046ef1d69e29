"""Whether a data set has what a recipe asks of it, told before anything is read or built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ptk.dataset.manifest import PHOTO, read_description, read_manifest, source_folder
from ptk.dataset.shards import Shards, is_shards
from ptk.errors import RecipeError
from ptk.recipe.landmarks import parts_on_landmarks
from ptk.recipe.schema import IMAGES, Recipe
from ptk.registry.registry import nearest

__all__ = ["check_fit"]


@dataclass(frozen=True)
class _Held:
    """What a set holds: domains of images, words for expressions of photographs (None: not known), faces or none."""

    domains: tuple[str, ...]
    expressions: tuple[str, ...] | None
    faces: bool


def check_fit(recipe: Recipe) -> None:
    """Raise RecipeError, a line each, where the data of `recipe` has no landmarks for a part, or not its domains.

    Raises DataError when the data cannot be read.
    """
    held = _held(recipe.data.source)
    mistakes = [*_lost_domains(recipe, held), *([] if held.faces else _faceless(recipe))]
    if mistakes:
        raise RecipeError(mistakes)


def _held(source: str) -> _Held:
    if is_shards(source):
        shards = Shards.open(source)
        return _Held(shards.domains, shards.expressions, shards.faces)
    folder = source_folder(source)
    entries = read_manifest(folder)
    words = sorted({entry.expression for entry in entries if entry.domain == PHOTO} - {""})
    domains = tuple(dict.fromkeys(entry.domain for entry in entries))
    return _Held(domains, tuple(words), read_description(folder).faces)


def _faceless(recipe: Recipe) -> Iterator[str]:
    source = recipe.data.source
    for path in parts_on_landmarks(recipe):
        mend = "leave it out, or prepare the data with faces"
        yield f"{recipe.place(path)}: needs landmarks, and {source} was prepared without faces; {mend}"
    if recipe.data.pairs in ("warp", "mixed"):
        what = f"{recipe.data.pairs} bends faces, and {source} was prepared without faces; set it to unpaired"
        yield f"{recipe.place('data.pairs')}: {what}"


def _lost_domains(recipe: Recipe, held: _Held) -> Iterator[str]:
    """Domains that the data must hold and does not."""
    expressions = recipe.data.domains == "expressions"
    known = held.expressions if expressions else held.domains
    kind = "expression" if expressions else "domain"
    for use in recipe.domains:
        if use.part == IMAGES and known is not None and use.name not in known:
            near = nearest(use.name, known) or "; its photographs have no words for expressions"
            yield f"{recipe.place(f'domains.{use.name}')}: {recipe.data.source} has no such {kind}{near}"
