"""The studio: a page to edit photos in, and the server behind it, which also mounts under another ASGI app."""

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
