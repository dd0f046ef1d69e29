"""Bodies of requests, read as they come, with a limit on how much and how long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from ptk.studio.refusals import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["read_body"]

_SILENCE = 15.0  # seconds without a byte, after which nobody is waited for
_SLOWEST = 50_000  # bytes a second on average, after half a minute of grace
_GRACE = 30.0
_FORMS = ("multipart/", "application/x-www-form-urlencoded")


async def read_body(request: Request, limit: int, *, silence: float = _SILENCE) -> bytes:
    """Read the body of a request, of `limit` bytes at most; more is refused (413) as soon as it is announced or there.

    Raises Refusal, too, for forms and compressed bodies, which nothing here reads (415), and senders that stop (408).
    """
    kind = request.headers.get("content-type", "").strip().lower()
    if kind.startswith(_FORMS):
        raise Refusal(415, "forms are not read; send the file itself")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal(415, "compressed requests are not read; send the file itself")
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said[:20]) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size, began = 0, asyncio.get_running_loop().time()
    stream = request.stream().__aiter__()
    while True:
        try:
            chunk = await asyncio.wait_for(anext(stream), silence)
        except StopAsyncIteration:
            return b"".join(chunks)
        except TimeoutError as error:
            raise Refusal(408, "the file stopped coming; try again") from error
        except ClientDisconnect as error:
            raise Refusal(400, "the sender has gone") from error
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        if asyncio.get_running_loop().time() - began > _GRACE + size / _SLOWEST:
            raise Refusal(408, "the file comes too slowly; try again")
        chunks.append(chunk)


def _too_large(limit: int) -> Refusal:
    size = f"{limit >> 20} MB" if limit >= 1 << 20 else f"{limit >> 10} kB"
    return Refusal(413, f"this is larger than {size}; scale it down first", {"Connection": "close"})
