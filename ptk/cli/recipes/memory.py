"""What ``ptk recipes check --memory`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch
    from rich.console import Console

    from ptk.cost.memory import Estimate, Losses
    from ptk.recipe.schema import Recipe

__all__ = ["show_memory"]

_BESIDE = {
    "cuda": "not counted: CUDA itself (about half a GiB), cuDNN's workspaces, what falls between blocks",
    "cpu": "not counted: Python and torch themselves (about half a GiB), what convolutions use inside their library",
}


def show_memory(recipe: Recipe, device: str, fit_in: str | None) -> bool:
    """Print the parts of the peak, whether they fit, and what would make them; returns whether they fit.

    `device` need not be here when it is "cuda". Without `fit_in` it is what is free here that counts; where that is not
    known, everything fits.
    """
    import torch
    from rich.console import Console

    from ptk.cost.available_memory import SPARE, format_bytes, measure_free_memory, parse_bytes
    from ptk.cost.memory import estimate
    from ptk.device import resolve_device, resolve_precision
    from ptk.recipe.build import without_pretrained
    from ptk.training.run import build_losses_of

    place = device if device == "cuda" else resolve_device(device).type
    given = parse_bytes(fit_in) if fit_in else None
    asked = recipe.training.precision
    if asked == "auto" and place == "cuda" and not torch.cuda.is_available():
        precision = torch.bfloat16  # every card made since 2020
    else:
        precision = resolve_precision(asked, torch.device(place))
    console = Console()
    with Console(stderr=True).status("estimating"):
        losses = build_losses_of(without_pretrained(recipe), torch.device("cpu"))
        found = estimate(recipe, place, precision, losses)
    data = _show_parts(console, recipe, found, place, precision)
    free = given if given is not None else measure_free_memory(place)
    if free is None:
        console.print(f"no {place} device is known here: --fit-in 24GB says how much it has")
        return True
    usable = int((1 - SPARE) * free) - data
    whose = f"{fit_in}" if fit_in else f"the {format_bytes(free)} that are free"
    if found.peak <= usable:
        console.print(f"[green]fits[/] in {whose}, 15 % left free", soft_wrap=True, highlight=False)
        return True
    console.print(f"[red]does not fit[/] in {whose}, 15 % left free", soft_wrap=True, highlight=False)
    _show_changes(console, recipe, place, precision, usable, losses)
    return False


def _show_parts(console: Console, recipe: Recipe, found: Estimate, place: str, precision: torch.dtype) -> int:
    """Prints the table; returns the bytes of the data where it is kept on the device."""
    from rich.table import Table

    from ptk.cli.flags import spell_flags
    from ptk.cost.available_memory import format_bytes
    from ptk.data.source import open_source
    from ptk.errors import PtkError

    kind = str(precision).removeprefix("torch.")
    what = f"{recipe.training.batch} pairs of {recipe.data.size} px on {place}, {kind}"
    console.print(f"[bold]{recipe.name}[/]: {what}", soft_wrap=True, highlight=False)
    rows, data, beside = dict(found.parts), 0, [_BESIDE[place]]
    if place == "cpu":
        try:
            data = rows["data"] = open_source(recipe).count_bytes()
        except PtkError as error:
            beside.append(f"nor the data: {spell_flags(str(error), None)}")
    table = Table(box=None, padding=(0, 2), show_header=False, highlight=False)
    table.add_column(style="cyan")
    table.add_column(justify="right")
    for name, size in sorted(rows.items(), key=lambda row: -row[1]):
        table.add_row(name, format_bytes(size))
    table.add_row("[bold]at the peak[/]", f"[bold]{format_bytes(found.peak + data)}[/]")
    console.print(table)
    for text in (*([found.remark] if found.remark else []), *beside):
        console.print(text, style="dim", soft_wrap=True, highlight=False)
    return data


def _show_changes(
    console: Console, recipe: Recipe, place: str, precision: torch.dtype, usable: int, losses: Losses
) -> None:
    from rich.console import Console
    from rich.table import Table

    from ptk.cost.available_memory import format_bytes
    from ptk.cost.memory_advice import suggest_changes

    with Console(stderr=True).status("looking for what would"):
        found = suggest_changes(recipe, place, precision, usable, losses)
    if not found:
        console.print("no batch, size or precision would make it fit; make the networks narrower", soft_wrap=True)
        return
    console.print("each of these would:" if len(found) > 1 else "this would:")
    table = Table(box=None, padding=(0, 2), show_header=False, highlight=False)
    for change in found:
        table.add_row(
            " ".join(f"--set {text}" for text in change.assignments), format_bytes(change.peak), change.effect
        )
    console.print(table, soft_wrap=True)
