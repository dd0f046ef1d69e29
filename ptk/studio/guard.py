"""Who may ask: only pages that this server served, on this machine, with the token of this run."""

from __future__ import annotations

import hmac
import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

__all__ = ["LOCAL", "TOKEN_HEADER", "Guard"]

LOCAL = ("127.0.0.1", "localhost", "::1")
"""The names of this machine that no other site can take."""

TOKEN_HEADER = "X-Ptk-Token"

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SAFE = ("GET", "HEAD")
_LOG = logging.getLogger("ptk.studio")

_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]


class Guard:
    """An ASGI app in front of `app` that refuses what comes from elsewhere, and sets the headers of all answers.

    `hosts` are the names by which the server may be called (DNS rebinding), "ip" stands for all addresses in numbers.
    What asks for anything under /api carries `token` in the header X-Ptk-Token, where there is one; that the header is
    there at all no other site can do without being asked first (CORS), and it never is.
    """

    def __init__(self, app: _App, hosts: Iterable[str], token: str | None) -> None:
        self._app, self._token = app, token
        self._hosts = frozenset(host.lower().strip("[]") for host in hosts)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":  # there is no websocket here
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.lower().encode(), value.encode()) for name, value in _HEADERS.items()]
                names = {name for name, _ in ours} | {b"server"}
                message["headers"] = [each for each in message.get("headers", ()) if each[0] not in names] + ours
            await send(message)

        refused = self._refuse(scope)
        if refused is None:
            try:
                await self._app(scope, receive, send_with_headers)
            except Exception as error:  # it was answered; the terminal has it in a line
                _LOG.error("unexpected %s: %s", type(error).__name__, " ".join(str(error)[:500].split()))
            return
        status, line = refused
        body = json.dumps({"error": line}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers.append((b"connection", b"close"))  # what it still sends is not read
        await send_with_headers({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _refuse(self, scope: _Scope) -> tuple[int, str] | None:
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
        hosts = headers.get("host", [])
        if len(hosts) != 1 or not self._is_ours(_split_host(hosts[0])):
            return 403, "this server is not called so; open the address that it printed"
        for origin in headers.get("origin", []):
            if origin.partition("://")[2].lower() != hosts[0].lower():
                return 403, "another site asked for this"
        for site in headers.get("sec-fetch-site", []):
            own = site in ("same-origin", "none")
            # a link somewhere may lead to the page, which shows nothing by itself
            if not own and not (scope["method"] in _SAFE and not self._is_api(scope)):
                return 403, "another site asked for this"
        if self._is_api(scope):
            given = headers.get(TOKEN_HEADER.lower(), [])
            known = self._token is None or hmac.compare_digest("".join(given).encode(), self._token.encode())
            if len(given) != 1 or not known:
                return 403, "the address lacks the token of this run; open the address that was printed"
        return None

    def _is_ours(self, host: str) -> bool:
        if host in self._hosts:
            return True
        if "ip" not in self._hosts:
            return False
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True

    @staticmethod
    def _is_api(scope: _Scope) -> bool:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        return not (path in ("", "/") or path.startswith("/page/"))


def _split_host(host: str) -> str:
    """The name in a Host header, without its port; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "") if not set(host) & set("/?#@\\ ") else ""
    except ValueError:
        return ""
