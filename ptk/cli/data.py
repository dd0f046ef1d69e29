"""``ptk data``: is a data set whole, and what is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

data = typer.Typer(help="Check a data set, mend it, look at it.", no_args_is_help=True)

_Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A prepared folder; sample is the bundled set.")]


@data.command()
def check(
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

    from ptk.cli.show import progress_bars
    from ptk.data.check import check as check_folder
    from ptk.data.faceset import source_folder
    from ptk.data.mend import mend

    place = source_folder(str(folder))
    done: tuple[str, ...] = ()
    with progress_bars() as progress:
        if fix:
            mended = mend(place, detector=detector, progress=progress)
            done, report = mended.done, mended.report
        else:
            report = check_folder(place, detector=detector, progress=progress)
    if as_json:
        mends = {"done": done} if fix else {}
        typer.echo(json.dumps(report.as_json() | mends, indent=2, ensure_ascii=False))
    else:
        for one in (*done, *map(report.sentence, report.problems), *map(report.sentence, report.remarks)):
            typer.echo(one)
        typer.echo(f"{len(done)} mends; {report.summary()}" if fix else report.summary())
    if not report.clean:
        raise typer.Exit(1)
