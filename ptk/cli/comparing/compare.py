"""``ptk compare``: several weights on the same held-out pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ptk.cli.flags import spell_here

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ptk.evaluation.comparison.compare import Comparison
    from ptk.evaluation.comparison.summary import Table
    from ptk.evaluation.evaluate import Metrics

__all__ = ["compare"]

_Weights = Annotated[
    list[str],
    typer.Argument(
        metavar="WEIGHTS...",
        help="Files, or folders of runs; NAME=FILE names a row, and those of one NAME are trainings of it.",
    ),
]
_Split = Annotated[str, typer.Option(help="Whom to compare on: test, train or all.")]
_Pairs = Annotated[int, typer.Option(min=0, help="At most so many pairs of each person, in each style; 0: all.")]
_Metrics = Annotated[
    list[str] | None,
    typer.Option("--metric", help="A metric, or NAME:option=value; as often as you like.", show_default="nine"),
]
_Styles = Annotated[
    list[str] | None,
    typer.Option("--style", help="A style beside photo, as often as you like; photo: none.", show_default="all"),
]
_Size = Annotated[
    int | None, typer.Option(min=48, help="Pixels at which all are measured.", show_default="the largest weights'")
]
_Seconds = Annotated[float, typer.Option(min=0, help="For how long times are taken.")]


def compare(
    weights: _Weights,
    data: Annotated[Path, typer.Option(metavar="DIR", help="A prepared folder; sample is the bundled set.")],
    split: _Split = "test",
    pairs: _Pairs = 0,
    metric: _Metrics = None,
    style: _Styles = None,
    size: _Size = None,
    seconds: _Seconds = 5.0,
    out: Annotated[Path, typer.Option("--out", "-o", help="The page: a new folder.")] = Path("comparison"),
    as_json: Annotated[bool, typer.Option("--json", help="All numbers as JSON, every trial's too.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
) -> None:
    """Hold several weights against each other on people held out."""
    import json
    from dataclasses import replace

    from ptk.cli.show import progress_bars
    from ptk.dataset.manifest import source_folder
    from ptk.errors import PtkError
    from ptk.evaluation.comparison.book import ComparisonBook
    from ptk.evaluation.comparison.compare import compare as compare_members
    from ptk.evaluation.comparison.compare import find_styles, read_people_for
    from ptk.evaluation.comparison.members import read_members
    from ptk.evaluation.comparison.summary import as_json as report
    from ptk.evaluation.comparison.summary import summarise
    from ptk.types import PHOTO

    if split not in ("test", "train", "all"):
        raise PtkError(f"--split {split}: there are test, train and all")
    book = ComparisonBook(out)
    members, missing = read_members(weights, device)
    if not members:
        raise PtkError("\n".join(missing.values()))
    styles = [] if style == [PHOTO] else find_styles(members, [name for name in style or () if name != PHOTO])
    side = size or max(member.first.size for member in members)
    with progress_bars() as progress:
        folder = source_folder(str(data))
        people, skipped = read_people_for(folder, split, side, members, styles, progress)
        metrics = _choose_metrics(metric or (), people.detector)
        metrics = replace(metrics, skipped={**metrics.skipped, **skipped})
        done = compare_members(
            people, members, missing, metrics, styles, most=pairs, patience=seconds, progress=progress, shown=book.see
        )
    tables = summarise(done)
    book.write(done, tables)
    if as_json:
        typer.echo(json.dumps(report(done, tables), indent=2, ensure_ascii=False))
        return
    _print(done, tables)
    typer.echo(str(out / "index.html"))


def _print(done: Comparison, tables: Sequence[Table]) -> None:
    """Print who was compared, then each table with those who are not in it, and why."""
    from rich.console import Console

    from ptk.evaluation.comparison.tables import member_table, notes, rich_table

    for table in (None, *tables):
        shown = member_table(done) if table is None else rich_table(table)
        # no column is cut where the terminal is narrow: its lines wrap
        Console(width=max(Console().width, Console(width=1000).measure(shown).maximum)).print(shown, soft_wrap=True)
        said = notes(done) if table is None else table.left_out
        for name, why in said.items():
            if table is None or name not in done.missing:
                typer.echo(f"{name}: {spell_here(why)}")
        typer.echo()
    if any(table.differences for table in tables):
        typer.echo("▲ better than the first row, ▼ worse: 0 lies outside the interval of the paired difference")


def _choose_metrics(names: list[str] | tuple[str, ...], detector: str) -> Metrics:
    """Those called `names`, or the nine of comparisons. Raises PtkError for one that compares whole sets."""
    from ptk.errors import PtkError
    from ptk.evaluation.comparison.compare import METRICS
    from ptk.evaluation.evaluate import Metrics
    from ptk.registry.registry import load_registry

    metrics = Metrics.built(load_registry(), names or METRICS, detector)
    if metrics.sets:
        name = next(iter(metrics.sets))
        raise PtkError(f"--metric {name}: compares sets, which have no intervals over people; see ptk eval")
    return metrics
