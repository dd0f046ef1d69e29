"""A run: a folder with everything that one training writes, set up from a recipe."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

import ptk
from ptk.data.augment import reach
from ptk.data.faceset import FaceSet, describe
from ptk.data.pairs import Pairs
from ptk.data.renderings import Progress
from ptk.data.streams import StreamedPairs, held_out, training_pairs
from ptk.errors import TrainingError
from ptk.files import write_bytes
from ptk.recipe.build import (
    WeightedLoss,
    build_conditioners,
    build_discriminator,
    build_domains,
    build_generator,
    build_losses,
    build_metrics,
)
from ptk.recipe.observing import Observers, build_observers
from ptk.recipe.schema import Recipe
from ptk.registry.registry import load_registry
from ptk.training.checkpoint import checkpoints, latest_checkpoint, read_state, restore
from ptk.training.networks import PairNetworks
from ptk.training.processes import Processes, seed_all
from ptk.training.start import freeze, start_from
from ptk.training.step import SIDES, Learner

__all__ = ["Run", "build_losses_of", "build_networks", "start_run"]

_MAY_CHANGE = ("steps", "checkpoint", "grid", "accumulate", "checkpointing", "compile")


@dataclass(frozen=True)
class Run:
    """What `ptk.training.loop.train` needs. `record` is stored with checkpoints and, as metadata, with weights."""

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


def start_run(
    recipe: Recipe,
    folder: Path,
    device: torch.device,
    precision: torch.dtype,
    *,
    resume: bool = False,
    start: Path | None = None,
    observe: Sequence[str] = (),
    processes: Processes | None = None,
    progress: Progress = lambda *_: None,
    warn: Callable[[str], None] = warnings.warn,
) -> Run:
    """Load data, build networks and, with `resume`, put everything where the last checkpoint of `folder` was.

    Raises TrainingError when the folder holds a run and `resume` is not asked for, or one of another recipe; DataError,
    MissingExtra and PluginError for what the recipe names and cannot be had. `folder` is made only when all is well.
    `start` are weights whose generator the run begins with; they must know the recipe's domains. `observe` names
    observers beside TensorBoard (see `ptk.recipe.observing`); `warn` is told when one of them fails. `processes` train
    it together, this one by itself if None; each calls this.
    """
    _check_start(recipe, folder, resume, start)
    checkpoint = latest_checkpoint(folder) if resume else None
    processes = processes or Processes(device)
    rows = processes.rows(recipe.training)
    observers = build_observers(("tensorboard", *observe) if processes.first else (), warn)
    domains = build_domains(recipe)
    with processes.first_before_others():  # what the first one renders the others find
        pairs = training_pairs(recipe, domains, device, progress, rows)
        tested = held_out(recipe, domains, progress) if processes.first else None
    torch.backends.cudnn.benchmark = True  # all batches are of one shape, for which CUDA then seeks the quickest way
    seed_all(recipe.training.seed)
    networks, losses = build_networks(recipe, device), build_losses_of(recipe, device)
    started = start_from(start, networks, recipe) if start else None
    if recipe.training.freeze:
        freeze(networks, recipe)
    learner = Learner(networks, losses, recipe.training, precision)
    record = _record(recipe, learner, device, precision) | ({"started_from": started} if started else {})
    other_plugins = _go_on(checkpoint, record, learner) if checkpoint else []
    run = Run(
        folder=folder,
        recipe=recipe,
        learner=learner,
        pairs=pairs,
        held_out=tested,
        metrics=build_metrics(recipe),
        device=device,
        record=record,
        warnings=(*_said(losses, "warning"), *_beyond_the_margin(recipe, pairs), *other_plugins),
        observers=observers,
        processes=processes,
    )
    if processes.first:
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / "run.json", json.dumps(record, indent=2).encode())
    return run


def _check_start(recipe: Recipe, folder: Path, resume: bool, start: Path | None) -> None:
    if checkpoints(folder) and not resume:
        raise TrainingError(f"{folder}: holds a run already; go on with --resume, or choose another --out")
    if resume and start:
        raise TrainingError(f"{folder}: a run that goes on has its weights; leave out --start-from, or --resume")
    if recipe.training.freeze and not (resume or start):
        raise TrainingError("training.freeze: keeps networks as they start, and this is noise; add --start-from")


def build_networks(recipe: Recipe, device: torch.device) -> PairNetworks:
    """The networks of a run, initialised from torch's random state, on `device`."""
    conditioners = build_conditioners(recipe)
    generator = build_generator(recipe, conditioners)
    discriminator = build_discriminator(recipe, conditioners)
    networks = PairNetworks(
        conditioners,
        generator,
        discriminator,
        checkpointing=recipe.training.checkpointing,
        one_way=recipe.data.one_way,
    )
    return networks.to(device)


