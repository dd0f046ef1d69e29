"""``ptk export``: weights as a network that runs without torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["export"]


def export(
    weights: Annotated[Path, typer.Argument(help="The weights.safetensors of a run.")],
    kind: Annotated[str, typer.Option("--format", help="onnx, openvino, or safetensors.")] = "onnx",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file.", show_default="beside the weights")
    ] = None,
    module: Annotated[
        Path | None,
        typer.Option(
            "--declare", metavar="MODULE.py", help="The module of a plug-in that declares weights: they go beside it."
        ),
    ] = None,
    half: Annotated[
        bool, typer.Option("--half/--full", help="Store numbers in half precision; it computes in float32 anyway.")
    ] = True,
) -> None:
    """Write weights as a network that edits without torch, or in half the room; hold its results to torch's."""
    from ptk.editing.exported.export import FORMATS
    from ptk.editing.exported.export import export as export_weights
    from ptk.errors import PtkError

    if kind not in FORMATS:
        raise PtkError(f"--format {kind}: there are {', '.join(FORMATS)}")
    if module is not None:
        out = _find_place(module, out, kind)
    beside = weights.with_name(f"{weights.stem}-half{FORMATS[kind]}") if kind == "safetensors" else None
    done = export_weights(weights, out or beside or weights.with_suffix(FORMATS[kind]), kind, half=half)
    for domain, (mean, most) in done.differences.items():
        typer.echo(f"{domain}: {mean:.4f} of 255 levels from torch on average, {most:.3f} at most")
    typer.echo(f"{done.files[-1]}: {done.bytes / 1e6:.1f} MB")
    if module is not None:
        from ptk.editing.exported.declare import declare
        from ptk.editing.loading import load_translator

        declare(module, done.files, load_translator(done.files[-1], "cpu"))
        typer.echo(f"{module}: declares {', '.join(file.name for file in done.files)}; ptk plugins check tries them")


def _find_place(module: Path, out: Path | None, kind: str) -> Path:
    """The file that a plug-in's module declares. Raises PtkError for another, or another format than ONNX."""
    from ptk.editing.exported.declare import name_network
    from ptk.errors import PtkError

    if kind != "onnx":
        raise PtkError(f"--declare: plug-ins bring ONNX; leave out --format {kind}")
    place = name_network(module)
    if out is not None and out.resolve() != place.resolve():
        raise PtkError(f"--declare {module}: declares {place.name}, beside it; leave out --out {out}, or declare that")
    return place
