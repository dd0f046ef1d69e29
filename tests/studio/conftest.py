"""A studio to ask, as a page would, and photos for it."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from ptk.editing.editor import Editor
from ptk.editing.opening import open_editor
from ptk.studio.app import Studio
from ptk.studio.guard import LOCAL, Guard
from ptk.studio.photos import Limits

TOKEN = "the-token-of-this-run"
PLACE = "http://127.0.0.1:8000"


def encode(pixels: np.ndarray, suffix: str = "PNG", **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, suffix, **options)
    return buffer.getvalue()


def decode(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


@dataclass
class Asker:
    """A page that asks a studio; each request is a call of the ASGI app, without a network."""

    studio: Studio
    app: Any

    def ask(self, method: str, path: str, **named: Any) -> httpx.Response:
        return asyncio.run(self.send(method, path, **named))

    async def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        token: str | None = TOKEN,
        **named: Any,
    ) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        own = {} if token is None else {"X-Ptk-Token": token}
        async with httpx.AsyncClient(transport=transport, base_url=PLACE, timeout=None) as client:
            return await client.request(method, path, headers={**own, **(headers or {})}, **named)

    def open(self, content: bytes, name: str = "photo.png", source: str = "") -> dict[str, Any]:
        said = {"X-Ptk-Name": quote(name), "X-Ptk-From": source}
        answer = self.ask("POST", "/api/photos", content=content, headers=said)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def post(self, photo: str, what: str, edit: Mapping[str, Any], **more: Any) -> httpx.Response:
        return self.ask("POST", f"/api/photos/{photo}/{what}", json={"edit": edit, **more})

    def render(self, photo: str, edit: Mapping[str, Any], want: str, **more: Any) -> tuple[np.ndarray, dict[str, Any]]:
        answer = self.post(photo, "render", edit, want=want, **more)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "image/webp"
        return decode(answer.content), json.loads(answer.headers["x-ptk-meta"])


@pytest.fixture(scope="session")
def studio_editor(own_cache) -> Editor:
    return open_editor(face="all")


@pytest.fixture
def start(studio_editor) -> Any:
    """Start a studio within limits."""
    started: list[Studio] = []

    def begin(*, editor: Editor = studio_editor, token: str | None = TOKEN, hosts: Any = LOCAL, **limits: Any) -> Asker:
        studio = Studio(editor, Limits(**limits))
        started.append(studio)
        return Asker(studio, Guard(studio.routes(), hosts, token))

    yield begin
    for studio in started:
        studio.renders.close()


@pytest.fixture
def page(start: Callable[..., Asker]) -> Asker:
    """A page that asks a studio of its own."""
    return start()


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """A real photo of 512 x 512 with one face."""
    return astronaut()


@pytest.fixture(scope="session")
def portrait_file(portrait) -> bytes:
    return encode(portrait)


@pytest.fixture(scope="session")
def two_faces(portrait) -> np.ndarray:
    """Two faces side by side, the second one darker and mirrored."""
    return np.concatenate([portrait, (portrait[:, ::-1] * 0.8).astype(np.uint8)], axis=1)
