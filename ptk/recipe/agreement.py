"""Whether the parts of a recipe go together: each mistake with the line of the part that lacks another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import yaml

from ptk.recipe.document import Document
from ptk.recipe.schema import IMAGES, LossUse, Recipe
from ptk.types import PHOTO
from ptk.types.translation import declared

__all__ = ["check_agreement"]

Factory = Callable[[str, str], Any]
"""(kind, name) -> the factory of a part; None where there is none."""


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
