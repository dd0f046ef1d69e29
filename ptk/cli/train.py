"""``ptk train``: train a recipe."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from ptk.recipe.schema import Recipe
    from ptk.training.distributed.processes import Processes
    from ptk.training.run import Run

_LOG_SECONDS = 30
"""Where there is no terminal to draw a bar on, a line so often."""


def train(
    recipe: Annotated[str, typer.Argument(help="A recipe's file, or the name of one that comes with ptk.")],
    data: Annotated[str | None, typer.Option(help="A prepared folder, instead of the recipe's data.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder; by default runs/NAME.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Train up to this step of the recipe's plan.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the run's last checkpoint.")] = False,
    start_from: Annotated[Path | None, typer.Option(help="Weights to begin with, instead of noise.")] = None,
    settings: Annotated[list[str], typer.Option("--set", help="KEY=VALUE, such as training.batch=4.")] = [],  # noqa: B006
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    devices: Annotated[int | None, typer.Option(min=1, help="So many processes here share every batch.")] = None,
    nodes: Annotated[int | None, typer.Option(min=1, help="And on so many machines.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of weights and order of the data.")] = None,
    observe: Annotated[list[str], typer.Option(help="An observer to tell of it: NAME or NAME:option=value.")] = [],  # noqa: B006
) -> None:
    """Train a recipe. Ctrl-C and SIGTERM write a checkpoint, from which a run is resumed."""
    from rich.console import Console

    from ptk.cli.main import describe_error
    from ptk.cost.memory_advice import explain_out_of_memory
    from ptk.device import resolve_device
    from ptk.recipe.load import load_recipe
    from ptk.training.checkpoint import what_is_left
    from ptk.training.distributed.guard import guard
    from ptk.training.distributed.join import join, plan_launch

    overrides = list(settings)
    for key, value in (("data.source", data), ("training.seed", seed)):
        if value is not None:
            overrides.append(f"{key}={json.dumps(value)}")  # quoted: a folder may be named 2024, or a: b
    loaded = load_recipe(recipe, overrides)
    if steps is not None and steps > loaded.training.steps:
        loaded = load_recipe(recipe, [*overrides, f"training.steps={steps}"])
    folder = out or Path("runs") / loaded.name
    where = resolve_device(device)
    launch = plan_launch(where, devices, nodes)
    if launch is not None:
        from ptk.training.distributed.launch import run_workers

        run_workers(launch, ["-m", "ptk", *sys.argv[1:]], lambda: what_is_left(folder))
        return
    processes = join(where)
    console = Console(stderr=True, quiet=not processes.first)
    with guard(processes, lambda: what_is_left(folder), describe_error):
        choices: dict[str, Any] = {"resume": resume, "start": start_from, "until": steps, "observe": observe}
        run = _start(loaded, folder, processes, choices, console)
        _say_what_to_expect(run, console)
        with _stopping() as stopped, explain_out_of_memory(run):
            _train(run, console, stopped)
    _conclude(run, console, stopped)


def _start(
    recipe: Recipe,
    folder: Path,
    processes: Processes,
    choices: Mapping[str, Any],
    console: Console,
) -> Run:
    from ptk.cli.show import progress_bars, warner
    from ptk.device import resolve_precision
    from ptk.training.run import start_run

    precision = resolve_precision(recipe.training.precision, processes.device)
    with progress_bars(shown=processes.first) as progress:
        return start_run(
            recipe,
            folder,
            processes.device,
            precision,
            processes=processes,
            progress=progress,
            warn=warner(console),
            **choices,
        )


def _say_what_to_expect(run: Run, console: Console) -> None:
    from ptk.cli.show import warner
    from ptk.cost.available_memory import format_bytes
    from ptk.cost.forecast import forecast
    from ptk.cost.memory_advice import explain_out_of_memory

    recipe = run.recipe
    if not run.processes.first:
        return
    count = run.processes.count
    where = f"{run.device}, {run.record['precision']}{f', {count} processes' if count > 1 else ''}"
    images = f"{run.pairs.images} images of {recipe.data.size} px in {', '.join(recipe.domain_names)}"
    people = "" if run.record["data"].get("faces") == "none" else f"{run.pairs.people} people, "
    console.print(f"[bold]{recipe.name}[/] on {where}: {people}{images}", soft_wrap=True)
    for warning in run.warnings:
        warner(console)(warning)
    remaining = run.until - run.learner.step
    if not remaining:
        console.print(f"all {run.until} steps are trained; name a later one with --steps to go on", soft_wrap=True)
        return
    with explain_out_of_memory(run):
        expected = forecast(run.learner, run.pairs.batch(run.learner.step), run.recurring)
    console.print(f"expect {expected.format(remaining)}", soft_wrap=True)
    if expected.missing:
        missing = f"{format_bytes(expected.missing)} more than {run.device} has left"
        warner(console)(f"that is {missing}; what would fit says: ptk recipes check {recipe.name} --memory")
    if run.device.type == "cpu" and recipe.name != "portraitgan-tiny" and expected.seconds * remaining > 3600:
        console.print("no GPU here: [cyan]ptk train portraitgan-tiny[/] shows something after minutes", soft_wrap=True)


def _conclude(run: Run, console: Console, stopped: list[int]) -> None:
    """Say what there is now. Only the first process ends with the status of a stop: launchers take it for a failure."""
    if not run.processes.first:
        return
    done, wanted, planned = run.learner.step, run.until, run.recipe.training.steps
    typer.echo(f"weights: {run.folder / 'weights.safetensors'}")
    grids = sorted((run.folder / "grids").glob("*.png"))
    if grids:
        typer.echo(f"samples: {grids[-1]}")
    if done < wanted:
        console.print(f"stopped after step {done} of {wanted}; go on with --resume")
        raise typer.Exit(128 + (stopped[0] if stopped else signal.SIGTERM))
    if done < planned:
        console.print(
            f"that is step {done} of the {planned} planned; go on with --resume, "
            f"or plan a shorter run from its beginning: --set training.steps={done}",
            soft_wrap=True,
        )


def _train(run: Run, console: Console, stopped: list[int]) -> None:
    from rich.console import Group
    from rich.live import Live
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    from ptk.training.loop import train as train_loop

    columns = (MofNCompleteColumn(), BarColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn())
    bar = Progress(TextColumn("step"), *columns)
    task = bar.add_task("", total=run.until, completed=run.learner.step)
    said = time.monotonic()
    try:
        with Live(bar, console=console, refresh_per_second=4) as live:
            for tick in train_loop(run, lambda: bool(stopped)):
                bar.update(task, completed=tick.step)
                # Of the two sides of one loss, the critic's is marked.
                losses = (f"{name.removeprefix('generator.')} {value:.3g}" for name, value in tick.losses.items())
                report = f"{tick.images_per_second:.1f} images/s   {'  '.join(losses)}"
                live.update(Group(bar, Text(report, style="dim")))
                if not console.is_terminal and time.monotonic() - said > _LOG_SECONDS:
                    said = time.monotonic()
                    console.print(f"step {tick.step}: {report}", soft_wrap=True)
    finally:  # the last frame ends with a line feed, an error's too: without a terminal, rich leaves it out
        if not console.is_terminal:
            console.print()


@contextmanager
def _stopping() -> Iterator[list[int]]:
    """The first Ctrl-C or SIGTERM is noted in the list; a second one ends the process at once."""
    noted: list[int] = []

    def note(number: int, frame: object) -> None:  # noqa: ARG001
        noted.append(number)
        for each, handler in before.items():
            signal.signal(each, handler)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
