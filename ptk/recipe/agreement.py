"""Whether the parts of a recipe go together, and with data without faces; told by their classes, nothing is built."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml

from ptk.errors import PluginError, PtkError
from ptk.recipe.document import Document
from ptk.recipe.one_part import LossUse, PartUse
from ptk.recipe.schema import IMAGES, Recipe
from ptk.registry.kinds import KINDS
from ptk.registry.parts import options
from ptk.registry.registry import Registry, load_registry
from ptk.types import PHOTO
from ptk.types.translation import declared

__all__ = ["check_agreement", "check_needs", "hears_landmarks", "parts_on_landmarks"]

Factory = Callable[[str, str], Any]
"""(kind, name) -> the factory of a part; None where there is none."""


def check_needs(recipe: Recipe, document: Document, factory: Factory) -> None:
    """Note networks without a conditioner that they need."""
    told = {use.name for use in recipe.conditioners}
    for kind in ("generator", "discriminator"):
        for use in recipe.uses_of(kind):
            for needed in getattr(factory(kind, use.name), "needs", ()):
                if needed not in told:
                    node = _node(document, document.entries(document.root, "recipe")[kind][1], use.name)
                    document.mistake(node, f"{kind}.{use.name}", f"needs the conditioner {needed}; add it")


def check_agreement(recipe: Recipe, document: Document, factory: Factory) -> None:
    """Note what no part can see by itself: losses that need a truth, classes or an unconditional discriminator.

    And losses named twice, metrics of whole sets, of which a sample grid is none, and a domain photo that is none.
    """
    sections = document.entries(document.root, "recipe")
    for domain in recipe.domains:
        if domain.name == PHOTO and domain.part not in (PHOTO, IMAGES):
            what = f"is the photograph itself, not what {domain.part} renders; give that domain another name"
            document.mistake(_item(sections["domains"][1], PHOTO), f"domains.{PHOTO}", what)
    for side, uses in recipe.losses.items():
        for use in uses:
            path = f"losses.{side}.{use.name}"
            for what in _objections(recipe, uses, use, factory):
                document.mistake(_node(document, sections["losses"][1], side, use.name), path, what)
    for metric in recipe.metrics:
        if getattr(factory("metric", metric.name), "compares_sets", False):
            what = "compares sets of images, and a sample grid is none; leave it out, and evaluate the weights by it"
            document.mistake(_item(sections["metrics"][1], metric.name), f"metrics.{metric.name}", what)
    if recipe.training.critic_steps > 1 and not recipe.losses.get("critic"):
        node = _node(document, sections["training"][1], "critic_steps")
        document.mistake(
            node, "training.critic_steps", "no loss trains the critic; add one to losses.critic, or leave it"
        )


def _objections(recipe: Recipe, beside: Sequence[LossUse], use: LossUse, factory: Factory) -> Iterator[str]:
    says, judge = declared(factory("loss", use.name)), recipe.discriminator
    if says.needs_truth and recipe.data.pairs == "unpaired":
        yield "needs the true result, and data.pairs: unpaired has none; leave it out, or pair by identity"
    if says.needs_classes and judge.name:
        part = factory("discriminator", judge.name)
        if not (getattr(part, "gives_classes", False) or judge.options.get("classes")):
            yield f"needs a discriminator with a class head; {judge.name} has none here, set its option classes"
    maker = recipe.generator.name
    if says.needs_features and not hasattr(factory("generator", maker), "encode"):
        yield f"needs a generator with the method encode, and {maker} has none; resnet has one"
    if use.options.get("pool") and judge.options.get("conditional"):
        yield "its pool keeps images without their planes; set pool: 0, or the discriminator's conditional to false"
    elif use.options.get("pool") and getattr(factory("discriminator", judge.name), "needs_landmarks", False):
        yield f"its pool keeps images without their landmarks, which {judge.name} looks at; set pool: 0"
    if use.name == "lsgan" and any(other.name == "adversarial" for other in beside):
        yield "is adversarial by its older name, which is named, too; keep one"


def _item(node: yaml.Node, name: str) -> yaml.Node:
    """The `name` in a list of ``name`` and ``{name: options}``."""
    items = [item.value[0][0] if isinstance(item, yaml.MappingNode) else item for item in node.value]
    return next((item for item in items if item.value == name), node)


def _node(document: Document, node: yaml.Node, *keys: str) -> yaml.Node:
    """The key at `keys` below `node`, or the nearest one that is there."""
    found = node
    for key in keys:
        entries = document.entries(node, key) if isinstance(node, yaml.MappingNode) else {}
        if key not in entries:
            return found
        found, node = entries[key]
    return found


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
