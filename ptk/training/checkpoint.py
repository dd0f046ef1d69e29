"""Checkpoints and weights: safetensors and JSON, no pickle, whole or not there.

A run keeps ``checkpoints/000500/`` with ``tensors.safetensors`` (networks, losses, average, optimisers, random states)
and ``state.json`` (step, recipe, data). The average of the generator is what people use: ``weights.safetensors``, whose
metadata says all that is needed to use it.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ptk import module_state
from ptk.errors import TrainingError, WeightsError
from ptk.files import replacing_folder
from ptk.plain import parse_json
from ptk.recipe.weights import write_weights
from ptk.training import optimiser_state
from ptk.training.step import Learner

__all__ = [
    "check_state",
    "checkpoints",
    "latest_checkpoint",
    "restore",
    "save_checkpoint",
    "save_weights",
    "what_is_left",
]

_SCHEMA = "ptk.checkpoint/1"
_KEPT = 2


def save_checkpoint(run: Path, learner: Learner, record: Mapping[str, Any]) -> Path:
    """Write the checkpoint of the learner's step into `run`, then let old ones go; returns its folder.

    `record` is plain data that `restore` hands back. Raises OutputError; the checkpoints before stay whole.
    """
    _clear_away(run)
    folder = run / "checkpoints" / f"{learner.step:06d}"
    if folder.exists():
        return folder
    state = {"schema": _SCHEMA, "step": learner.step, "python_random": random.getstate(), **record}
    with replacing_folder(folder) as temporary:
        save_file(_tensors(learner), temporary / "tensors.safetensors")
        (temporary / "state.json").write_text(json.dumps(state), encoding="utf-8")
    for old in checkpoints(run)[:-_KEPT]:
        os.replace(old, old.with_name(f".{old.name}.part"))  # what is deleted in part must not look whole
    _clear_away(run)
    return folder


def _clear_away(run: Path) -> None:
    """Delete what a killed run was still writing or deleting: nobody else writes into this one."""
    for names in ("checkpoints/.*.part", "grids/.*.part", ".run.json.*.part", ".weights.safetensors.*.part"):
        for gone in run.glob(names):
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink()


def checkpoints(run: Path) -> list[Path]:
    """The checkpoints of a run, oldest first. One still being written has another name, so each of these is whole."""
    folders = (run / "checkpoints").glob("[0-9]*")
    steps = [folder for folder in folders if re.fullmatch(r"[0-9]{1,18}", folder.name) and folder.is_dir()]
    return sorted(steps, key=lambda folder: int(folder.name))


def what_is_left(run: Path) -> str:
    """Which checkpoint is the last one, in words."""
    there = checkpoints(run)
    return f"the last checkpoint is {there[-1]}" if there else "there is no checkpoint yet"


def latest_checkpoint(run: Path) -> Path | None:
    """The newest checkpoint; None where the run ended before its first one: it begins again.

    Raises TrainingError when there is no run, or when it would need the weights that it started from.
    """
    found = checkpoints(run)
    if found:
        return found[-1]
    try:
        started = "started_from" in parse_json((run / "run.json").read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise TrainingError(f"{run}: no checkpoint to go on from; train without `resume`") from error
    if started:
        raise TrainingError(f"{run}: ended before its first checkpoint; train with `start_from`, without `resume`")
    return None


def restore(folder: Path, learner: Learner, state: Mapping[str, Any] | None = None) -> None:
    """Put the learner, and the random states, where the checkpoint was; `state` saves reading its plain data again.

    Raises WeightsError.
    """
    state = read_state(folder) if state is None else state
    try:
        tensors = load_file(folder / "tensors.safetensors")
        _load(learner, tensors)
        learner.step = int(state["step"])
        version, words, gauss = state["python_random"]
        random.setstate((version, tuple(words), gauss))
    except (OSError, SafetensorError, LookupError, RuntimeError, ValueError, TypeError, OverflowError) as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{folder}: damaged, or of another recipe ({reason}); delete it to use the one before"
        ) from error


def read_state(folder: Path) -> dict[str, Any]:
    """The plain data of a checkpoint; its `record` is a dict. Raises WeightsError."""
    try:
        state = parse_json((folder / "state.json").read_bytes())
    except (OSError, ValueError) as error:
        raise WeightsError(f"{folder}: damaged ({error}); delete it to use the one before") from error
    if not isinstance(state, dict) or state.get("schema") != _SCHEMA:
        raise WeightsError(f"{folder}: not a checkpoint of this version of ptk ({_SCHEMA})")
    record, step = state.get("record"), state.get("step")
    plugins = record.get("plugins", []) if isinstance(record, dict) else None
    named = isinstance(plugins, list) and all(isinstance(one, str) for one in plugins)
    counted = isinstance(step, int) and not isinstance(step, bool) and step >= 0
    if not named or not counted:
        raise WeightsError(f"{folder}: damaged (no step or record in its state.json); delete it to use the one before")
    return state


def save_weights(path: Path, learner: Learner, metadata: Mapping[str, Any]) -> None:
    """Write the averaged generator and the conditioners, with `metadata` as JSON. Raises OutputError."""
    tensors = {f"generator.{name}": tensor for name, tensor in learner.average.network.state_dict().items()}
    tensors |= {f"conditioners.{name}": tensor for name, tensor in learner.networks.conditioners.state_dict().items()}
    write_weights(path, tensors, {**metadata, "step": learner.step})


def _stored(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as safetensors takes them: on the CPU, contiguous, no two in one storage."""
    stored, taken = {}, set()
    for name, tensor in tensors.items():
        kept = tensor.detach().cpu().contiguous()
        address = kept.untyped_storage().data_ptr()
        stored[name] = kept.clone() if address in taken else kept
        taken.add(address)
    return stored


