"""How verbs show what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ptk.dataset.renderings import Progress

__all__ = ["progress_bars", "warner"]


@contextmanager
def progress_bars(*, shown: bool = True) -> Iterator[Progress]:
    """A bar for each thing that is being done, on stderr where that is a terminal; gone when all is done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not (shown and console.is_terminal)) as bars:
        tasks = {}

        def progress(description: str, done: int, total: int) -> None:
            if description not in tasks:
                tasks[description] = bars.add_task(description, total=total)
            bars.update(tasks[description], completed=done, total=total)

        yield progress


def warner(console: Console) -> Callable[[str], None]:
    """A function that prints a warning, in one line, on `console`."""
    from rich.text import Text

    from ptk.cli.flags import spell_here

    return lambda text: console.print(Text("warning: ", style="bold yellow") + Text(spell_here(text)), soft_wrap=True)
