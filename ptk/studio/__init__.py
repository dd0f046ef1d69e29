"""The studio: a page to edit photos in, and the server behind it, which also mounts under another ASGI app.

    from starlette.applications import Starlette
    from starlette.routing import Mount
    from ptk.studio import create_app

    app = Starlette(routes=[Mount("/studio", app=create_app(hosts=["photos.example"]))])

`hosts` are the names by which browsers call it; others are refused. Without a `token` whoever reaches the app may use
it, so a login is up to the outer one. It keeps all in the memory of one process: run one worker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ptk.studio.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Import `create_app` when it is first asked for: it needs the extra studio."""
    if name != "create_app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ptk.errors import MissingExtra

    try:
        from ptk.studio.app import create_app
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "starlette":
            raise
        raise MissingExtra("studio", "the studio") from error
    return create_app