def check_state(learner: Learner) -> None:
    """Raise PluginError, before training, where a part has state that a checkpoint cannot keep."""
    for name, module in (learner.networks.parts() | _losses(learner)).items():
        module_state.read_state(module, name)


def _losses(learner: Learner) -> dict[str, nn.Module]:
    """The losses by "losses.side.name"."""
    return {f"losses.{side}.{loss.name}": loss.function for side, terms in learner.losses.items() for loss in terms}


def _tensors(learner: Learner) -> dict[str, Tensor]:
    found = {f"networks.{name}": tensor for name, tensor in learner.networks.state_dict().items()}
    found |= {f"average.{name}": tensor for name, tensor in learner.average.network.state_dict().items()}
    for place, module in _losses(learner).items():
        found |= {f"{place}.{key}": tensor for key, tensor in module_state.read_state(module, place).items()}
    for side, optimiser in learner.optimisers.items():
        state = optimiser_state.read_state(optimiser)
        found |= {f"optimiser.{side}.{name}": tensor for name, tensor in state.items()}
    found["random.torch"] = torch.get_rng_state()
    if torch.cuda.is_available():
        found["random.cuda"] = torch.cuda.get_rng_state()
    _, words, position, has_gauss, gauss = np.random.get_state(legacy=True)
    found["random.numpy"] = torch.from_numpy(np.asarray(words).astype(np.int64))
    found["random.numpy.place"] = torch.tensor([position, has_gauss, gauss], dtype=torch.float64)
    return _stored(found)


def _load(learner: Learner, tensors: Mapping[str, Tensor]) -> None:
    learner.networks.load_state_dict(_below("networks.", tensors))
    learner.average.network.load_state_dict(_below("average.", tensors))
    if _below("losses.", tensors):  # older checkpoints have nothing of losses: those begin as they are built
        for place, module in _losses(learner).items():
            module_state.load_state(module, _below(f"{place}.", tensors))
    for side, optimiser in learner.optimisers.items():
        state = _below(f"optimiser.{side}.", tensors)
        optimiser_state.load_state(optimiser, state, partial(learner.build_optimiser, side))
    torch.set_rng_state(tensors["random.torch"])
    if torch.cuda.is_available() and "random.cuda" in tensors:
        torch.cuda.set_rng_state(tensors["random.cuda"])
    position, has_gauss, gauss = tensors["random.numpy.place"].tolist()
    words = tensors["random.numpy"].numpy().astype(np.uint32)
    np.random.set_state(("MT19937", words, int(position), int(has_gauss), gauss))


def _below(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
