"""``ptk bench``: what this machine can do, and how near to it a recipe's training and edits come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from ptk.bench.report import Report

_RECIPE = "portraitgan-tiny"
_SHOWN = 0.005
"""Parts that take less of a step than this are one line together."""


def bench(
    recipe: Annotated[
        str | None,
        typer.Argument(help="A recipe's file, or the name of one that comes with ptk.", show_default=_RECIPE),
    ] = None,
    settings: Annotated[list[str], typer.Option("--set", help="KEY=VALUE, such as training.batch=4.")] = [],  # noqa: B006
    against: Annotated[
        list[str], typer.Option(help="Compare: naive, the step written plainly, or KEY=VALUE, may be repeated.")
    ] = [],  # noqa: B006
    seconds: Annotated[float, typer.Option(min=1, help="How long to measure, where three steps take no longer.")] = 60,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    edit: Annotated[
        Path | None, typer.Option(metavar="PHOTO", help="Measure no recipe, but the whole command ptk edit PHOTO.")
    ] = None,
    weights: Annotated[
        list[Path], typer.Option(help="With --edit: weights to take turns; may be repeated.", show_default="ptk's own")
    ] = [],  # noqa: B006
    studio: Annotated[
        Path | None,
        typer.Option(metavar="PORTRAIT", help="Measure no recipe, but the studio, with clients who edit at once."),
    ] = None,
    clients: Annotated[
        int, typer.Option(min=1, help="With --studio: how many, each with a photo of 12 megapixels.")
    ] = 8,
    as_json: Annotated[bool, typer.Option("--json", help="All that was measured, for machines.")] = False,
) -> None:
    """Measure a recipe's training step and edit on this machine, beside what it can do at best."""
    if studio is not None:
        _studio(studio, clients, seconds, as_json=as_json)
    elif edit is not None:
        _edits(edit, weights, device, seconds, as_json=as_json, given=[*filter(None, [recipe]), *settings, *against])
    else:
        _recipe(recipe or _RECIPE, settings, against, seconds, device, as_json=as_json, weights=weights)


def _studio(portrait: Path, clients: int, seconds: float, *, as_json: bool) -> None:
    import json

    from rich.console import Console
    from rich.table import Table

    from ptk.bench.studio import load_studio
    from ptk.studio.serve import import_server

    import_server()
    with Console(stderr=True).status("") as status:
        load = load_studio(portrait, clients, seconds, progress=status.update).plain()
    if as_json:
        typer.echo(json.dumps(load, indent=2))
        return
    table = Table("asked for", "answers", "p50", "p95", box=None, padding=(0, 2), highlight=False)
    for name, each in load.pop("answers").items():
        table.add_row(name, str(each["count"]), f"{each['p50']:.3f} s", f"{each['p95']:.3f} s")
    Console().print(table)
    for name, each in load.items():
        Console().print(f"{name}: {each}", highlight=False)


def _edits(photo: Path, weights: list[Path], device: str, seconds: float, *, as_json: bool, given: list[str]) -> None:
    import dataclasses
    import json

    from rich.console import Console
    from rich.table import Table

    from ptk.bench.edits import time_edits, time_warm_edits
    from ptk.editing.loading import shipped
    from ptk.errors import PtkError

    if given:
        raise PtkError("--edit: measures a whole command, of no recipe; leave out the recipe, --set and --against")
    with Console(stderr=True).status("") as status:
        taken = time_edits(photo, weights, device, patience=seconds, progress=status.update)
        warm = time_warm_edits(
            photo, weights[0] if weights else shipped(device), device, patience=seconds / 3, progress=status.update
        )
    taken |= {f"warm: {name}": each for name, each in warm.items()}
    if as_json:
        typer.echo(json.dumps({name: dataclasses.asdict(each) for name, each in taken.items()}, indent=2))
        return
    table = Table("ptk edit, from start to end, with", "", box=None, padding=(0, 2), highlight=False)
    for name, each in taken.items():
        quartiles = f"quartiles {each.low:.3f} to {each.high:.3f} of {each.count} rounds"
        table.add_row(name, f"[bold]{each.median:.3f} s[/] ({quartiles})")
    Console().print(table)


