"""``ptk studio``: a page to edit photos in, on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["studio"]


def studio(
    photo: Annotated[Path | None, typer.Argument(help="A photo to begin with; it is never changed.")] = None,
    host: Annotated[str, typer.Option(help="Where to listen; other machines may come in at all but 127.0.0.1.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port.", show_default="a free one")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Print the address, open no browser.")] = False,
) -> None:
    """Edit photos in the browser: move the points of faces by hand or by words, see the result at once."""
    import webbrowser

    from ptk.faces.images import read_content, read_photo
    from ptk.studio.guard import LOCAL
    from ptk.studio.serve import import_server, serve

    import_server()
    given = None
    if photo is not None:
        given = photo.name, read_content(photo)
        read_photo(photo, given[1])  # what is wrong with it is said now

    def tell(address: str) -> None:
        if host not in LOCAL:
            typer.echo(f"warning: whoever reaches {host} and has this address can use the studio", err=True)
        typer.echo(address)
        if not no_browser:
            webbrowser.open(address)

    serve(host, port, tell, given)
