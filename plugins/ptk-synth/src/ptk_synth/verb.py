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
    heads: Annotated[
        Path | None, typer.Option(help="Render these instead: avatars of c-frame/valid-avatars-glb.")
    ] = None,
    views: Annotated[int, typer.Option(min=1, help="Of --heads: poses and lights of each head.")] = 3,
    yaw: Annotated[float, typer.Option(min=0, max=40, help="Of --heads: degrees they turn at most.")] = 25.0,
    pitch: Annotated[float, typer.Option(min=0, max=30, help="Of --heads: degrees they nod at most.")] = 9.0,
    fill: Annotated[tuple[float, float], typer.Option(help="Of --heads: light around, least and most.")] = (0.35, 1.1),
    expressions: Annotated[str, typer.Option(help="Of --heads: some of these, as open,laugh,tongue; else all.")] = "",
) -> None:
    """Render people who do not exist, with exact landmarks, into a data set to train on."""
    from ptk.cli.show import progress_bars

    if heads is not None:
        from ptk_synth.heads.make import HeadSettings, make_heads

        settings = HeadSettings(size, samples, seed, views, yaw, pitch, fill)
        words = tuple(filter(None, expressions.split(",")))
        with progress_bars() as progress:
            rendered = make_heads(out, heads, settings, words, lambda done, total: progress("rendering", done, total))
        typer.echo(f"{out}: {rendered} pictures rendered, the others were there")
        return
    from ptk_synth.make import Settings, make_set

    made = Settings(size=size, samples=samples, seed=seed)
    with progress_bars() as progress:
        rendered = make_set(out, people, made, workers, lambda done, total: progress("rendering", done, total))
    typer.echo(f"{out}: {people} people, {rendered} pictures rendered, the others were there")
