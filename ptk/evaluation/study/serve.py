"""Serve a study's page on this machine, and keep the answers that it sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptk.errors import DataError, MissingExtra
from ptk.evaluation.study.answers import parse_answers, read_key
from ptk.files import write_bytes
from ptk.plain import parse_json

if TYPE_CHECKING:
    import socket

    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["create_app", "serve"]

_MOST = 1 << 20


def create_app(study: Path) -> Any:
    """The application: the page of the study in the folder `study`, and `answers`, which takes what it sends.

    Answers are checked, and kept in the folder `answers` of the study, a file for each person; later ones replace it.
    Raises DataError where there is no study, MissingExtra without starlette.
    """
    key = read_key(study)
    try:
        from starlette.applications import Starlette
        from starlette.responses import PlainTextResponse
        from starlette.routing import Mount, Route
        from starlette.staticfiles import StaticFiles
    except ImportError as error:
        raise MissingExtra("studio", "a study's server") from error

    async def take(request: Request) -> Response:
        content = b""
        async for piece in request.stream():
            content += piece
            if len(content) > _MOST:
                return PlainTextResponse("larger than 1 MiB", 413)
        try:
            said = parse_json(content)
            answers = parse_answers(said if isinstance(said, dict) else {}, key, "answers")
        except (ValueError, DataError) as error:
            return PlainTextResponse(str(error), 400)
        if not answers.rater.isalnum() or not answers.rater.isascii():
            return PlainTextResponse("no rater of this page", 400)
        (study / "answers").mkdir(exist_ok=True)
        write_bytes(study / "answers" / f"{answers.rater}.json", json.dumps(said).encode())
        return PlainTextResponse("kept")

    pages = StaticFiles(directory=study / "page", html=True)
    return Starlette(routes=[Route("/answers", take, methods=["POST"]), Mount("/", pages)])


def serve(study: Path, opened: socket.socket) -> None:
    """Serve the study at a socket that is `opened`, until it is interrupted. Raises what `create_app` raises."""
    app = create_app(study)
    import uvicorn

    config = uvicorn.Config(app, log_level="error", access_log=False, server_header=False, ws="none", lifespan="off")
    uvicorn.Server(config).run(sockets=[opened])
