"""Suggest settings with which a recipe fits into a memory, also when memory has run out in training."""

from __future__ import annotations

import dataclasses
import json
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import torch

from ptk.cost.available_memory import SPARE, format_bytes, measure_free_memory
from ptk.cost.memory import Losses, estimate, estimate_step
from ptk.errors import PtkError, RecipeError, TrainingError
from ptk.recipe.schema import Recipe
from ptk.training.checkpoint import what_is_left
from ptk.training.run import Run

__all__ = ["Change", "explain_out_of_memory", "suggest_changes"]

_Settings = dict[str, Any]

_SAME = "same result"


@dataclass(frozen=True)
class Change:
    """`settings`, such as {"training.batch": 2}, with which a step takes `peak` bytes; `effect` says what changes."""

    settings: _Settings
    peak: int
    effect: str

    @property
    def assignments(self) -> list[str]:
        """The settings as `load_recipe` takes them: ["training.batch=2"]."""
        return [
            f"{key}={value if isinstance(value, str) else json.dumps(value)}" for key, value in self.settings.items()
        ]


def suggest_changes(
    recipe: Recipe, device: str, precision: torch.dtype, goal: int, losses: Losses | None = None
) -> list[Change]:
    """Suggest what brings the peak of a step down to `goal` bytes, the least harmful first; empty where nothing does.

    Each is enough by itself. Where no single setting is, the shortest row of them together. Each is estimated by
    `estimate`, which takes about a second.
    """
    found: list[Change] = []
    for options in _list_options(recipe, precision):
        most = _try_change(recipe, device, precision, *options[-1], losses)
        if most and most.peak > goal:
            continue  # nor is less of it enough
        milder = (_try_change(recipe, device, precision, *option, losses) for option in options[:-1])
        fitting = (change for change in chain(milder, [most]) if change and change.peak <= goal)
        found += islice(fitting, 1)
    if found:
        return found
    together: _Settings = {}
    effects: list[str] = []
    for options in _list_options(recipe, precision):
        if "training.batch" in options[0][0] and "training.accumulate" in together:
            continue  # one pair at a time is what accumulation has come to
        effects = list(dict.fromkeys([*effects, options[0][1]]))
        for settings, _ in options:
            change = _try_change(recipe, device, precision, together | settings, ", ".join(effects), losses)
            if change and change.peak <= goal:
                return [change]
        together |= options[-1][0]
    return []


def _list_options(recipe: Recipe, precision: torch.dtype) -> Iterator[list[tuple[_Settings, str]]]:
    """List the values of each setting that lower the peak, the mildest first."""
    batch, side = recipe.training.batch, recipe.data.size
    parts = [count for count in range(recipe.training.accumulate + 1, batch + 1) if batch % count == 0]
    if parts:
        yield [({"training.accumulate": count}, _SAME) for count in parts]
    if not recipe.training.checkpointing:
        yield [({"training.checkpointing": True}, f"{_SAME}, slower")]
    if precision == torch.float32:
        yield [({"training.precision": "bfloat16"}, "nearly the same result")]
    equal = recipe.training.accumulate
    smaller = {count // equal * equal for count in (batch * 3 // 4, batch // 2, batch // 4, equal)} - {0, batch}
    if smaller:
        yield [({"training.batch": count}, "noisier steps") for count in sorted(smaller, reverse=True)]
    sizes = [size for share in (3 / 4, 1 / 2, 1 / 4) if (size := int(side * share) // 32 * 32) >= 32]
    if sizes:
        yield [({"data.size": size}, "smaller images") for size in dict.fromkeys(sizes)]


def _try_change(
    recipe: Recipe, device: str, precision: torch.dtype, settings: _Settings, effect: str, losses: Losses | None
) -> Change | None:
    changed = _change_recipe(recipe, settings)
    kind = torch.bfloat16 if changed.training.precision == "bfloat16" else precision
    try:
        return Change(dict(settings), estimate(changed, device, kind, losses).peak, effect)
    except RecipeError:  # a size that the networks do not take
        return None


def _change_recipe(recipe: Recipe, settings: _Settings) -> Recipe:
    sections: dict[str, _Settings] = {"training": {}, "data": {}}
    for key, value in settings.items():
        section, _, name = key.partition(".")
        sections[section][name] = value
    return dataclasses.replace(
        recipe,
        training=recipe.training.model_copy(update=sections["training"]),
        data=recipe.data.model_copy(update=sections["data"]),
    )


@contextmanager
def explain_out_of_memory(run: Run) -> Iterator[None]:
    """Raise TrainingError where memory runs out inside: step, bytes asked for, last checkpoint, and what would fit."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        asked = _read_request(error)
        if asked is None:
            raise
        # The frames hold the step's tensors; without them there is memory for an estimate.
        traceback.clear_frames(error.__traceback__)
        said = str(error)
    else:
        return
    raise TrainingError(_advise(run, asked)) from MemoryError(said)


def _read_request(error: Exception) -> str | None:
    """Read how much could not be allocated, "" when the error does not say; None for an error of another kind."""
    said = str(error)
    ours = isinstance(error, torch.OutOfMemoryError | MemoryError) or re.search(
        r"can't allocate memory|not enough memory|DefaultCPUAllocator|CUDA error: out of memory", said
    )
    if not ours:
        return None
    found = re.search(r"[Tt]ried to allocate ([\d.]+ \w+?)(?: *\(|\.|$|\s)", said)
    count = re.search(r"allocate (\d+) bytes", said)
    return format_bytes(int(count[1])) if count else found[1] if found else ""


def _advise(run: Run, asked: str) -> str:
    learner, recipe = run.learner, run.recipe
    learner.zero_grad()
    device = "cuda" if run.device.type == "cuda" else "cpu"
    more = f" when {asked} more were asked for" if asked else ""
    start = f"step {learner.step + 1}: out of memory on {run.device}{more}; {what_is_left(run.folder)}"
    try:
        count = run.processes.count
        recipe = _change_recipe(recipe, {"training.batch": recipe.training.batch // count})  # this process's share
        size = recipe.data.size
        parts = learner.networks, learner.losses, recipe.training, learner.precision
        now = estimate_step(*parts, size, device, recipe.topology)
        left = measure_free_memory(device)
        has = now.peak if left is None else min(now.peak, left + now.persistent)
        fitting = suggest_changes(recipe, device, learner.precision, int((1 - SPARE) * has), learner.losses)
    except (PtkError, MemoryError, RuntimeError):
        return f"{start}; lower training.batch or data.size"
    takes = f"a step takes about {format_bytes(now.peak)}"
    if not fitting:
        return f"{start}; {takes}, and no batch, size or precision would make it fit; make the networks narrower"
    fixes = []
    for change in fitting:
        if "training.batch" in change.settings:  # this process's share; the recipe's is that of all
            change.settings["training.batch"] *= count
        fixes.append(" ".join(f"`set` {text}" for text in change.assignments) + f" ({change.effect})")
    return f"{start}; {takes}; what would fit: {' or '.join(fixes)}"
