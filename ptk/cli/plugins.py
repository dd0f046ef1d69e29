"""``ptk plugins``: what is installed, what each offers, and what is broken and why."""

from __future__ import annotations


def plugins() -> None:
    """List the plug-ins and the parts they offer."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ptk.registry.registry import load_registry

    console = Console()
    for plugin in load_registry().plugins:
        console.print(Text(plugin.origin, style="bold") + Text(f"  ({plugin.name})", style="dim"))
        if plugin.error:
            console.print(Text(f"  broken: {plugin.error}", style="red"), soft_wrap=True)
        table = Table(box=None, padding=(0, 2), show_header=False)
        for kind, part in plugin.parts:
            extra = f" (extra {part.extra})" if part.extra else ""
            table.add_row(kind, Text(part.name, style="cyan"), part.summary + extra)
        console.print(table)
