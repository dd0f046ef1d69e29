"""``ptk data``: is a data set whole, what is in it, and one of several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ptk.curate.summary import Summary


data = typer.Typer(help="Check a data set, mend it, look at it, join several.", no_args_is_help=True)

_Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A prepared folder; sample is the bundled set.")]


@data.command()
def check(
    context: typer.Context,
    folder: _Folder,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended; the old manifest is kept.")] = False,
    detector: Annotated[
        str | None,
        typer.Option(help="Who looks for the faces again; none: nobody.", show_default="whom the set was made with"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
) -> None:
    """Hold every line of the manifest against the files; exit status 1 when something is wrong."""
    import json

    from ptk.cli.flags import spell_flags
    from ptk.cli.show import progress_bars
    from ptk.curate.check import check as check_folder
    from ptk.curate.fix import fix as fix_folder
    from ptk.dataset.manifest import source_folder

    place = source_folder(str(folder))
    done: tuple[str, ...] = ()
    with progress_bars() as progress:
        if fix:
            fixed = fix_folder(place, detector=detector, progress=progress)
            done, report = fixed.done, fixed.report
        else:
            report = check_folder(place, detector=detector, progress=progress)
    if as_json:
        said = report.as_json() | ({"done": done} if fix else {})
        for one in (*said["problems"], *said["remarks"]):
            one |= {name: spell_flags(one[name], context.command) for name in ("what", "mend")}
        typer.echo(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        for one in (*done, *map(report.sentence, report.problems), *map(report.sentence, report.remarks)):
            typer.echo(spell_flags(one, context.command))
        mends = f"{len(done)} mend{'s' * (len(done) != 1)}; " if fix else ""
        typer.echo(mends + report.summary())
    if not report.clean:
        raise typer.Exit(1)


@data.command()
def show(
    folder: _Folder,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The page: a new folder.", show_default="NAME-show here")
    ] = None,
) -> None:
    """Write a page to look at, with landmarks drawn, and print what is in the set."""
    from ptk.cli.show import progress_bars
    from ptk.curate.report import write_report
    from ptk.dataset.manifest import source_folder

    place = source_folder(str(folder))
    out = out or Path(f"{place.resolve().name}-show")
    with progress_bars() as progress:
        summary = write_report(place, out, progress)
    _print_summary(summary)
    typer.echo(str(out / "index.html"))


@data.command()
def join(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR", help="Prepared folders that share nobody.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The data set of all: a new folder.")],
    all_train: Annotated[
        list[Path], typer.Option(metavar="DIR", help="One of the folders, to train on all its people; may be repeated.")
    ] = [],  # noqa: B006
) -> None:
    """Make one data set of several. Images are linked where the disk can, so it takes hardly any space."""
    from ptk.cli.show import progress_bars
    from ptk.curate.join import join as join_folders
    from ptk.dataset.manifest import source_folder

    places, trained = ([source_folder(str(folder)) for folder in those] for those in (folders, all_train))
    with progress_bars() as progress:
        entries = join_folders(places, out, all_train=trained, progress=progress)
    people = {entry.identity: entry.split for entry in entries}
    sides = ", ".join(f"{list(people.values()).count(side)} to {side}" for side in ("train", "test"))
    photos, domains = {entry.photo for entry in entries}, dict.fromkeys(entry.domain for entry in entries)
    faces = any(entry.landmarks is not None for entry in entries)
    images = f"{len(photos)} photos, " * faces + f"{len(entries)} images in {', '.join(domains)}"
    typer.echo(f"{out}: {len(people)} {'people' if faces else 'pictures without faces'} ({sides}), {images}")


def _print_summary(summary: Summary) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ptk.curate.check import escape_unprintable
    from ptk.curate.report_page import range_text

    table = Table(box=None, padding=(0, 2), show_header=False)

    def row(name: str, said: str) -> None:
        table.add_row(Text(name, style="cyan"), Text(escape_unprintable(said)))

    def counts(of: Mapping[str, object]) -> str:
        return ", ".join(f"{name or 'not named'} {count}" for name, count in of.items())

    if not summary.faces:
        row("pictures", f"{len(summary.shots)} ({counts(summary.photos)}), without faces")
        row("images", counts(summary.images))
    else:
        _print_people(summary, row, counts)
    if summary.crops is not None:
        enlarged = f"; {summary.enlarged} enlarged to {summary.size} px"
        row("crops", f"{range_text(summary.crops, ' px')} in the originals{enlarged}")
    for number, sentence in enumerate(summary.verdict()):
        row("" if number else "verdict", sentence)
    Console().print(table)


def _print_people(
    summary: Summary, row: Callable[[str, str], None], counts: Callable[[Mapping[str, object]], str]
) -> None:
    from collections import Counter

    from ptk.curate.report_page import range_text

    row("people", f"{sum(summary.people.values())} ({counts(summary.people)})")
    row("photos", f"{len(summary.shots)} ({counts(summary.photos)}), {range_text(summary.photos_each)} a person")
    row("images", counts(summary.images))
    row("expressions", counts(dict(Counter(summary.expressions).most_common())))
    if summary.spread:
        spread = counts({name: f"{value:.1f} %" for name, value in summary.spread.items()})
        row("spread", f"{spread} of the eye distance")
    row("pairs", f"{summary.pairs} of two photos of one person")
    if summary.eyes is not None:
        row("eyes", f"{range_text(summary.eyes, ' px')} apart")
