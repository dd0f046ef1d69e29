"""``ptk domains``: list the domains that there are, teach weights another one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

domains = typer.Typer(help="List domains, teach trained weights another one.", invoke_without_command=True)


@domains.callback()
def list_domains(context: typer.Context) -> None:
    """List the domains that recipes and ptk prepare --styles can name, and the styles that weights of plug-ins make."""
    if context.invoked_subcommand:
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ptk.registry.registry import load_registry
    from ptk.registry.styles import list_styles

    registry = load_registry()
    table = Table(box=None, padding=(0, 2), show_header=False)
    for plugin in registry.plugins:
        for part in (part for kind, part in plugin.parts if kind == "domain"):
            extra = f" (extra {part.extra})" if part.extra else ""
            table.add_row(Text(part.name, style="cyan"), Text(part.summary + extra), Text(part.origin, style="dim"))
    for style, part in list_styles(registry.plugins):
        summary = Text(part.summary).append(f" (a style of ptk edit, made by the weights {part.name})", "dim")
        table.add_row(Text(style, style="cyan"), summary, Text(part.origin, style="dim"))
    Console().print(table)
    for origin, error in registry.broken.items():
        typer.echo(f"{origin}: broken: {error}", err=True)


@domains.command()
def add(
    context: typer.Context,
    weights: Annotated[Path, typer.Argument(help="weights.safetensors of ptk train; they are not changed.")],
    name: Annotated[str, typer.Argument(help="What the new domain is called.")],
    part: Annotated[str, typer.Option("--from", help="The domain part that renders it.", show_default="NAME")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The new weights.", show_default="WEIGHTS-NAME.safetensors")
    ] = None,
) -> None:
    """Add a domain to trained weights: the others stay the same to the last bit, the new one is ready to train."""
    import shlex

    from ptk.cli.flags import spell_flags
    from ptk.editing.add_domain import add_domain

    beside = weights.parent / f"{weights.stem}-{name}.safetensors"
    grown = add_domain(weights, name, beside if out is None else out, part=part)
    same = f"{grown.compared} images in the other domains compared, the same to the last bit"
    typer.echo(f"{grown.weights}: {', '.join(grown.domains)}; {same}")
    command = shlex.join(["ptk", "train", str(grown.recipe), "--start-from", str(grown.weights)])
    typer.echo(f"until it is trained, nothing is learned of {name}: edits in it are rendered by the domain, or refused")
    if grown.missing:
        typer.echo(f"{grown.recipe}: first there must be:")
        for line in grown.missing:
            typer.echo(f"  {spell_flags(line, context.command)}")
    typer.echo(f"{grown.recipe}: {'then train it' if grown.missing else 'train it'} with: {command}")
