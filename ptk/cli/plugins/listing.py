"""``ptk plugins``: what is installed, what each offers, and what is broken and why."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

import ptk
from ptk.cli.plugins.check import check
from ptk.cli.plugins.new import new

if TYPE_CHECKING:
    from rich.console import Console

    from ptk.registry.parts import Part
    from ptk.registry.registry import Plugin

plugins = typer.Typer(help="List plug-ins, show a part, check a plug-in, write one.", invoke_without_command=True)
plugins.command()(new)
plugins.command()(check)


@plugins.callback()
def list_plugins(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="The same for machines.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="With the tracebacks of broken ones, and all that they print.")
    ] = False,
    everything: Annotated[bool, typer.Option("--all", help="With ptk's own parts.")] = False,
) -> None:
    """List the plug-ins and the parts they offer; PTK_PLUGINS=a,b looks at those alone."""
    if context.invoked_subcommand:
        return
    from ptk.doctor.survey import survey_plugins

    found = survey_plugins()
    if as_json:
        typer.echo(json.dumps([_plain(plugin) for plugin in found], indent=2))
        return
    from rich.console import Console

    console = Console()
    own, others = found[0], found[1:]
    for plugin in others:
        _print(plugin, console, verbose)
    if not others:
        console.print("no plug-ins are installed; ptk plugins new writes one")
    if any(plugin.error or plugin.printed for plugin in others) and not verbose:
        console.print("ptk plugins -v shows where broken ones fail, and all that they print", style="dim")
    if everything or own.error:
        _print(own, console, verbose)
    else:
        console.print(f"{own.origin} offers {len(own.parts)} parts: ptk plugins --all lists them", style="dim")


@plugins.command()
def show(
    name: Annotated[str, typer.Argument(help="A part's name; KIND:NAME where two kinds have one of that name.")],
) -> None:
    """Print what a part does, and its options with types and defaults."""
    import inspect

    from rich.console import Console
    from rich.markdown import Markdown
    from rich.table import Table
    from rich.text import Text

    from ptk.registry.parts import options

    console = Console()
    for kind, part in _parts(name):
        factory = part.load()
        extra = f", extra {part.extra}" if part.extra else ""
        sides = f", trains the {' or the '.join(part.sides)}" if part.sides else ""
        sides += f", makes {', '.join(part.styles)}" if part.styles else ""
        console.print(Text(f"{kind} {part.name}", style="bold cyan") + f"  {part.summary}", soft_wrap=True)
        console.print(Text(f"{part.origin}{extra}{sides}, {part.factory}", style="dim"), soft_wrap=True)
        if kind == "command":
            console.print(f"ptk {part.name} --help shows its options")
            continue
        said = inspect.getdoc(factory)
        if said:
            console.print()
            console.print(Markdown(said))
        table = Table("option", "type", "default", box=None, padding=(0, 2))
        for option in options(factory, kind).values():
            default = "must be given" if option.default is option.empty else repr(option.default)
            takes = "anything" if option.annotation is option.empty else inspect.formatannotation(option.annotation)
            takes = takes.replace("typing.", "").replace("pathlib.", "")
            table.add_row(Text(option.name, style="cyan"), takes, default)
        console.print()
        if kind == "weights" and isinstance(factory, type) and issubclass(factory, ptk.Weights):
            console.print(Text(_describe_weights(factory), style="dim"), soft_wrap=True)
            continue
        console.print(table if table.row_count else Text("It has no options.", style="dim"))


def _describe_weights(weights: type[ptk.Weights]) -> str:
    """What weights say of themselves, a line each; no file is read."""
    files = (f"{weights.find_file(name)}, sha256 {digest}" for name, digest in weights.files.items())
    said = [f"faces: {weights.size} pixels", f"licence: {weights.licence}", f"card: {weights.find_file(weights.card)}"]
    return "\n".join([*said, *(f"file: {file}" for file in files)])


def _parts(name: str) -> list[tuple[str, Part]]:
    """The parts of that name, of the kind that stands before a colon or of any."""
    from ptk.errors import PluginError
    from ptk.plain import nearest
    from ptk.registry.kinds import KINDS
    from ptk.registry.registry import load_registry

    registry = load_registry()
    kind, _, plain = name.rpartition(":")
    kinds = [kind] if kind else [each for each in KINDS if registry.offers(each, plain)]
    if not set(kinds) <= set(KINDS):
        raise PluginError(f"{name}: no such kind of part: {kind}{nearest(kind, KINDS)}")
    if not kinds:
        own = [f"{plugin.name} is a plug-in, no part" for plugin in registry.plugins if _names(plugin, plain)]
        if own:
            raise PluginError(f"{plain}: {own[0]}; ptk plugins lists its parts, ptk plugins check {plain} tries them")
        known = [each for kind in KINDS for each in registry.names(kind)]
        raise PluginError(f"no such part: {plain}{nearest(plain, known)}{registry.describe_broken()}")
    return [(each, registry.part(each, plain)) for each in kinds]


def _names(plugin: Plugin, name: str) -> bool:
    """Whether `name` is the plug-in's entry point, or its distribution as the index compares them."""
    from ptk.registry.discovery import plain_name

    return name == plugin.name or plain_name(name) == plain_name(plugin.distribution)


def _print(plugin: Plugin, console: Console, verbose: bool) -> None:
    from rich.table import Table
    from rich.text import Text

    console.print(Text(plugin.origin, style="bold") + Text(f"  ({plugin.name})", style="dim"))
    if plugin.error:
        console.print(Text(f"  broken: {plugin.error}", style="red"), soft_wrap=True)
    lines = plugin.printed.splitlines()
    if lines:
        more = f", and {len(lines) - 1} lines more" if len(lines) > 1 else ""
        console.print(Text(f"  prints when it is imported: {lines[0][:200]}{more}", style="yellow"), soft_wrap=True)
    if verbose and lines[1:]:
        console.print(Text("\n".join(f"    {line}" for line in lines[1:]), style="dim"), soft_wrap=True)
    if verbose and plugin.traceback:
        console.print(Text(plugin.traceback, style="dim"), soft_wrap=True)
    table = Table(box=None, padding=(0, 2), show_header=False)
    for kind, part in plugin.parts:
        extra = f" (extra {part.extra})" if part.extra else ""
        styles = f" (styles {', '.join(part.styles)})" if part.styles else ""
        table.add_row(kind, Text(part.name, style="cyan"), Text(part.summary + styles + extra))
    if table.row_count:
        console.print(table)


def _plain(plugin: Plugin) -> dict[str, Any]:
    parts = [
        {"kind": kind, "name": part.name, "summary": part.summary, "factory": str(part.factory), "extra": part.extra}
        | ({"styles": list(part.styles)} if part.styles else {})
        for kind, part in plugin.parts
    ]
    said = {"name": plugin.name, "distribution": plugin.distribution, "version": plugin.version, "parts": parts}
    said |= {"printed": plugin.printed} if plugin.printed else {}
    return {**said, "error": plugin.error, "traceback": plugin.traceback} if plugin.error else said
