"""``ptk prepare``: photos -> a data set to train on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ptk.data.prepare import Prepared

__all__ = ["prepare"]

_LISTED = 20
"""More skipped files than these are in skipped.jsonl only."""


def prepare(
    source: Annotated[Path, typer.Argument(help="A folder: identity/expression.jpg or identity_expression.jpg.")],
    out: Annotated[Path, typer.Option(help="The data set: a new folder.")],
    size: Annotated[int, typer.Option(min=32, max=2048, help="Side of the crops in pixels.")] = 256,
    styles: Annotated[
        str,
        typer.Option(
            help="Domains to render now, such as sketch,starry=picture.jpg; ptk train renders what it misses."
        ),
    ] = "",
    detector: Annotated[str, typer.Option(help="Who finds the faces; ptk plugins lists them.")] = "mediapipe68",
    split: Annotated[float, typer.Option(min=0.01, max=0.99, help="Share of the people to train on.")] = 0.7,
    seed: Annotated[int, typer.Option(min=0, help="Who is on which side of the split.")] = 1,
    licence: Annotated[str, typer.Option(help="Licence of the photos; it is written into weights.")] = "unknown",
    device: Annotated[str, typer.Option(help="Where styles are rendered: auto, cpu or cuda.")] = "auto",
) -> None:
    """Find, crop and render the faces of a folder of photos."""
    from time import perf_counter

    from ptk.cli.show import progress_bars
    from ptk.data.prepare import parse_styles
    from ptk.data.prepare import prepare as prepare_folder

    started = perf_counter()
    uses = parse_styles([word.strip() for word in styles.split(",") if word.strip()])
    with progress_bars() as progress:
        prepared = prepare_folder(
            source,
            out,
            size=size,
            styles=uses,
            detector=detector,
            train_share=split,
            seed=seed,
            licence=licence,
            device=device,
            progress=progress,
        )
    _report(prepared, out, perf_counter() - started)


def _report(prepared: Prepared, out: Path, seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if prepared.skipped:
        table = Table("skipped", "why", title=f"{len(prepared.skipped)} not used", title_justify="left")
        for one in prepared.skipped[:_LISTED]:
            table.add_row(Text(one.path), Text(one.reason))
        Console(stderr=True).print(table)
        if len(prepared.skipped) > _LISTED:
            typer.echo(f"... and {len(prepared.skipped) - _LISTED} more in {out / 'skipped.jsonl'}", err=True)
    photos = len({entry.photo for entry in prepared.entries})
    typer.echo(
        f"{out}: {prepared.people()} people ({prepared.people('train')} to train, {prepared.people('test')} to test), "
        f"{photos} photos, {len(prepared.entries)} images in {', '.join(prepared.domains)}, "
        f"{len(prepared.skipped)} skipped, {seconds:.0f} s"
    )
