"""Finds the verb that was typed: ptk's own without any plug-in, then those of plug-ins."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ptk.cli.flags import running, spell_here
from ptk.errors import PluginError, PtkError
from ptk.registry.builtins import ptk_commands

if TYPE_CHECKING:
    from collections.abc import Container

    from ptk.registry.parts import Part

__all__ = ["Verbs"]

_PACKAGES = {"synth": "ptk-synth"}
"""Verbs that people know, of packages that need not be installed."""


class Verbs(TyperGroup):
    """The verbs of ptk and, behind them, those of plug-ins.

    For one of ptk's own no plug-in is imported. Help prints these first and asks plug-ins then, whatever they do.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._own = {part.name: part for part in ptk_commands()}
        self._outsider: Any = None
        for name, part in self._own.items():
            self.add_command(TyperCommand(name, help=part.summary))  # what help lists: no verb is imported for that

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import the verb that `args` begins with; exit status 2, as typer has it, where nothing has that name.

        Raises PluginError where two plug-ins offer it, or the package that has it is not installed.
        """
        from ptk.registry.failures import mark_part
        from ptk.registry.parts import load_verb

        name, *others = args
        if name in self._own:
            verb = load_verb(self._own[name])
            running.set(verb)
            if name == "edit" and {"-h", "--help"} & set(others):  # its own help comes first, whatever plug-ins do
                ctx.call_on_close(_print_styles)
            return name, verb, others
        part = _find_outsider(name)
        if part is None:
            from ptk.plain import nearest
            from ptk.registry.registry import load_registry

            registry = load_registry()
            near = nearest(name, registry.names("command"))
            said = f"No such command {name!r}{near}{registry.describe_broken()}"
            return (None, None, others) if ctx.resilient_parsing else ctx.fail(said)
        self._outsider = load_verb(part)
        running.set(self._outsider)
        mark_part(self._outsider, "command", part)
        return name, self._outsider, others

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; its errors name flags for parameters, and what a plug-in's verb raises names the plug-in."""
        from ptk.registry.failures import note_failures

        try:
            return super().invoke(ctx)
        except Exception as error:
            if isinstance(error, PtkError):
                error.args = (spell_here(str(error)), *error.args[1:])
            if self._outsider is None:
                raise
            with note_failures(self._outsider):
                raise

    def get_help(self, ctx: Any) -> str:
        """Print ptk's own help, then the verbs of plug-ins; returns "", for nothing is left to print."""
        said = super().get_help(ctx)
        if said:  # without rich
            typer.echo(said)
        sys.stdout.flush()
        _print_outsiders(self._own)
        return ""


def _find_outsider(name: str) -> Part | None:
    """The part of a plug-in that is the verb `name`; None when no plug-in offers it."""
    from ptk.registry.registry import load_registry

    registry = load_registry()
    if registry.offers("command", name):
        return registry.part("command", name)
    missing = registry.lacking(_PACKAGES[name]) if name in _PACKAGES else ""
    if missing:
        raise PluginError(f"ptk {name} is a verb of {_PACKAGES[name]}, and {missing}")
    return None


def _print_styles() -> None:
    """A panel of the styles that weights of plug-ins make, by their names; nothing where there are none.

    Plug-ins are asked in a process of its own: one that ends Python takes no help away.
    """
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    from ptk.doctor.survey import survey_plugins
    from ptk.registry.discovery import entry_points
    from ptk.registry.registry import is_wanted
    from ptk.registry.styles import list_styles

    if not any(is_wanted(point) for point in entry_points()):
        return
    table = Table(box=None, show_header=False, expand=True, pad_edge=False)
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(ratio=10)
    for style, part in list_styles(survey_plugins()):
        table.add_row(style, Text(part.summary).append(f"  {part.origin}", "dim"))
    if table.row_count:
        Console().print(Panel(table, title="Styles of plug-ins", title_align="left", border_style="dim"))


def _print_outsiders(own: Container[str]) -> None:
    """A panel of the verbs that plug-ins offer, and a line for each plug-in that cannot be asked."""
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    from ptk.registry.registry import load_registry

    registry, console = load_registry(), Console()
    table = Table(box=None, show_header=False, expand=True, pad_edge=False)
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(ratio=10)
    for name in registry.names("command"):
        if name in own:
            continue
        try:
            part = registry.part("command", name)
            table.add_row(name, Text(part.summary).append(f"  {part.origin}", "dim"))
        except PluginError as error:  # two offer it
            table.add_row(name, Text(str(error), "red"))
    if table.row_count:
        console.print(Panel(table, title="Commands of plug-ins", title_align="left", border_style="dim"))
    for origin, why in registry.broken.items():
        console.print(Text(f"broken plug-in {origin}: {why}", "red"), soft_wrap=True)
