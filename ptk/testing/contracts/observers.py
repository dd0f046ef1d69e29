"""What observers must hold: whatever happens can be told to them."""

from __future__ import annotations

import difflib
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from ptk.events import CheckpointWritten, EditMade, GridDrawn, Measured, Observer, RunEnded, RunStarted
from ptk.testing.assertions import expect
from ptk.testing.contracts.common import DESCRIBED, SENT
from ptk.testing.rule import Rule
from ptk.types import Tick

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]

_HEARD = tuple(name for name, value in vars(Observer).items() if callable(value) and not name.startswith("_"))


def _hears(trial: Trial) -> None:
    kind = type(trial.built)
    heard = [name for name in _HEARD if getattr(kind, name) is not getattr(Observer, name)]
    own = [name for name in vars(kind) if callable(vars(kind)[name]) and not name.startswith("_")]
    near = [(name, *found) for name in own if name not in _HEARD and (found := difflib.get_close_matches(name, _HEARD))]
    expect(not near, "; ".join(f"{name} is told nothing: did you mean {found}?" for name, found, *_ in near))
    expect(bool(heard), f"it must override what it wants to hear: {', '.join(_HEARD)}")


@contextmanager
def _run() -> Iterator[Path]:
    """A folder as that of a run, with a grid and a checkpoint."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        levels = np.arange(64 * 96 * 3, dtype=np.uint32) % 251
        (folder / "grids").mkdir()
        Image.fromarray(levels.astype(np.uint8).reshape(64, 96, 3)).save(folder / "grids" / "000002.png")
        checkpoint = folder / "checkpoints" / "000002"
        checkpoint.mkdir(parents=True)
        for path in (checkpoint / "state.safetensors", folder / "weights.safetensors"):
            save_file({"generator.head.weight": torch.zeros(3, 8, 3, 3)}, path)
        yield folder


_RECORD = {
    "recipe": {"recipe": "portraitgan-tiny", "domains": ["photo", "sketch"], "training": {"steps": 4, "lr": 2e-4}},
    "data": {"source": "sample", "licence": "CC0-1.0", "detector": "mesh", "sha256": "0" * 64},
    "plugins": {"ptk-beard": "0.1.0"},
    "versions": {"ptk": "0.1.0", "torch": "2.13.0", "python": "3.11.2"},
    "device": "cpu",
    "precision": "float32",
}


def _whole(trial: Trial) -> None:
    with _run() as folder:
        _tell_run(trial.build(), folder, step=0, how="finished")


def _resumed(trial: Trial) -> None:
    with _run() as folder:
        _tell_run(trial.build(), folder, step=0, how="stopped")
        _tell_run(trial.build(), folder, step=2, how="finished")


def _tell_run(observer: Observer, folder: Path, step: int, how: str) -> None:
    record = {**_RECORD, "step": step}
    observer.run_started(RunStarted(folder=folder, step=step, steps=4, parameters=45_600_000, record=record))
    for done in (step + 1, step + 2):
        losses = {"generator.lsgan": 0.5 / done, "generator.identity": 0.3, "critic.lsgan": 0.25}
        observer.tick(Tick(step=done, losses=losses, images_per_second=2.5))
    observer.measured(Measured(step=step + 2, values={"mse": 0.011, "ssim": 0.655}))
    observer.grid_drawn(GridDrawn(step=step + 2, path=folder / "grids" / "000002.png"))
    weights = folder / "weights.safetensors"
    path = folder / "checkpoints" / "000002"
    observer.checkpoint_written(CheckpointWritten(step=step + 2, path=path, weights=weights))
    observer.run_ended(RunEnded(step=step + 2, how=how))  # type: ignore[arg-type]


def _failed(trial: Trial) -> None:
    with _run() as folder:
        observer = trial.build()
        observer.run_started(RunStarted(folder=folder, step=0, steps=4, parameters=9, record=_RECORD))
        observer.run_ended(RunEnded(step=0, how="failed"))


def _edit(trial: Trial) -> None:
    with _run() as folder:
        photo = folder / "grids" / "000002.png"
        weights = folder / "weights.safetensors"
        trial.build().edit_made(EditMade(photo=photo, out=photo, style="sketch", weights=weights))


def _untouched(trial: Trial) -> None:
    with _run() as folder:
        before = {path: _hash(path) for path in folder.rglob("*") if path.is_file()}
        _tell_run(trial.build(), folder, step=0, how="finished")
        for path, content in before.items():
            kept = path.is_file() and _hash(path) == content
            expect(kept, f"an observer looks and does not touch: {path.relative_to(folder)} was changed or removed")


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


RULES = (
    *DESCRIBED,
    Rule("hears of something", _hears),
    Rule("can be told of a whole run", _whole),
    Rule("can be told of a run that was stopped and goes on", _resumed),
    Rule("can be told of a run that fails before its first step", _failed),
    Rule("can be told of an edit, without any run", _edit),
    Rule("leaves the run's files as they are", _untouched),
    *SENT,
)


def answer(*_: object) -> None:
    """Nothing: an observer answers nothing."""
