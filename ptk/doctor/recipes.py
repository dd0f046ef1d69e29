"""What the recipes that come with ptk would do on this machine."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ptk.cost.available_memory import format_bytes, measure_free_memory
from ptk.cost.forecast import Forecast, measure_flops
from ptk.cost.memory import Losses, estimate
from ptk.data.missing import list_missing
from ptk.device import resolve_device, resolve_precision
from ptk.doctor.findings import Finding, State, one_line
from ptk.errors import PtkError, RecipeError
from ptk.recipe.build import build_parts, without_pretrained
from ptk.recipe.load import load_recipe, name_recipe
from ptk.recipe.schema import Recipe
from ptk.training.run import build_losses_of, build_networks
from ptk.training.step import Learner
from ptk.types import Faces, Pair

__all__ = ["foreseen", "prospect", "readiness"]

PATIENCE = 10.0
"""Seconds that a recipe is measured; where two of its steps take longer, smaller ones are."""

_CORES = os.cpu_count() or 1

_TOO_LONG = 60 * 86400
"""Seconds that nobody will wait for."""


def readiness(path: Path) -> Iterator[Finding]:
    """Whether a recipe can begin to train: its parts, its data and the extras of its domains are there."""
    try:
        recipe = load_recipe(path)
        lacking = _lacking(recipe)
    except RecipeError as error:
        yield Finding(name_recipe(path), "; ".join(error.mistakes), "broken", f"`check_recipe({name_recipe(path)})`")
        return
    if lacking:
        yield Finding(name_recipe(path), f"cannot train yet: {lacking}", "remark")
    else:
        yield Finding(name_recipe(path), "ready to train")


def prospect(path: Path, patience: float = PATIENCE) -> Iterator[Finding]:
    """What a recipe's training takes here, as `ptk train` would run it: images a second, time, memory."""
    try:
        recipe = load_recipe(path)
    except RecipeError as error:
        yield Finding(name_recipe(path), "; ".join(error.mistakes), "broken", f"`check_recipe({name_recipe(path)})`")
        return
    device = resolve_device("auto")
    precision = resolve_precision(recipe.training.precision, device)
    others, start = _computed_by_others(), time.perf_counter()
    found, how = foreseen(recipe, device, precision, patience)
    busy = (_computed_by_others() - others) / (time.perf_counter() - start)
    pace = 2 * recipe.training.batch / found.seconds
    where = f"on {device}, {str(precision).removeprefix('torch.')}{how}"
    text = f"{pace:.2g} images/s of {recipe.data.size} px {where}: {found.format(recipe.training.steps)}"
    if found.missing:
        text += f", {format_bytes(found.missing)} more than is free"
    values: dict[str, Any] = {
        "images_per_second": pace,
        "seconds_a_step": found.seconds,
        "seconds": found.seconds * recipe.training.steps,
        "memory": found.memory,
        "measured": found.measured,
    }
    state: State = "good"
    mend = ""
    if found.missing:
        state, mend = "remark", f"`check_recipe({recipe.name}, memory=True)` says what would fit"
    elif found.seconds * recipe.training.steps > _TOO_LONG:
        state, mend = "remark", "take a faster GPU, or a smaller recipe: `list_recipes` lists them"
    yield Finding(recipe.name, text, state, mend, values=values)
    if (found.measured or how) and device.type == "cpu" and busy + torch.get_num_threads() > _CORES + 0.3:
        text = f"others kept {busy:.1f} of {_CORES} cores busy while it was measured: it is faster without them"
        yield Finding(recipe.name, text, "remark", "run `examine(measure=True)` again when nothing else computes")
    lacking = _lacking(recipe)
    if lacking:
        yield Finding(recipe.name, f"cannot train yet: {lacking}", "remark")


def _computed_by_others() -> float:
    """Seconds that the machine's cores have computed for other processes than this; 0 where nobody counts them."""
    try:
        counts = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    except OSError:
        return 0.0
    user, nice, system, _idle, _waiting, *interrupts = map(int, counts)
    ticks = user + nice + system + sum(interrupts)
    return ticks / os.sysconf("SC_CLK_TCK") - time.process_time()


def foreseen(
    recipe: Recipe, device: torch.device, precision: torch.dtype, patience: float = PATIENCE
) -> tuple[Forecast, str]:
    """Seconds and memory of a step on faces of noise, and, where it was no step of the recipe's own size, of which.

    Steps are measured for `patience` seconds. Where two would take longer, or more memory than there is, it is steps of
    one smaller pair, and the time is that of the same FLOPs in the same networks. Nothing is downloaded.
    """
    recipe = without_pretrained(recipe)
    losses = build_losses_of(recipe, torch.device("cpu"))
    step = estimate(recipe, device.type, precision, losses)
    rate, left = measure_flops(device), measure_free_memory(device.type)
    missing = 0 if left is None else max(0, step.peak - left)
    if not missing and 2 * step.flops / rate <= patience:
        seconds = _measure(recipe, losses, device, precision, patience)
        return Forecast(step.flops, seconds, step.peak, measured=True), ""
    small = _smaller(recipe, 0.5 * patience * rate * recipe.training.batch / step.flops)
    try:
        less = estimate(small, device.type, precision, losses)
    except (PtkError, RuntimeError):  # that size does not go through its networks
        less = None
    how = ""
    if less is not None and 2 * less.flops / rate <= 3 * patience and (left is None or less.peak < left):
        rate = less.flops / _measure(small, losses, device, precision, patience)
        how = f", from a step of one pair of {small.data.size} px"
    return Forecast(step.flops, step.flops / rate, step.peak, measured=False, missing=missing), how


def _smaller(recipe: Recipe, share: float) -> Recipe:
    """The recipe with one pair of its size, half or a quarter of it: the largest that is at most `share` of its pixels.

    Smaller ones would tell of weights that are read and gradients that are written, hardly of pixels.
    """
    size = recipe.data.size
    sides = [size // part for part in (1, 2, 4) if size % part == 0]
    side = next((one for one in sides if one**2 <= share * size**2), sides[-1])
    training = recipe.training.model_copy(update={"batch": 1, "accumulate": 1})
    return replace(recipe, training=training, data=recipe.data.model_copy(update={"size": side}))


def _measure(recipe: Recipe, losses: Losses, device: torch.device, precision: torch.dtype, patience: float) -> float:
    """The median of the seconds of steps, after one to warm up; one, or as many as go into `patience` seconds."""
    end = time.perf_counter() + patience
    for loss in (loss for terms in losses.values() for loss in terms):
        loss.function.to(device)
    learner = Learner(build_networks(recipe, device), losses, recipe.training, precision)
    pair = _noise(recipe, device)
    taken: list[float] = []
    while len(taken) < 2 or time.perf_counter() < end:
        start = time.perf_counter()
        learner.learn(pair)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken[1:])


def _noise(recipe: Recipe, device: torch.device) -> Pair:
    batch, size = recipe.training.batch, recipe.data.size

    def faces() -> Faces:
        return Faces(
            points=torch.rand(batch, 68, 2, device=device),
            domain=torch.zeros(batch, dtype=torch.int64, device=device),
            image=torch.rand(batch, 3, size, size, device=device) * 2 - 1,
            dense=torch.rand(batch, recipe.topology.count, 2, device=device),
        )

    return Pair(a=faces(), b=faces())


def _lacking(recipe: Recipe) -> str:
    """What keeps the recipe from training, in a line; "" for nothing."""
    try:
        build_parts(recipe, "domain")
        return "; ".join(list_missing(recipe))
    except PtkError as error:
        return str(error)
    except Exception as error:
        return one_line(error)
