"""A run: a folder with everything that one training writes, set up from a recipe."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

import ptk
from ptk.data.faceset import FaceSet
from ptk.data.pairs import Pairs
from ptk.data.source import DataSource, open_source
from ptk.data.streams import StreamedPairs
from ptk.dataset.renderings import Progress
from ptk.errors import TrainingError
from ptk.files import write_bytes
from ptk.random_states import seed_all
from ptk.recipe.build import (
    WeightedLoss,
    build_conditioners,
    build_discriminator,
    build_generator,
    build_losses,
    build_parts,
    count_parameters,
)
from ptk.recipe.observing import Observers, build_observers
from ptk.recipe.schema import Recipe
from ptk.recipe.weights import adopt_record, read_metadata, write_record
from ptk.registry.registry import load_registry
from ptk.training.checkpoint import check_state, checkpoints, latest_checkpoint, read_state, restore
from ptk.training.data_warnings import data_warnings
from ptk.training.distributed.processes import Processes
from ptk.training.networks import AdversarialNetworks
from ptk.training.same_run import check_same, check_step, other_plan, other_plugins
from ptk.training.start_weights import freeze, start_from
from ptk.training.step import SIDES, Learner

__all__ = ["Run", "build_losses_of", "build_networks", "start_run"]


@dataclass(frozen=True)
class Run:
    """What `ptk.training.loop.train` needs. `record` is stored with checkpoints and, as metadata, with weights.

    `until` is the step after which it ends, the recipe's last one or an earlier one. `recurring` counts the images that
    it sees over and over (see `DataSource.count_recurring`).
    """

    folder: Path
    recipe: Recipe
    learner: Learner
    pairs: Pairs | StreamedPairs
    held_out: FaceSet | None
    metrics: Mapping[str, Any]
    device: torch.device
    record: dict[str, Any]
    warnings: tuple[str, ...]
    observers: Observers
    processes: Processes
    until: int
    recurring: int


def start_run(
    recipe: Recipe,
    folder: Path,
    device: torch.device,
    precision: torch.dtype,
    *,
    resume: bool = False,
    start: Path | None = None,
    until: int | None = None,
    observe: Sequence[str] = (),
    processes: Processes | None = None,
    progress: Progress = lambda *_: None,
    warn: Callable[[str], None] = warnings.warn,
) -> Run:
    """Load data, build networks and, with `resume`, restore the last checkpoint of `folder`.

    `folder` is made only when all is well. `start` are weights to begin with, of the recipe's domains. `until` ends the
    run after that step of the recipe's plan, to be resumed as if it had not ended; None trains all steps. `observe`
    names observers beside TensorBoard; `warn` is told when one fails. Each of `processes` calls this.

    Raises RecipeError when the data lacks landmarks or domains that the recipe needs; TrainingError when the folder
    holds a run and `resume` is not asked for, or another recipe's; DataError, MissingExtra and PluginError.
    """
    source = _open_source(recipe, folder, resume, start)
    checkpoint = latest_checkpoint(folder) if resume else None
    state = read_state(checkpoint) if checkpoint else None
    source.recipe = recipe = _as_begun(recipe, checkpoint, state, start)
    processes = processes or Processes(device)
    observers = build_observers(("tensorboard", *observe) if processes.first else (), warn)
    with processes.first_before_others():  # what the first one renders the others find
        pairs = source.training_pairs(device, progress, processes.rows(recipe.training))
        tested = source.held_out(progress) if processes.first else None
    torch.backends.cudnn.benchmark = True  # all batches are of one shape, for which CUDA then seeks the quickest way
    seed_all(recipe.training.seed)
    networks, losses = build_networks(recipe, device), build_losses_of(recipe, device)
    started = _put_at_start(networks, recipe, start)
    learner = Learner(networks, losses, recipe.training, precision)
    record = _record(source, learner, device, precision) | started
    check_state(learner)
    metrics = build_parts(recipe, "metric")  # before random states are restored: it may draw
    last = min(until if until is not None else recipe.training.steps, recipe.training.steps)
    changed = _resume(checkpoint, state, record, learner, recipe, last) if checkpoint and state else []
    if processes.first:
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / "run.json", json.dumps(record, indent=2).encode())
    return Run(
        folder=folder,
        recipe=recipe,
        learner=learner,
        pairs=pairs,
        held_out=tested,
        metrics=metrics,
        device=device,
        record=record,
        warnings=(*_warnings(losses), *data_warnings(recipe, pairs, tested), *_list_own_parameters(losses), *changed),
        observers=observers,
        processes=processes,
        until=last,
        recurring=source.count_recurring(),
    )


def _put_at_start(networks: AdversarialNetworks, recipe: Recipe, start: Path | None) -> dict[str, Any]:
    """Give networks the weights that they start from, and freeze what shall stay so; returns what to record of it."""
    started = {"started_from": start_from(start, networks, recipe)} if start else {}
    if recipe.training.freeze:
        freeze(networks, recipe)
    return started


def _open_source(recipe: Recipe, folder: Path, resume: bool, start: Path | None) -> DataSource:
    """Open the recipe's data. Raises what start_run does where they, `folder` or `start` do not fit the run."""
    source = open_source(recipe)
    source.check()
    if checkpoints(folder) and not resume:
        raise TrainingError(f"{folder}: holds a run already; resume it with `resume`, or choose another `out`")
    if resume and start:
        raise TrainingError(f"{folder}: a run that is resumed has its weights; leave out `start_from`, or `resume`")
    if recipe.training.freeze and not (resume or start):
        raise TrainingError("training.freeze: keeps networks as they start, and this is noise; add `start_from`")
    return source


