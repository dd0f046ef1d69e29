"""``ptk recipes``: list them, check one, copy one to start from."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Annotated

import typer

recipes = typer.Typer(help="List recipes, check one, copy one to start from.", invoke_without_command=True)


@recipes.callback()
def list_recipes(context: typer.Context) -> None:
    """List the recipes that come with ptk."""
    if context.invoked_subcommand:
        return
    from rich.console import Console
    from rich.table import Table

    from ptk.recipe.load import name_recipe, shipped_recipes

    table = Table(box=None, padding=(0, 2), show_header=False)
    for path in shipped_recipes():
        table.add_row(f"[cyan]{name_recipe(path)}[/]", _summary(path))
    console = Console()
    console.print(table)
    console.print(
        "\nptk recipes check NAME says what one would build; ptk recipes copy NAME starts your own.", style="dim"
    )


@recipes.command()
def check(
    recipe: Annotated[str, typer.Argument(help="A recipe's file, or the name of one that comes with ptk.")],
    settings: Annotated[list[str], typer.Option("--set", help="KEY=VALUE, such as training.batch=4.")] = [],  # noqa: B006
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    memory: Annotated[
        bool, typer.Option("--memory", help="Estimate the memory that training takes at its peak, and what would fit.")
    ] = False,
    fit_in: Annotated[
        str | None, typer.Option(help="With --memory: a size, such as 24GB, instead of what is free here.")
    ] = None,
) -> None:
    """Check a recipe whole, and print what it would build, or with --memory what its training takes."""
    from contextlib import suppress

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ptk.data.source import open_source
    from ptk.errors import DataError
    from ptk.recipe.check import summary
    from ptk.recipe.load import load_recipe

    if memory or fit_in:
        from ptk.cli.recipes.memory import show_memory

        if not show_memory(load_recipe(recipe, settings), device, fit_in):
            raise typer.Exit(1)
        return
    loaded = load_recipe(recipe, settings)
    with suppress(DataError):  # a recipe can be checked where its data is not
        open_source(loaded).check()
    table = Table(box=None, padding=(0, 2), show_header=False)
    for name, text in summary(loaded, device):
        table.add_row(Text(name, style="cyan"), Text(text))  # brackets of equations are no markup
    Console().print(table)


@recipes.command()
def copy(
    name: Annotated[str, typer.Argument(help="The name of a recipe that comes with ptk.")],
    out: Annotated[Path | None, typer.Argument(help="Where to put it; by default NAME.yaml here.")] = None,
) -> None:
    """Copy a recipe that comes with ptk, to start one's own from."""
    from ptk.errors import OutputError
    from ptk.files import write_bytes
    from ptk.recipe.load import find_recipe

    source = find_recipe(name)
    target = out or Path(f"{Path(name).stem}.yaml")
    if target.exists():
        raise OutputError(f"{target}: is there already; name another file: ptk recipes copy {name} FILE")
    write_bytes(target, source.read_bytes())
    typer.echo(f"{target}: now yours; train it with: ptk train {target}")


def _summary(path: Path) -> str:
    """The comment at the top of a recipe, up to its first full stop or colon."""
    lines = path.read_text(encoding="utf-8").splitlines()
    comment = " ".join(line.lstrip("# ") for line in itertools.takewhile(lambda line: line.startswith("#"), lines))
    return re.split(r"(?<!\bal)[.:](?=\s|$)", comment)[0]
