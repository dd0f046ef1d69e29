"""Which parts of a recipe look at landmarks, told by what their classes say: nothing is built."""

from __future__ import annotations

from ptk.errors import PluginError, PtkError
from ptk.recipe.schema import PartUse, Recipe
from ptk.registry.kinds import KINDS
from ptk.registry.parts import options
from ptk.registry.registry import Registry, load_registry

__all__ = ["hears_landmarks", "parts_on_landmarks"]


def parts_on_landmarks(recipe: Recipe, registry: Registry | None = None) -> list[str]:
    """The parts of `recipe` that need landmarks, by where they stand in it: "losses.generator.identity.lean"."""
    registry = registry or load_registry()
    looking = [(path, kind, use) for path, kind, use in recipe.uses() if KINDS[kind].sees_faces]
    return [path + option for path, kind, use in looking for option in _reasons(registry, kind, use) or ()]


def hears_landmarks(recipe: Recipe, registry: Registry | None = None) -> bool:
    """Whether the generator of `recipe` is told where landmarks are. Conditioners that do not say are taken to tell."""
    registry = registry or load_registry()
    told = [_reasons(registry, "conditioner", use) != [] for use in recipe.conditioners]
    return any(told) or bool(_reasons(registry, "generator", recipe.generator))


def _reasons(registry: Registry, kind: str, use: PartUse) -> list[str] | None:
    """Why a part needs landmarks: ".option" for each option with which it does, "" for itself; [] where it does not.

    None where it does not say, or cannot be loaded. Raises PluginError for a declaration that is none.
    """
    try:
        factory = registry.part(kind, use.name).load()
    except PtkError:
        return None
    said = getattr(factory, "needs_landmarks", None)
    if isinstance(said, bool) or said is None:
        return [""] * said if said is not None else None
    known = options(factory, kind)
    if isinstance(said, str) or not all(name in known for name in said):
        raise PluginError(
            f"{kind} {use.name}: needs_landmarks must be true, false or names of its options, not {said!r}"
        )
    chosen = {name: use.options.get(name, known[name].default) for name in said}
    return [f".{name}" for name, value in chosen.items() if value and value is not known[name].empty]
