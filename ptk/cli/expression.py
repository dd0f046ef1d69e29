"""``ptk expression``: expressions as files, to be taken over by any photo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

expression = typer.Typer(help="Save an expression to a file, show one.", no_args_is_help=True)


@expression.command()
def save(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file, .json.", show_default=False)],
    words: Annotated[
        str | None, typer.Argument(metavar="WORDS", help="What it is made of: smile=0.7,brows_up=0.3.")
    ] = None,
    expression_from: Annotated[
        str | None,
        typer.Option("--from", metavar="PHOTO[:PARTS]", help="Whose expression it is, or parts of it: me.jpg:mouth."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Read the photo although the face is turned too far, or shows too much.")
    ] = False,
) -> None:
    """Save an expression, given in words or read in a photo, for ptk edit --expression-from."""
    from ptk.cli.flags import spell_here
    from ptk.editing.opening import open_editor
    from ptk.errors import PtkError
    from ptk.faces.expressions import parse_expression
    from ptk.faces.words.expression import Expression
    from ptk.faces.words.expression_file import save_expression
    from ptk.faces.words.source import ExpressionSource

    if (words is None) == (expression_from is None):
        raise PtkError("an expression is either in WORDS, such as smile=0.7, or --from a photo; give one of them")
    if expression_from is None:
        try:
            made = Expression(parse_expression(words or ""))
        except PtkError as error:  # no option has them here
            raise PtkError(str(error).replace("`expression`", "WORDS")) from error
    else:
        opened = ExpressionSource.open(expression_from)
        editor = open_editor(force=force, warn=lambda line: typer.echo(spell_here(line), err=True))
        editor, seen = editor.take_over(opened)
        typer.echo(f"{opened.path}: {seen}", err=True)
        made = editor.like or Expression({})
    save_expression(out, made)
    typer.echo(str(out))


@expression.command()
def show(
    file: Annotated[Path, typer.Argument(help="The file of a saved expression.")],
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the mean face with it, in outline: .png.", show_default=False)
    ] = None,
) -> None:
    """Say what is in the file of an expression, in words."""
    from ptk.faces.expressions import told
    from ptk.faces.words.drawing import write_outline
    from ptk.faces.words.expression_file import read_expression

    saved = read_expression(file)
    typer.echo(told(saved.words) or "no expression")
    if saved.parts:
        typer.echo(f"only {told(saved.parts)}")
    if picture is not None:
        write_outline(picture, saved)
        typer.echo(str(picture))
