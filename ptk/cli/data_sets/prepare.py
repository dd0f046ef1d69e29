"""``ptk prepare``: photos and videos -> a data set to train on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from ptk.prepare.prepare import Prepared
    from ptk.recipe.one_part import PartUse

__all__ = ["prepare"]

_LISTED = 20
"""More skipped files than these are in skipped.jsonl only."""


_Places = Annotated[
    list[Path],
    typer.Argument(metavar="SOURCE", help="Folders of photos or videos, single files, or a CSV or JSONL of them."),
]
_Out = Annotated[Path, typer.Option(help="The data set: a new folder, or one to bring up to date.")]
_As = Annotated[
    str,
    typer.Option(
        "--as",
        help="How the files are named: tree, folders, table, ...; ptk plugins --all lists these sources.",
        metavar="NAME",
    ),
]
_Pattern = Annotated[str, typer.Option(help="How the files are named, in your words: '{identity}_{expression}.jpg'.")]
_Size = Annotated[int, typer.Option(min=32, max=2048, help="Side of the crops in pixels.")]
_Margin = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="What is kept around a crop for augmentation, as a share of its side.",
        show_default="0.125; without faces 0",
    ),
]
_NoFaces = Annotated[
    bool, typer.Option("--no-faces", help="Take whole pictures, looking for no face; by default a folder a domain.")
]
_Styles = Annotated[
    str,
    typer.Option(help="Domains to render now, such as sketch,starry=picture.jpg; ptk train renders what it misses."),
]
_Frames = Annotated[int, typer.Option(min=1, max=1000, help="At most so many frames of a video.")]
_Detector = Annotated[str, typer.Option(help="Who finds the faces: mediapipe68, dlib68, or both, where the two agree.")]
_Split = Annotated[float, typer.Option(min=0.01, max=0.99, help="Share of the people to train on.")]
_Seed = Annotated[int, typer.Option(min=0, help="Who is on which side of the split.")]
_Licence = Annotated[str, typer.Option(help="Licence of the photos; it is written into weights.")]
_Device = Annotated[str, typer.Option(help="Where styles are rendered: auto, cpu or cuda.")]
_Workers = Annotated[int, typer.Option(min=0, help="Processes to work with; 0 for one a core.")]
_Engine = Annotated[Literal["local", "ray"], typer.Option(help="Where they run: on this machine, or on a Ray cluster.")]
_ShardsUrl = Annotated[
    str, typer.Option(metavar="URL", help="Also write the set as WebDataset shards: a folder, s3://..., any address.")
]


def prepare(
    places: _Places,
    out: _Out,
    source: _As = "",
    pattern: _Pattern = "",
    size: _Size = 256,
    margin: _Margin = None,
    styles: _Styles = "",
    frames: _Frames = 8,
    detector: _Detector = "mediapipe68",
    split: _Split = 0.7,
    seed: _Seed = 1,
    licence: _Licence = "unknown",
    device: _Device = "auto",
    workers: _Workers = 0,
    engine: _Engine = "local",
    shards: _ShardsUrl = "",
    no_faces: _NoFaces = False,
) -> None:
    """Find, crop and render the faces of photos and videos. Run again, it does what is new or changed."""
    from ptk.cli.show import progress_bars
    from ptk.prepare.prepare import parse_styles
    from ptk.prepare.prepare import prepare as prepare_places

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
                faces=not no_faces,
                progress=progress,
            )
    except KeyboardInterrupt:
        typer.echo("stopped; the same command goes on where it was", err=True)
        raise
    _report(prepared, out, faces=not no_faces)
    if shards:
        from ptk.dataset.shards import write_shards

        with progress_bars() as progress:
            written = write_shards(out, shards, progress=progress)
        counts = [f"{len(written.of(side))} to {side}" for side in ("train", "test")]
        typer.echo(f"{written.url}: {len(written.shards)} shards ({', '.join(counts)})")


def _source(name: str, pattern: str) -> PartUse | None:
    from ptk.errors import DataError
    from ptk.recipe.one_part import PartUse

    if pattern and name not in ("", "pattern"):
        raise DataError(f"--pattern: goes with --as pattern, not with {name}; leave one of them out")
    if pattern:
        return PartUse("pattern", {"pattern": pattern})
    return PartUse(name) if name else None


def _report(prepared: Prepared, out: Path, *, faces: bool) -> None:
    from collections import Counter

    from ptk.cli.flags import spell_here
    from ptk.sources.reading import describe_reading, warn_of_reading

    if faces:
        typer.echo(describe_reading(prepared.media), err=True)
        for warning in warn_of_reading(prepared.media):
            typer.echo(f"warning: {spell_here(warning)}", err=True)
    _list(list(prepared.notes.items()), ("video", "frames"), "", out / "sources.jsonl")
    skipped = [(one.path, spell_here(one.reason)) for one in prepared.skipped]
    _list(skipped, ("skipped", "why"), f"{len(skipped)} not used", out / "skipped.jsonl")
    entries, domains = prepared.entries, prepared.domains
    if faces:
        people = f"{prepared.people()} people ({prepared.people('train')} to train, {prepared.people('test')} to test)"
        photos = len({entry.photo for entry in entries})
        what = f"{people}, {photos} photos, {len(entries)} images in {', '.join(domains)}"
    else:
        counts = Counter((entry.domain, entry.split) for entry in entries)
        sides = [f"{name} {counts[name, 'train']} to train, {counts[name, 'test']} to test" for name in domains]
        what = f"{len(entries)} pictures without faces ({'; '.join(sides)})"
    typer.echo(f"{out}: {what}, {len(prepared.skipped)} skipped")
    typer.echo(_speed(prepared))


def _list(rows: list[tuple[str, str]], columns: tuple[str, str], title: str, file: Path) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        return
    table = Table(*columns, title=title or None, title_justify="left")
    for row in rows[:_LISTED]:
        table.add_row(*map(Text, row))
    Console(stderr=True).print(table)
    if len(rows) > _LISTED:
        typer.echo(f"... and {len(rows) - _LISTED} more in {file}", err=True)


def _speed(prepared: Prepared) -> str:
    """How fast it was, and what the workers spent their time on."""
    if not prepared.made:
        return f"nothing was new or changed, {prepared.wall:.1f} s"
    busy = sum(prepared.seconds.values())
    shares = [
        f"{seconds / busy:.{0 if seconds > busy / 100 else 1}%} {what}"
        for what, seconds in sorted(prepared.seconds.items(), key=lambda timed: -timed[1])
    ]
    workers = f"{prepared.workers} worker{'s' if prepared.workers > 1 else ''}"
    speed = f"{prepared.made / prepared.wall:.1f} a second by {workers}"
    return f"{prepared.made} images made in {prepared.wall:.0f} s, {speed}: {', '.join(shares)}"