def _as_begun(recipe: Recipe, checkpoint: Path | None, state: Mapping[str, Any] | None, start: Path | None) -> Recipe:
    """The recipe with the geometry and the plain domain that its networks began with, here or in weights `start`."""
    if checkpoint is not None and state is not None:
        return adopt_record(recipe, state["record"], checkpoint, "delete it to use the one before")
    if start is None:
        return recipe
    metadata = read_metadata(start)
    same = tuple(metadata.get("domains", ())) == recipe.domain_names  # else `start_from` refuses them
    return adopt_record(recipe, metadata, start) if same else recipe


def build_networks(recipe: Recipe, device: torch.device) -> AdversarialNetworks:
    """The networks of a run, initialised from torch's random state, on `device`."""
    conditioners = build_conditioners(recipe)
    generator = build_generator(recipe, conditioners)
    discriminator = build_discriminator(recipe, conditioners)
    networks = AdversarialNetworks(
        conditioners,
        generator,
        discriminator,
        checkpointing=recipe.training.checkpointing,
        one_way=bool(recipe.data.one_way),
        paired=recipe.data.pairs != "unpaired",
    )
    return networks.to(device)


def build_losses_of(recipe: Recipe, device: torch.device) -> dict[str, list[WeightedLoss]]:
    """The losses of both sides, on `device`."""
    losses = {side: build_losses(recipe, side) for side in SIDES}
    for terms in losses.values():
        for loss in terms:
            loss.function.to(device)
    return losses


def _record(source: DataSource, learner: Learner, device: torch.device, precision: torch.dtype) -> dict[str, Any]:
    """Collect what is written beside and into everything that the run makes: plain data."""
    recipe, losses, data = source.recipe, learner.losses, source.description
    # which weights a texture network really got, and the like
    said_of_losses = {loss.name: loss.declares.record() for side in losses.values() for loss in side}
    return {
        "recipe": recipe.document,
        "domains": recipe.domain_names,
        **write_record(recipe),
        "channels": {"image": 3, **learner.networks.conditioners.channels},
        "data": data,
        "licence": data["licence"],
        "plugins": _origins(recipe.parts),
        "editing_plugins": _origins(recipe.editing_parts),
        "losses": {name: said for name, said in said_of_losses.items() if said is not None},
        "warnings": _warnings(losses),
        "device": str(device),
        "precision": str(precision).removeprefix("torch."),
        "versions": {"ptk": ptk.__version__, "torch": torch.__version__},
    }


def _origins(parts: Iterable[tuple[str, str]]) -> list[str]:
    """The distributions that offer `parts`, with their versions."""
    return sorted({load_registry().part(kind, name).origin for kind, name in parts})


def _list_own_parameters(losses: Mapping[str, list[WeightedLoss]]) -> list[str]:
    """Warn of losses that train parameters of their own: a network meant to be frozen is found by this."""
    return [
        f"losses.{side}.{loss.name} trains {count:,} parameters of its own"
        for side, terms in losses.items()
        for loss in terms
        if (count := count_parameters(loss.function))
    ]


def _warnings(losses: Mapping[str, list[WeightedLoss]]) -> list[str]:
    texts = [loss.declares.warning for side in losses.values() for loss in side]
    return [text for text in texts if text]


def _resume(
    checkpoint: Path,
    state: Mapping[str, Any],
    record: dict[str, Any],
    learner: Learner,
    recipe: Recipe,
    until: int,
) -> list[str]:
    """Restore the learner from the checkpoint; returns warnings of what is not as it was."""
    run, before = checkpoint.parents[1], state["record"]
    check_same(run, before, record)
    record |= {name: value for name, value in before.items() if name == "started_from"}
    restore(checkpoint, learner, state)
    check_step(run, learner.step, until)
    return [*other_plugins(before, record), *other_plan(learner.step, before, recipe)]
