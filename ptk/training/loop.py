"""The training loop, to be read from top to bottom."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from ptk.errors import TrainingError
from ptk.files import replacing
from ptk.training.checkpoint import checkpoints, save_checkpoint, save_weights
from ptk.training.grid import draw_grid, grid_rows
from ptk.training.run import Run
from ptk.types import Tick

__all__ = ["train"]

_TICK_SECONDS = 0.5


def train(run: Run, stopped: Callable[[], bool] = lambda: False) -> Iterator[Tick]:
    """Train to the end of the recipe, or until `stopped` says so; yields a `Tick` about twice a second.

    Writes checkpoints, weights, sample grids and TensorBoard's events into the run's folder. Raises TrainingError with
    the step, the term and the last good checkpoint when a loss is not finite.
    """
    learner, settings = run.learner, run.recipe.training
    board = SummaryWriter(str(run.folder / "tensorboard"), purge_step=learner.step)
    pending: list[dict[str, Tensor]] = []
    last = time.perf_counter()
    while learner.step < settings.steps and not stopped():
        pending.append(learner.learn(run.pairs.batch(learner.step)))

        ended = learner.step == settings.steps
        saving = ended or learner.step % settings.checkpoint == 0
        if saving or time.perf_counter() - last > _TICK_SECONDS:
            tick = _tick(run, pending, time.perf_counter() - last)
            for name, value in tick.losses.items():
                board.add_scalar(f"loss/{name}", value, tick.step)
            board.add_scalar("images_per_second", tick.images_per_second, tick.step)
            pending, last = [], time.perf_counter()
            yield tick
        if saving:
            _save(run)
        if ended or learner.step % settings.grid == 0:
            _draw(run, board)
    if pending:
        yield _tick(run, pending, time.perf_counter() - last)
    _save(run)
    board.close()


def _tick(run: Run, pending: list[dict[str, Tensor]], seconds: float) -> Tick:
    """Mean losses of the `pending` steps. The only place that waits for the device."""
    names = list(pending[0])
    table = torch.stack([torch.stack([step[name].float() for name in names]) for step in pending]).cpu()
    for row, values in enumerate(table.tolist()):
        for name, value in zip(names, values, strict=True):
            if not math.isfinite(value):
                raise _not_finite(run, run.learner.step - len(pending) + row + 1, name, value)
    images = 2 * run.recipe.training.batch * len(pending)
    return Tick(
        step=run.learner.step,
        losses=dict(zip(names, table.mean(0).tolist(), strict=True)),
        images_per_second=images / seconds,
    )


def _not_finite(run: Run, step: int, name: str, value: float) -> TrainingError:
    good = checkpoints(run.folder)
    advice = f"the last good checkpoint is {good[-1]}" if good else "there is no checkpoint yet"
    return TrainingError(f"step {step}: losses.{name} is {value}; {advice}; lower training.lr or that loss's weight")


def _save(run: Run) -> None:
    save_checkpoint(run.folder, run.learner, {"record": run.record})
    save_weights(run.folder / "weights.safetensors", run.learner, run.record)


def _draw(run: Run, board: SummaryWriter) -> Path | None:
    """Write the sample grid of this step, from the averaged generator."""
    if run.held_out is None:
        return None
    learner = run.learner
    rows = grid_rows(run.held_out)
    grid = draw_grid(
        learner.average.network, learner.networks.conditioners, run.held_out, rows, run.recipe.domain_names
    )
    path = run.folder / "grids" / f"{learner.step:06d}.png"
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as temporary:
        grid.save(temporary, format="PNG")
    pixels = torch.frombuffer(bytearray(grid.tobytes()), dtype=torch.uint8).view(grid.height, grid.width, 3)
    board.add_image("grid", pixels, learner.step, dataformats="HWC")
    return path