def _recipe(
    recipe: str,
    settings: list[str],
    against: list[str],
    seconds: float,
    device: str,
    *,
    as_json: bool,
    weights: list[Path],
) -> None:
    import json

    from rich.console import Console

    from ptk.bench.bench import Variant, bench
    from ptk.device import resolve_device, resolve_precision
    from ptk.errors import PtkError
    from ptk.recipe.load import load_recipe

    if weights:
        raise PtkError("--weights: says which weights an edit is measured with; name its photo with --edit")
    loaded = load_recipe(recipe, settings)
    place = resolve_device(device)
    other = None
    if against == ["naive"]:
        other = Variant("naive")
    elif "naive" in against:
        raise PtkError("--against naive: compares with that alone; leave out the others, or it")
    elif against:
        changed = load_recipe(recipe, [*settings, *against])
        other = Variant(", ".join(against), changed, resolve_precision(changed.training.precision, place))
    precision = resolve_precision(loaded.training.precision, place)
    with Console(stderr=True).status("") as status:
        report = bench(loaded, place, precision, against=other, patience=seconds, progress=status.update)
    if as_json:
        typer.echo(json.dumps(report.plain(), indent=2))
    else:
        _show(report, Console())


def _show(report: Report, console: Console) -> None:
    from rich.table import Table

    machine, most = report.machine, report.ceilings
    console.print(f"[bold]{machine['device']}[/], {machine['precision']}, torch {machine['torch']}", highlight=False)
    table = Table(box=None, padding=(0, 2), show_header=False, highlight=False)
    table.add_row("matrix product", f"{most.matmul / 1e9:,.0f} GFLOP/s")
    table.add_row("convolution", f"{most.convolution / 1e9:,.0f} GFLOP/s, {most.convolution_shape}, with gradients")
    table.add_row("memory copy", f"{most.copy / 1e9:,.1f} GB/s")
    table.add_section()
    for step in (report.step, report.against):
        if step:
            seconds, pairs = step.seconds.median, step.pairs
            speed = f"{pairs / seconds:.3g} pairs/s, {2 * pairs / seconds:.3g} images/s"
            work = f"{step.flops / 1e9:,.0f} GFLOP, {step.rate / 1e9:,.0f} GFLOP/s, {step.memory / 2**20:,.0f} MiB"
            table.add_row(f"step of {step.name}", f"{seconds:.3g} s for {pairs} pairs: {speed}, {work}")
    share = report.share
    table.add_row("", f"{share.median:.0%} of the matrix product's rate [{share.low:.0%}, {share.high:.0%}]")
    table.add_row("", f"{report.waiting / report.step.seconds.median:.1%} waiting for data")
    if report.faster and report.against:
        faster = report.faster
        quartiles = f"quartiles {faster.low:.2f} to {faster.high:.2f} of {faster.count} rounds"
        table.add_row(f"against {report.against.name}", f"[bold]{faster.median:.2f} x as fast ({quartiles})[/]")
    table.add_row("edit", f"{report.edit.median * 1e3:,.1f} ms for a face, through the network alone")
    console.print(table)
    console.print(_where(report))


def _where(report: Report) -> object:
    from rich.table import Table

    table = Table("where a step's time goes", "", box=None, padding=(0, 2), highlight=False)
    total = sum(report.sections.values())
    small = 0.0
    for part, taken in report.sections.items():
        if taken < _SHOWN * total:
            small += taken
        else:
            table.add_row(part, f"{taken / total:6.1%}  {taken * 1e3:9,.1f} ms")
    table.add_row("less than that each", f"{small / total:6.1%}  {small * 1e3:9,.1f} ms")
    return table
