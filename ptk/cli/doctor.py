"""``ptk doctor``: what works here, what is missing, what is broken, and how each is mended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ptk.cli.flags import spell_flags

if TYPE_CHECKING:
    from rich.console import Console

    from ptk.doctor.findings import Finding, Group

_MARKS = {"good": ("✓", "ok", "green"), "remark": ("!", "!", "yellow"), "broken": ("✗", "X", "red")}


def doctor(
    quick: Annotated[bool, typer.Option("--quick", help="Import no extra.")] = False,
    measure: Annotated[bool, typer.Option("--measure", help="Measure every recipe, about 20 seconds each.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="All that was found, for machines.")] = False,
) -> None:
    """Check this machine and what is installed; say what is missing or broken, and what recipes would take here."""
    import json

    from rich.console import Console

    from ptk.doctor.examine import examine
    from ptk.errors import PtkError

    if quick and measure:
        raise PtkError("--quick, --measure: one looks at little, the other at most; leave out one")
    console, groups = Console(highlight=False), []
    # On the console that is printed to, or the two would write into each other's lines.
    shown = console if console.is_terminal and not as_json else Console(stderr=True)
    with shown.status("") as status:
        for group in examine(quick=quick, measure=measure, progress=status.update):
            group = _spell(group)  # noqa: PLW2901
            groups.append(group)
            if group.findings and not as_json:
                _show(group, console)
    findings = [finding for group in groups for finding in group.findings]
    works = not any(finding.core and finding.state == "broken" for finding in findings)
    if as_json:
        plain = [{"title": group.title, "findings": [each.plain() for each in group.findings]} for group in groups]
        typer.echo(json.dumps({"schema": "ptk.doctor/1", "works": works, "groups": plain}, indent=2))
    else:
        console.print(_conclusion(findings, works), style="bold", soft_wrap=True)
    if not works:
        raise typer.Exit(1)


def _spell(group: Group) -> Group:
    """The group with flags for what its findings tell to choose, such as `device=cpu`: they are those of ptk edit."""
    from dataclasses import replace

    from ptk.registry.builtins import ptk_commands
    from ptk.registry.parts import load_verb

    edit = load_verb(next(part for part in ptk_commands() if part.name == "edit"))
    spelled = (
        replace(each, text=spell_flags(each.text, edit), mend=spell_flags(each.mend, edit)) for each in group.findings
    )
    return replace(group, findings=tuple(spelled))


def _show(group: Group, console: Console) -> None:
    console.print(group.title, style="bold", markup=False)
    for finding in group.findings:
        _show_finding(finding, console)
    console.print()


def _show_finding(finding: Finding, console: Console) -> None:
    """One line. Where a terminal is too narrow for it, the mend, a command to copy, begins a line of its own."""
    from rich.text import Text

    mark, plain, colour = _MARKS[finding.state]
    try:
        mark.encode(console.encoding)
    except (LookupError, UnicodeEncodeError):
        mark = plain
    sign = Text(f"{mark} ", style=colour)
    what = f"{finding.name}: {finding.text}"
    whole = Text.assemble(sign, what, (f"; {finding.mend}" if finding.mend else "", "cyan"))
    if not console.is_terminal or whole.cell_len <= console.width:
        console.print(whole, soft_wrap=True)
        return
    lines = Text(what).wrap(console, console.width - 4)
    for number, line in enumerate(lines):
        line.rstrip()
        console.print(Text.assemble("    " if number else sign, line), soft_wrap=True)
    if finding.mend:
        console.print(Text(f"    {finding.mend}", style="cyan"), soft_wrap=True)


def _conclusion(findings: list[Finding], works: bool) -> str:
    broken = sum(finding.state == "broken" for finding in findings)
    remarks = sum(finding.state == "remark" for finding in findings)
    counts = [f"{count} {what}" for count, what in ((broken, "broken"), (remarks, "to think about")) if count]
    return f"ptk {'works' if works else 'does not work'} here: {', '.join(counts) or 'nothing to mend'}"
