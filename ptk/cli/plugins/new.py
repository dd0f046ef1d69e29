"""``ptk plugins new``: write the package of a plug-in to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ptk.registry.kinds import KINDS


def new(
    name: Annotated[str, typer.Argument(help="What recipes will call it, such as neon; the package is ptk-neon.")],
    kind: Annotated[str, typer.Option(help=f"What it is: {', '.join(KINDS)}.")],
    out: Annotated[Path, typer.Option(help="The folder to write it into.")] = Path(),
) -> None:
    """Write a package with a small part of that kind, its tests and a recipe, to change."""
    from ptk.scaffold.package import write_plugin

    written = write_plugin(name, kind, out)
    typer.echo(f"{written.folder}: the package {written.distribution}, yours to change; README.md says where. Next:")
    for command in written.commands:
        typer.echo(f"  {command}")
