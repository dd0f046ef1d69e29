"""``ptk synth``: make a data set of synthetic people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def synth(
    out: Annotated[Path, typer.Argument(help="The data set's folder; an unfinished one is gone on with.")],
    people: Annotated[int, typer.Option(min=1, help="How many people, with eight expressions each.")] = 24,
    size: Annotated[int, typer.Option(min=16, max=2048, help="Width of the pictures in pixels.")] = 256,
    samples: Annotated[int, typer.Option(min=1, help="Light paths a pixel: more are slower, with less grain.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Whom to draw; 7 are the people of the bundled sample.")] = 7,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that render; by default one a core.")] = None,
) -> None:
    """Render people who do not exist, with exact landmarks, into a data set to train on."""
    from ptk.cli.show import progress_bars
    from ptk_synth.make import Settings, make_set

    settings = Settings(size=size, samples=samples, seed=seed)
    with progress_bars() as progress:
        rendered = make_set(out, people, settings, workers, lambda done, total: progress("rendering", done, total))
    typer.echo(f"{out}: {people} people, {rendered} pictures rendered, the others were there")
