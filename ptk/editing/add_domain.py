"""Trained weights that learn one more domain: the old ones stay as they are, to the last bit."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import nn

from ptk.data.missing import list_missing
from ptk.editing.learned import find_untrained
from ptk.editing.translator import Translator
from ptk.errors import OutputError, PtkError, RecipeError, WeightsError
from ptk.files import replacing
from ptk.recipe.build import build_conditioners, build_generator
from ptk.recipe.load import parse_editing_recipe, parse_recipe
from ptk.recipe.schema import IMAGES, Recipe
from ptk.recipe.weights import adopt_record, read_metadata, read_tensors, write_record, write_weights
from ptk.recipe.widen import find_growth, widen
from ptk.registry.registry import load_registry
from ptk.types import Faces, Target

__all__ = ["Grown", "add_domain"]

_TRIALS = 2
_NAME = re.compile(r"\w[\w.-]*")
_ORDER = ("recipe", "plugins", "data", "domains", "conditioners", "generator", "discriminator", "losses")


@dataclass(frozen=True)
class Grown:
    """What `add_domain` wrote, and in how many images of the old domains it looked for a difference.

    `missing` has a line for each thing that the recipe needs to train and that is not here.
    """

    weights: Path
    recipe: Path
    domains: tuple[str, ...]
    compared: int
    missing: tuple[str, ...] = ()


def add_domain(weights: Path, name: str, out: Path, *, part: str = "") -> Grown:
    """Write weights that know the domain `name` too, rendered by the domain part `part`: by default that of the name,
    or images of the data where the other domains are such.

    The new plane's weights are zero, so all other domains give the same images; that is compared, bit by bit, before
    anything is written. Beside `out` a recipe is written that trains on from it. Raises WeightsError for weights that
    cannot grow and a name that cannot be a domain's, PluginError when there is no such part, OutputError when `out` or
    its recipe is there already or cannot be.
    """
    if not _NAME.fullmatch(name):
        raise WeightsError(f"{name!r:.60}: cannot be the name of a domain; give one word: letters, digits, _, - and .")
    if not out.name or out.suffix == ".yaml":
        raise OutputError(f"{out}: cannot be the new weights; name a file with `out`, such as more.safetensors")
    recipe_file = out.with_suffix(".yaml")
    for file in (out, recipe_file):
        if file.exists():
            raise OutputError(f"{file}: is there already; name another file with `out`")
    old = Translator.load(weights, "cpu")
    if name in old.domains:
        raise WeightsError(f"{weights}: knows the domain {name} already ({', '.join(old.domains)})")
    if old.recipe.generator.each:
        raise WeightsError(f"{weights}: no domain can be added: they have a network a domain; train with it in domains")
    part = part or (name if old.recipe.data.domains == "parts" else IMAGES)
    document = _document(read_metadata(weights)["recipe"], name, part)
    recipe = adopt_record(parse_editing_recipe(document, str(recipe_file)), old.metadata, weights)
    try:
        tensors = widen(read_tensors(weights), find_growth(recipe))
        conditioners = build_conditioners(recipe)
        generator = build_generator(recipe, conditioners)
        nn.ModuleDict({"conditioners": conditioners, "generator": generator}).load_state_dict(tensors)
    except (PtkError, RuntimeError) as error:
        raise WeightsError(f"{weights}: no domain can be added: {' '.join(str(error).split())[:200]}") from error
    metadata = _metadata(weights, old.domains, recipe, conditioners.channels)
    new = Translator(recipe, conditioners.eval(), generator.eval(), metadata)
    compared = _compare(weights, old, new)
    try:
        with replacing(recipe_file) as draft:
            head = (
                f"# {weights.name} with the domain {name}, to train on from {out.name}.\n"
                "# Add `freeze: true` under training to leave all as it is but the new plane and the last layers.\n"
            )
            body = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
            draft.write_text(head + body, encoding="utf-8")
            write_weights(out, tensors, metadata)
    except OutputError:
        out.unlink(missing_ok=True)  # both are there, or none
        raise
    return Grown(out, recipe_file, recipe.domain_names, compared, list_missing(_whole(document, recipe_file, recipe)))


def _whole(document: Mapping[str, Any], file: Path, recipe: Recipe) -> Recipe:
    """The recipe with what trains it; where plug-ins of that are missing here, `recipe`, which edits alone."""
    try:
        return parse_recipe(yaml.safe_dump(dict(document)), str(file))
    except RecipeError:
        return recipe


def _document(old: Mapping[str, Any], name: str, part: str) -> dict[str, Any]:
    """The recipe with one more domain, under a name of its own, and with the plug-in that renders it."""
    known = copy.deepcopy(dict(old))
    document = {key: known.pop(key) for key in _ORDER if key in known} | known
    document["recipe"] = f"{document['recipe']}-{name}"
    document["domains"] = [*document["domains"], name if part == name else {name: {"from": part}}]
    distribution = load_registry().part("domain", part).origin.partition(" ")[0]
    needed = list(document.get("plugins", []))
    if distribution != "ptk" and distribution not in needed:
        return {"recipe": document.pop("recipe"), "plugins": [*needed, distribution], **document}
    return document


def _metadata(weights: Path, domains: Sequence[str], recipe: Recipe, channels: Mapping[str, int]) -> dict[str, Any]:
    metadata = {key: value for key, value in read_metadata(weights).items() if key != "schema"}
    editing = sorted({load_registry().part(kind, name).origin for kind, name in recipe.editing_parts})
    # What trained them may be missing here: of that the weights themselves know more.
    plugins = {str(origin).partition(" ")[0]: origin for origin in (*metadata.get("plugins", []), *editing)}
    grown_from = {"sha256": hashlib.sha256(weights.read_bytes()).hexdigest(), "domains": list(domains)}
    return {
        **metadata,
        "recipe": recipe.document,
        "domains": recipe.domain_names,
        **write_record(recipe),
        "channels": {"image": 3, **channels},
        "plugins": sorted(plugins.values()),
        "editing_plugins": editing,
        "grown_from": grown_from,
        "untrained": [*find_untrained(metadata), recipe.domain_names[-1]],
    }


@torch.inference_mode()
def _compare(weights: Path, old: Translator, new: Translator) -> int:
    """Hold every old domain to the same images, bit by bit; returns how many were compared."""
    random = torch.Generator().manual_seed(0)
    image = torch.rand(_TRIALS, 3, old.size, old.size, generator=random) * 2 - 1
    start, goal = torch.rand(2, _TRIALS, old.topology.count, 2, generator=random).unbind(0)
    compared = 0
    for index, domain in enumerate(old.domains):
        source = Faces(image=image, **old.place(start), domain=torch.zeros(_TRIALS, dtype=torch.int64))
        target = Target(**old.place(goal), domain=torch.full((_TRIALS,), index))
        for before, after in zip(
            old.generator(image, old.conditioners(source, target)),
            new.generator(image, new.conditioners(source, target)),
            strict=True,
        ):
            if not torch.isfinite(before).all():
                raise WeightsError(f"{weights}: no domain can be added: {domain} is not finite; train them again")
            if not torch.equal(before, after):
                change = (before - after).abs().max().item()
                raise WeightsError(
                    f"{weights}: no domain can be added: {domain} would change by {change:.2g}; "
                    "its generator does not take planes as input channels alone"
                )
        compared += _TRIALS
    return compared