def build_losses_of(recipe: Recipe, device: torch.device) -> dict[str, list[WeightedLoss]]:
    """The losses of both sides, on `device`."""
    losses = {side: build_losses(recipe, side) for side in SIDES}
    for terms in losses.values():
        for loss in terms:
            loss.function.to(device)
    return losses


def _record(recipe: Recipe, learner: Learner, device: torch.device, precision: torch.dtype) -> dict[str, Any]:
    """What is written beside and into everything that the run makes: plain data."""
    losses = learner.losses
    registry = load_registry()
    data = describe(recipe)
    return {
        "recipe": recipe.document,
        "domains": recipe.domain_names,
        "channels": {"image": 3, **learner.networks.conditioners.channels},
        "data": data,
        "licence": data["licence"],
        "plugins": sorted({registry.part(kind, name).origin for kind, name in recipe.parts}),
        "losses": _recorded(losses),
        "warnings": _said(losses, "warning"),
        "device": str(device),
        "precision": str(precision).removeprefix("torch."),
        "versions": {"ptk": ptk.__version__, "torch": torch.__version__},
    }


def _beyond_the_margin(recipe: Recipe, pairs: Pairs | StreamedPairs) -> list[str]:
    """What to say where augmentation asks for pixels that are not there."""
    asked = reach(recipe.data.augment)
    if asked < pairs.margin + 1 / recipe.data.size:
        return []
    return [
        f"data.augment reaches {asked:.3f} of the side beyond the crop, where these images show {pairs.margin:g}: "
        "border pixels are repeated; prepare them with a wider --margin, or augment less"
    ]


def _recorded(losses: Mapping[str, list[WeightedLoss]]) -> dict[str, Any]:
    """What losses say of themselves that the recipe does not: which weights a texture network really got."""
    said = {}
    for loss in (loss for side in losses.values() for loss in side):
        record: Any = getattr(loss.function, "record", None)
        if callable(record):
            said[loss.name] = record()
    return said


def _said(losses: Mapping[str, list[WeightedLoss]], attribute: str) -> list[str]:
    functions: list[nn.Module] = [loss.function for side in losses.values() for loss in side]
    said = [getattr(function, attribute, None) for function in functions]
    return [text for text in said if isinstance(text, str)]


def _check_same(checkpoint: Path, record: dict[str, Any]) -> None:
    """A run goes on only with what it began with; how long it trains, and how often it reports, may change."""
    before = read_state(checkpoint)["record"]
    for name in ("recipe", "data", "losses"):
        if _fixed(before.get(name)) != _fixed(record[name]):
            raise TrainingError(
                f"{checkpoint.parents[1]}: began with another {name}; go on with that, or choose another --out"
            )


def _go_on(checkpoint: Path, record: dict[str, Any], learner: Learner) -> list[str]:
    """Put the learner where the checkpoint was; what to say of other plug-ins, in words."""
    _check_same(checkpoint, record)
    record |= {name: value for name, value in read_state(checkpoint)["record"].items() if name == "started_from"}
    restore(checkpoint, learner)
    return _other_plugins(checkpoint, record)


def _other_plugins(checkpoint: Path, record: dict[str, Any]) -> list[str]:
    """What to say where a run goes on with other versions of its plug-ins."""
    before, now = read_state(checkpoint)["record"].get("plugins", []), record["plugins"]
    if before == now:
        return []
    return [f"this run began with {', '.join(before)} and goes on with {', '.join(now)}"]


def _fixed(said: Any) -> Any:
    said = json.loads(json.dumps(said, default=str))
    if isinstance(said, dict) and isinstance(said.get("training"), dict):
        said["training"] = {key: value for key, value in said["training"].items() if key not in _MAY_CHANGE}
    if isinstance(said, dict):
        said.pop("source", None)  # a data set may have moved; its hash tells
    if isinstance(said, dict) and isinstance(said.get("data"), dict):
        said["data"].pop("source", None)
    return said
