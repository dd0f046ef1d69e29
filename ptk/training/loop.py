"""The training loop, to be read from top to bottom."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import torch
from torch import Tensor

from ptk.data.prefetch import prefetch
from ptk.errors import TrainingError
from ptk.events import CheckpointWritten, GridDrawn, Measured, RunEnded, RunStarted
from ptk.files import replacing
from ptk.random_states import keep_random_states
from ptk.training.checkpoint import checkpoints, save_checkpoint, save_weights
from ptk.training.grid import draw_grid, plan_grid
from ptk.training.measure import measure
from ptk.training.run import Run
from ptk.training.step import SIDES
from ptk.types import Tick

__all__ = ["train"]

_TICK_SECONDS = 0.5


def train(run: Run, stopped: Callable[[], bool] = lambda: False) -> Iterator[Tick]:
    """Train up to the step `run.until`, or until `stopped` says so; yields a `Tick` about twice a second.

    Writes checkpoints, weights and sample grids into the run's folder, and tells its observers. Raises TrainingError
    with the step, the term and the last good checkpoint when a loss is not finite; when memory runs out, torch's error,
    which `ptk.cost.memory_advice` explains. Every process of the run does the same, step by step; the first one writes.
    """
    learner, settings, processes = run.learner, run.recipe.training, run.processes
    pending: list[dict[str, Tensor]] = []
    next_tick = learner.step + 1
    with (
        _told(run),
        learner.compiled(),
        processes.average_gradients(learner, lambda: run.pairs.batch(learner.step)),
        prefetch(run.pairs, run.device) as pairs,
    ):
        processes.seed_rank(settings.seed, learner.step)
        if learner.step:
            _draw_if_due(run)  # once more: what goes on may have been killed after its checkpoint, before its grid
        last = time.perf_counter()
        halted = any(processes.all_reduce_max(stopped()))
        while learner.step < run.until and not halted:
            pending.append(learner.learn(pairs.batch(learner.step)))

            saving = learner.step == run.until or learner.step % settings.checkpoint == 0
            ticking = saving or learner.step >= next_tick
            if ticking:
                tick = _tick(run, pending, last)
                run.observers.tell(tick)
                (seconds,) = processes.all_reduce_max((time.perf_counter() - last) / len(pending))
                next_tick = learner.step + max(1, int(_TICK_SECONDS / seconds))
                pending, last = [], time.perf_counter()
                yield tick
            if saving:
                _save(run)
            _draw_if_due(run)
            if ticking or processes.count == 1:  # who leaves alone leaves the others waiting
                halted = any(processes.all_reduce_max(stopped()))
        if pending:
            yield _tick(run, pending, last)
        _save(run)
        processes.barrier()


@contextmanager
def _told(run: Run) -> Iterator[None]:
    """Observers hear when the run begins, and however it ends."""
    learner, steps = run.learner, run.until
    trained = sum(parameter.numel() for side in SIDES for parameter in learner.side(side))
    started = RunStarted(folder=run.folder, step=learner.step, steps=steps, parameters=trained, record=run.record)
    run.observers.tell(started)
    how: Literal["finished", "stopped", "failed"] = "failed"
    try:
        yield
        how = "finished" if learner.step >= steps else "stopped"
    finally:
        run.observers.tell(RunEnded(step=learner.step, how=how))


def _tick(run: Run, pending: list[dict[str, Tensor]], since: float) -> Tick:
    """Mean losses of the `pending` steps, begun at the time `since`. The only place that waits for the device."""
    names = list(dict.fromkeys(name for step in pending for name in step))
    absent = torch.full((), math.nan, device=run.device)  # a side does not learn in every step
    table = torch.stack([torch.stack([step.get(name, absent).float() for name in names]) for step in pending])
    table = run.processes.all_reduce_mean(table).cpu()
    seconds = time.perf_counter() - since
    known = [[name in step for name in names] for step in pending]
    for row, values in enumerate(table.tolist()):
        for name, value, there in zip(names, values, known[row], strict=True):
            if there and not math.isfinite(value):
                step, good = run.learner.step - len(pending) + row + 1, checkpoints(run.folder)
                left = f"the last good checkpoint is {good[-1]}" if good else "there is no checkpoint yet"
                advice = "lower training.lr or that loss's weight"
                raise TrainingError(f"step {step}: losses.{name} is {value}; {left}; {advice}")
    directions = 1 if run.recipe.data.one_way else 2
    images = directions * run.recipe.training.batch * len(pending)
    return Tick(
        step=run.learner.step,
        losses=dict(zip(names, table.nanmean(0).tolist(), strict=True)),
        images_per_second=images / seconds,
    )


def _save(run: Run) -> None:
    run.processes.seed_rank(run.recipe.training.seed, run.learner.step)  # as whoever goes on from here will
    if not run.processes.first:
        return
    there, weights = checkpoints(run.folder), run.folder / "weights.safetensors"
    folder = save_checkpoint(run.folder, run.learner, {"record": run.record})
    save_weights(weights, run.learner, run.record)
    if folder not in there:
        run.observers.tell(CheckpointWritten(step=run.learner.step, path=folder, weights=weights))


def _draw_if_due(run: Run) -> None:
    """Write the sample grid of this step, from the averaged generator, and measure it where the recipe says so."""
    learner = run.learner
    due = learner.step == run.until or learner.step % run.recipe.training.grid == 0
    if not due or run.held_out is None:
        return
    generator, conditioners = learner.average.network, learner.networks.conditioners
    plan = plan_grid(run.held_out, run.recipe)
    conditioners.eval()
    try:
        with keep_random_states():
            grid = draw_grid(generator, conditioners, run.held_out, plan)
            values = measure(run.metrics, generator, conditioners, run.held_out, plan) if run.metrics else {}
    finally:
        conditioners.train()
    path = run.folder / "grids" / f"{learner.step:06d}.png"
    path.parent.mkdir(exist_ok=True)
    with replacing(path) as temporary:
        grid.save(temporary, format="PNG")
    run.observers.tell(GridDrawn(step=learner.step, path=path))
    if run.metrics:
        run.observers.tell(Measured(step=learner.step, values=values))
