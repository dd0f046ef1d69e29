"""YAML -> a checked `Recipe`. Nothing is built; every mistake is reported at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from ptk.errors import RecipeError
from ptk.plain import nearest
from ptk.recipe.document import Document
from ptk.recipe.reader import RecipeReader
from ptk.recipe.schema import Recipe
from ptk.registry.registry import Registry, load_registry

__all__ = [
    "SHIPPED",
    "find_recipe",
    "load_recipe",
    "name_recipe",
    "parse_editing_recipe",
    "parse_recipe",
    "shipped_recipes",
]

SHIPPED = Path(__file__).parents[1] / "recipes"
"""The recipes that come with ptk, those that belong together in a folder of their own."""

_FORMER = {"portraits": "portraits-styles"}


def shipped_recipes() -> list[Path]:
    """List the files of the recipes that come with ptk, sorted by name."""
    return sorted(SHIPPED.rglob("*.yaml"), key=name_recipe)


def name_recipe(path: Path) -> str:
    """Name a recipe: ``portraits-photos`` for portraits/photos.yaml of those that come with ptk, else by its file."""
    return "-".join(path.relative_to(SHIPPED).with_suffix("").parts) if path.is_relative_to(SHIPPED) else path.stem


def find_recipe(name: str | Path) -> Path:
    """The file that `name` means: a path, or the name of a shipped recipe. Raises RecipeError."""
    path = Path(name)
    if path.is_file():
        return path
    by_name = {name_recipe(shipped): shipped for shipped in shipped_recipes()}
    known = _FORMER.get(str(name), str(name))
    if known in by_name:
        return by_name[known]
    raise RecipeError([f"{name}: no such recipe{nearest(path.stem, by_name)}"])


def load_recipe(name: str | Path, overrides: Sequence[str] = (), registry: Registry | None = None) -> Recipe:
    """Read and check a recipe file. `overrides` are KEY=VALUE. Raises RecipeError with every mistake."""
    path = find_recipe(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError([f"{path}: cannot be read ({error})"]) from error
    return parse_recipe(text, str(path), overrides, registry)


def parse_recipe(text: str, name: str, overrides: Sequence[str] = (), registry: Registry | None = None) -> Recipe:
    """Check the text of a recipe; `name` is the file that mistakes are reported for. Raises RecipeError."""
    document = Document(text, name)
    for setting in overrides:
        document.override(setting)
    recipe = RecipeReader(document, registry or load_registry()).read()
    document.finish()
    return recipe


def parse_editing_recipe(document: Mapping[str, Any], name: str, registry: Registry | None = None) -> Recipe:
    """Check what editing needs of the recipe that weights `name` hold: data, domains, conditioners and generator.

    What trained them may be missing here: in the result there are no losses, metrics and plug-ins, the discriminator
    has no name, and `training` has its defaults. `document` is whole. Raises RecipeError with every mistake.
    """
    tree = Document(yaml.safe_dump(document), name)
    recipe = RecipeReader(tree, registry or load_registry()).read(editing=True)
    tree.finish()
    return recipe
