"""``ptk prepare``: photos and videos -> a data set to train on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from ptk.data.prepare import Prepared
    from ptk.recipe.schema import PartUse

__all__ = ["prepare"]

_LISTED = 20
"""More skipped files than these are in skipped.jsonl only."""


def prepare(
    places: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...", help="Folders of photos or videos, single files, or a CSV or JSONL of them."
        ),
    ],
    out: Annotated[Path, typer.Option(help="The data set: a new folder, or one to bring up to date.")],
    source: Annotated[
        str, typer.Option("--as", help="How the files are named: tree, radboud, kdef, icv, london.")
    ] = "",
    pattern: Annotated[
        str, typer.Option(help="How the files are named, in your words: '{identity}_{expression}.jpg'.")
    ] = "",
    size: Annotated[int, typer.Option(min=32, max=2048, help="Side of the crops in pixels.")] = 256,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="What is kept around a crop for augmentation, as a share of its side.")
    ] = 0.125,
    styles: Annotated[
        str,
        typer.Option(
            help="Domains to render now, such as sketch,starry=picture.jpg; ptk train renders what it misses."
        ),
    ] = "",
    frames: Annotated[int, typer.Option(min=1, max=1000, help="At most so many frames of a video.")] = 8,
    detector: Annotated[
        str, typer.Option(help="Who finds the faces: mediapipe68, dlib68, or both, where they agree.")
    ] = "mediapipe68",
    split: Annotated[float, typer.Option(min=0.01, max=0.99, help="Share of the people to train on.")] = 0.7,
    seed: Annotated[int, typer.Option(min=0, help="Who is on which side of the split.")] = 1,
    licence: Annotated[str, typer.Option(help="Licence of the photos; it is written into weights.")] = "unknown",
    device: Annotated[str, typer.Option(help="Where styles are rendered: auto, cpu or cuda.")] = "auto",
    workers: Annotated[int, typer.Option(min=0, help="Processes to work with; 0 for one a core.")] = 0,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Where they run: on this machine, or on a Ray cluster.")
    ] = "local",
) -> None:
    """Find, crop and render the faces of photos and videos. Run again, it does what is new or changed."""
    from ptk.cli.show import progress_bars
    from ptk.data.prepare import parse_styles
    from ptk.data.prepare import prepare as prepare_places

    uses = parse_styles([word.strip() for word in styles.split(",") if word.strip()])
    try:
        with progress_bars() as progress:
            prepared = prepare_places(
                places,
                out,
                source=_source(source, pattern),
                size=size,
                margin=margin,
                styles=uses,
                frames=frames,
                detector=detector,
                train_share=split,
                seed=seed,
                licence=licence,
                device=device,
                engine=engine,
                workers=workers,
                progress=progress,
            )
    except KeyboardInterrupt:
        typer.echo("stopped; the same command goes on where it was", err=True)
        raise
    _report(prepared, out)


def _source(name: str, pattern: str) -> PartUse | None:
    from ptk.errors import DataError
    from ptk.recipe.schema import PartUse

    if pattern and name not in ("", "pattern"):
        raise DataError(f"--pattern: goes with --as pattern, not with {name}; leave one of them out")
    if pattern:
        return PartUse("pattern", {"pattern": pattern})
    return PartUse(name) if name else None


def _report(prepared: Prepared, out: Path) -> None:
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
        f"{len(prepared.skipped)} skipped"
    )
    typer.echo(_speed(prepared))


def _speed(prepared: Prepared) -> str:
    """How fast it was, and what the workers spent their time on."""
    if not prepared.made:
        return f"nothing was new or changed, {prepared.wall:.1f} s"
    busy = sum(prepared.seconds.values())
    shares = [f"{seconds / busy:.0%} {what}" for what, seconds in sorted(prepared.seconds.items(), key=_share)]
    workers = f"{prepared.workers} worker{'s' if prepared.workers > 1 else ''}"
    speed = f"{prepared.made / prepared.wall:.1f} a second by {workers}"
    return f"{prepared.made} images made in {prepared.wall:.0f} s, {speed}: {', '.join(shares)}"


def _share(timed: tuple[str, float]) -> float:
    return -timed[1]
