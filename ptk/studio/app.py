"""The studio as an ASGI app: its routes, each a few lines around what does the work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ptk.errors import PtkError
from ptk.studio.body import read_body
from ptk.studio.command import list_commands
from ptk.studio.controls import describe_controls, list_sources, read_sample
from ptk.studio.downloads import make_expression, make_landmarks, make_result, measure, read_other
from ptk.studio.guard import LOCAL, Guard
from ptk.studio.opening import describe_photo
from ptk.studio.photos import Limits, Photos
from ptk.studio.pictures import render_wish, show_photo
from ptk.studio.refusals import Refusal, say_plainly
from ptk.studio.renders import Renders
from ptk.studio.styles import Styles
from ptk.studio.wishes import RenderWish, ResultWish, Wish, parse

if TYPE_CHECKING:
    from starlette.requests import Request

    from ptk.editing.editor import Editor
    from ptk.studio.downloads import Download
    from ptk.studio.photos import OpenPhoto

__all__ = ["Studio", "create_app"]

_PAGE = Path(__file__).with_name("page")
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_WISH_BYTES = 256 << 10
_UPLOADS = 4

Answer = TypeVar("Answer")
Handler = Callable[["Request"], Awaitable[Response]]


def create_app(
    *,
    hosts: Iterable[str] = LOCAL,
    token: str | None = None,
    limits: Limits | None = None,
    editor: Editor | None = None,
    given: tuple[str, bytes] | None = None,
) -> Guard:
    """Create the studio as an ASGI app, alone or to be mounted under another one.

    It answers under the names `hosts` only ("ip": all addresses in numbers), and what has no `token` is refused; None
    leaves it to whoever mounts it who may come in. `limits` are those of its memory. `editor` edits; by default ptk's
    own weights do. `given` are name and content of a photo to begin with. Raises PtkError where these cannot be had.
    """
    if editor is None:
        from ptk.editing.opening import open_editor

        editor = open_editor(face="all", moving=("expression",))
    return Guard(Studio(editor, limits or Limits(), given).routes(), hosts, token)


class Studio:
    """What all requests share: the photos that are open, the one render at a time, the page."""

    def __init__(self, editor: Editor, limits: Limits, given: tuple[str, bytes] | None = None) -> None:
        self.limits, self.styles, self._given = limits, Styles(editor), given
        self.renders = Renders(idle=self._rest)
        self.photos = Photos(editor, limits, self.renders.waits)
        self._uploads = asyncio.Semaphore(_UPLOADS)
        self._page = {
            file.name: (file.read_bytes(), _TYPES[file.suffix])
            for file in sorted(_PAGE.iterdir())
            if file.suffix in _TYPES
        }

    def routes(self) -> Starlette:
        """The app without its guard."""
        photo = "/api/photos/{photo}"
        return Starlette(
            routes=[
                Route("/", self.index),
                Route("/page/{name}", self.page),
                Route("/api/controls", self.controls),
                Route("/api/photos", self.open_photo, methods=["POST"]),
                Route("/api/samples/{name}", self.open_sample, methods=["POST"]),
                Route("/api/samples/{name}", self.show_sample),
                Route("/api/given", self.open_given, methods=["POST"]),
                Route("/api/expressions", self.read_expression, methods=["POST"]),
                Route(photo, self.close_photo, methods=["DELETE"]),
                Route(photo + "/picture", self.picture),
                Route(photo + "/render", self.render, methods=["POST"]),
                Route(photo + "/result", self.result, methods=["POST"]),
                Route(photo + "/landmarks", self.landmarks, methods=["POST"]),
                Route(photo + "/expression", self.expression, methods=["POST"]),
                Route(photo + "/command", self.command, methods=["POST"]),
                Route(photo + "/measure", self.measure, methods=["POST"]),
            ],
            exception_handlers={
                Refusal: _answer_error,
                PtkError: _answer_error,
                HTTPException: _answer_error,
                Exception: _answer_error,
            },
        )

    def _rest(self) -> None:
        self.photos.sweep()

    async def index(self, _: Request) -> Response:
        """The page."""
        return self._serve("index.html")

    async def page(self, request: Request) -> Response:
        """A file of the page, from the table that was read at the start."""
        return self._serve(request.path_params["name"])

    async def controls(self, _: Request) -> Response:
        """What there is to choose from."""
        described = await asyncio.to_thread(describe_controls, self.limits)
        return JSONResponse({**described, "given": None if self._given is None else self._given[0]})

    async def open_photo(self, request: Request) -> Response:
        """Open the photo in the body."""
        name = _read_name(request)
        source = _read_source(request)
        async with self._uploads:
            content = await read_body(request, self.limits.file_bytes)
            return await self._open(name, content, source)

    async def open_sample(self, request: Request) -> Response:
        """Open a bundled portrait."""
        return await self._open(f"{request.path_params['name']}.jpg", _find_sample(request), "photo")

    async def show_sample(self, request: Request) -> Response:
        """A bundled portrait as it is."""
        return Response(_find_sample(request), media_type="image/jpeg")

    async def open_given(self, request: Request) -> Response:
        """Open the photo that the studio was started with."""
        if self._given is None:
            raise Refusal(404, "no photo was given; open one")
        return await self._open(*self._given, _read_source(request))

    async def close_photo(self, request: Request) -> Response:
        """Forget a photo."""
        opened = self._find(request)
        self.photos.close(opened.id)
        self.renders.cancel(opened.id)
        # once more behind the render that runs, which may keep what it made
        await asyncio.wrap_future(self.renders.submit(opened.id, lambda: self.photos.close(opened.id)))
        return Response(status_code=204)

    async def picture(self, request: Request) -> Response:
        """The photo as it is."""
        opened = self._find(request)
        side, developed = request.query_params.get("side", "1280"), request.query_params.get("developed") == "1"
        if not (side.isascii() and side.isdecimal() and len(side) < 6 and 16 <= int(side) <= 4096):
            raise Refusal(422, "side is a number from 16 to 4096")
        made = await self._wait(opened, lambda: show_photo(self.photos, opened, int(side), developed=developed))
        return Response(made, media_type="image/webp")

    async def render(self, request: Request) -> Response:
        """Render an edit, for the page."""
        opened = self._find(request)
        wish = parse(RenderWish, await read_body(request, _WISH_BYTES))
        latest = wish.want != "whole"
        work = self._wait(opened, lambda: render_wish(self.photos, opened, wish, self.styles), latest=latest)
        made = await work
        return Response(made.content, media_type="image/webp", headers={"X-Ptk-Meta": made.meta})

    async def result(self, request: Request) -> Response:
        """The edited photo, as a file."""
        opened = self._find(request)
        wish = parse(ResultWish, await read_body(request, _WISH_BYTES))
        make = self._wait(opened, lambda: make_result(self.photos, opened, wish.edit, wish.suffix, self.styles))
        return _attach(await make)

    async def landmarks(self, request: Request) -> Response:
        """The landmarks, where they go, as a file."""
        opened, wish = await self._read_wish(request)
        return _attach(await self._wait(opened, lambda: make_landmarks(self.photos, opened, wish.edit)))

    async def expression(self, request: Request) -> Response:
        """The expression, as a file."""
        opened, wish = await self._read_wish(request)
        return _attach(await self._wait(opened, lambda: make_expression(self.photos, opened, wish.edit)))

    async def command(self, request: Request) -> Response:
        """The commands that do the same."""
        opened, wish = await self._read_wish(request)
        return JSONResponse(await self._wait(opened, lambda: list_commands(opened, wish.edit, self.styles)))

    async def measure(self, request: Request) -> Response:
        """How near the result comes to what was asked for."""
        opened, wish = await self._read_wish(request)
        return JSONResponse(await self._wait(opened, lambda: measure(self.photos, opened, wish.edit, self.styles)))

    async def read_expression(self, request: Request) -> Response:
        """Read the expression in another photo, or in a file of one."""
        name = _read_name(request)
        async with self._uploads:
            content = await read_body(request, self.limits.file_bytes)
            read = self.renders.submit("", lambda: read_other(self.photos, name, content))
            return JSONResponse(await asyncio.wrap_future(read))

    async def _open(self, name: str, content: bytes, source: str | None) -> Response:
        if not content:
            raise Refusal(400, "the file is empty")

        def work() -> dict[str, Any]:
            opened = self.photos.open(name, content, source)
            return describe_photo(self.photos, opened)

        try:
            described = await asyncio.wrap_future(self.renders.submit(f"open {id(content)}", work))
        except PtkError as error:
            raise Refusal(422, say_plainly(str(error), name)) from error
        return JSONResponse(described, status_code=201)

    async def _read_wish(self, request: Request) -> tuple[OpenPhoto, Wish]:
        opened = self._find(request)
        return opened, parse(Wish, await read_body(request, _WISH_BYTES))

    async def _wait(self, opened: OpenPhoto, work: Callable[[], Answer], *, latest: bool = False) -> Answer:
        """What `work` returns, once it is its turn."""
        try:
            answer: Answer = await asyncio.wrap_future(self.renders.submit(opened.id, work, latest=latest))
        except PtkError as error:
            raise Refusal(422, say_plainly(str(error), opened.name)) from error
        return answer

    def _find(self, request: Request) -> OpenPhoto:
        return self.photos.get(request.path_params["photo"])

    def _serve(self, name: str) -> Response:
        if name not in self._page:
            raise Refusal(404, "there is no such file")
        content, kind = self._page[name]
        return Response(content, media_type=kind)


def _find_sample(request: Request) -> bytes:
    try:
        return read_sample(request.path_params["name"])
    except KeyError as error:
        raise Refusal(404, "there is no such portrait") from error


def _read_source(request: Request) -> str | None:
    """What the picture is said to be; None: what it looks like."""
    source = request.headers.get("x-ptk-from", "") or None
    if source is not None and source not in list_sources():
        raise Refusal(422, f"no way back is known from {source:.40}; there are {', '.join(list_sources())}")
    return source


def _read_name(request: Request) -> str:
    """The label of a file: for people, since nothing is ever read or written by it."""
    said = unquote(request.headers.get("x-ptk-name", ""), errors="replace")
    last = said.replace("\\", "/").rpartition("/")[2]
    clean = "".join(each for each in last if each.isprintable() and each not in '<>:"|?*').strip(". ")
    return clean[-120:] or "photo.jpg"


def _attach(file: Download) -> Response:
    plain = "".join(each if each.isascii() and each not in '"\\' else "_" for each in file.name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return Response(file.content, media_type=file.media_type, headers={"Content-Disposition": disposition})


async def _answer_error(_: Request, error: Exception) -> Response:
    """What went wrong, in a line that people read."""
    status, line = 500, "something went wrong here; the terminal says what"
    headers: Mapping[str, str] | None = None
    if isinstance(error, Refusal):
        status, line, headers = error.status, error.line, error.headers
    elif isinstance(error, HTTPException):
        status, line, headers = error.status_code, error.detail.lower(), error.headers
    elif isinstance(error, PtkError):
        status, line = 422, say_plainly(str(error))
    return JSONResponse({"error": line}, status_code=status, headers=headers)
