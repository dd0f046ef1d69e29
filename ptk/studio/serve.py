"""Runs the studio on this machine."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Callable
from typing import Any

from ptk.errors import MissingExtra, PtkError
from ptk.studio.guard import LOCAL

__all__ = ["import_server", "listen", "name_hosts", "serve"]

_EVERYWHERE = ("0.0.0.0", "::")


def import_server() -> Any:
    """Import uvicorn. Raises MissingExtra."""
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise MissingExtra("studio", "the studio") from error
    return uvicorn


def listen(host: str, port: int) -> socket.socket:
    """Open a socket at `host` and `port`, 0 for a free one. Raises PtkError where that cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named TCP, so that asyncio sends at once (TCP_NODELAY): answers are 40 ms late otherwise
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((host, port))
        opened.listen(128)
    except (OSError, OverflowError) as error:
        opened.close()
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise PtkError(f"`host` {host}, `port` {port}: cannot be listened at ({reason}); choose another") from error
    return opened


def name_hosts(host: str) -> tuple[str, ...]:
    """The names by which browsers may call a server that listens at `host`."""
    if host in LOCAL:
        return LOCAL
    if host in _EVERYWHERE:
        return (*LOCAL, "ip", socket.gethostname())
    return (*LOCAL, host)


def serve(host: str, port: int, tell: Callable[[str], None], given: tuple[str, bytes] | None = None) -> None:
    """Serve the studio at `host` and `port` until it is interrupted; `tell` is told its address once it answers.

    `given` are name and content of a photo to begin with.
    """
    uvicorn = import_server()
    from ptk.studio.app import create_app

    token = secrets.token_urlsafe(24)
    opened = listen(host, port)
    shown = "127.0.0.1" if host in _EVERYWHERE else host
    place = f"[{shown}]" if ":" in shown else shown
    address = f"http://{place}:{opened.getsockname()[1]}/#token={token}"
    app = create_app(hosts=name_hosts(host), token=token, given=given)
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="off",
        h11_max_incomplete_event_size=64 << 10,
        timeout_keep_alive=15,
        limit_concurrency=512,
        timeout_graceful_shutdown=3,
    )

    class _Server(uvicorn.Server):  # type: ignore[misc, name-defined]
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            tell(address)

    _Server(config).run(sockets=[opened])
