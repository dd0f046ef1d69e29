"""What is sent: files that are no photos, too large ones, endless ones, and wishes that are none."""

from __future__ import annotations

import asyncio
import socket
import struct
import zlib

import pytest
from starlette.requests import Request

from ptk.studio.body import read_body
from ptk.studio.refusals import Refusal

WISH = {"face": 1, "faces": {"1": {"words": {"smile": 0.5}}}}


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "Multipart/Mixed"]
)
def test_forms_are_not_read(page, portrait_file, kind):
    answer = page.ask("POST", "/api/photos", content=portrait_file, headers={"Content-Type": kind})
    assert answer.status_code == 415
    assert len(page.studio.photos) == 0


def test_compressed_bodies_are_not_read(page, portrait_file):
    said = {"Content-Encoding": "gzip"}
    assert page.ask("POST", "/api/photos", content=portrait_file, headers=said).status_code == 415


def test_a_body_that_says_it_is_too_large_is_not_even_read(page):
    read = []

    async def body():
        read.append(1)
        yield bytes(1 << 20)

    said = {"Content-Length": str(60 << 20)}
    answer = page.ask("POST", "/api/photos", content=body(), headers=said)
    assert answer.status_code == 413
    assert "40 MB" in answer.json()["error"]
    assert not read


def test_an_endless_body_ends_at_the_limit():
    read = []

    async def receive():
        read.append(1)
        return {"type": "http.request", "body": bytes(1 << 16), "more_body": True}

    with pytest.raises(Refusal, match="larger than 1 MB") as caught:
        asyncio.run(read_body(Request({"type": "http", "headers": []}, receive), 1 << 20))
    assert caught.value.status == 413
    assert len(read) == 17


def test_60_mb_are_refused(page):
    answer = page.ask("POST", "/api/photos", content=bytes(60 << 20))
    assert answer.status_code == 413


def test_nobody_is_waited_for_who_stops_sending():
    async def receive():
        await asyncio.Event().wait()

    with pytest.raises(Refusal) as caught:
        asyncio.run(read_body(Request({"type": "http", "headers": []}, receive), 100, silence=0.01))
    assert caught.value.status == 408


def test_who_goes_away_is_let_go():
    async def receive():
        return {"type": "http.disconnect"}

    with pytest.raises(Refusal) as caught:
        asyncio.run(read_body(Request({"type": "http", "headers": []}, receive), 100))
    assert caught.value.status == 400


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is large; it holds no pixels at all."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("sides", [(60_000, 60_000), (8000, 6251), (1_000_000, 40)])
def test_a_bomb_is_refused_by_its_header(page, sides):
    for path in ("/api/photos", "/api/expressions"):
        answer = page.ask("POST", path, content=bomb(*sides), headers={"X-Ptk-Name": "bomb.png"})
        assert answer.status_code == 422
        assert "megapixels" in answer.json()["error"] or sides[0] == 1_000_000
    assert len(page.studio.photos) == 0


@pytest.mark.parametrize(
    "content",
    [b"https://example.com/cat.jpg", b"file:///etc/passwd", b"/etc/passwd", b"data:image/png;base64,AAAA", b"<svg/>"],
)
def test_an_address_is_no_photo_and_nothing_is_fetched(page, content, monkeypatch):
    def refuse(*arguments):
        raise AssertionError(f"contacted {arguments}")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    answer = page.ask("POST", "/api/photos", content=content)
    assert answer.status_code == 422
    assert "\n" not in answer.json()["error"]
    assert "passwd" not in answer.text


def test_an_empty_file_is_named_so(page):
    answer = page.ask("POST", "/api/photos", content=b"")
    assert (answer.status_code, answer.json()["error"]) == (400, "the file is empty")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("C%3A%5CUsers%5Cme%5Ccat.png", "cat.png"),
        ("%00%0A%0Dcat.png", "cat.png"),
        ("%F0%9F%90%88.png", "🐈.png"),
        ("..", "photo.jpg"),
        ("%FF%FE", "��"),
        ("", "photo.jpg"),
        ("x" * 500 + ".png", "x" * 116 + ".png"),
    ],
)
def test_a_file_name_is_a_label_and_no_path(page, portrait_file, said, name):
    answer = page.ask("POST", "/api/photos", content=portrait_file, headers={"X-Ptk-Name": said})
    assert answer.json()["name"] == name
    file = page.post(answer.json()["id"], "result", {}, suffix=".png")
    assert file.content == portrait_file  # nothing is changed: the file itself
    assert "\n" not in file.headers["content-disposition"]
    assert "/" not in file.headers["content-disposition"].replace("UTF-8''", "")


WRONG = [
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"edit": 1}',
    b"[" * 100_000,
    b'{"edit": {"faces": {"1": {"words": {"smile": NaN}}}}}',
    b'{"edit": {"faces": {"1": {"words": {"smile": 1e999}}}}}',
    b'{"edit": {"faces": {"1": {"words": {"smile": 1.6}}}}}',
    b'{"edit": {"faces": {"1": {"words": {"smile": "0.5"}}}}}',
    b'{"edit": {"faces": {"1": {"words": {"smile": true}}}}}',
    b'{"edit": {"faces": {"1": {"words": {"`rm`\\n": 1}}}}}',
    b'{"edit": {"faces": {"1": {"moved": {"68": [0, 1]}}}}}',
    b'{"edit": {"faces": {"1": {"moved": {"-1": [0, 1]}}}}}',
    b'{"edit": {"faces": {"1": {"moved": {"01": [0, 1]}}}}}',
    b'{"edit": {"faces": {"1": {"moved": {"8": [0]}}}}}',
    b'{"edit": {"faces": {"1": {"moved": {"8": [0, Infinity]}}}}}',
    b'{"edit": {"faces": {"1": {"moved": {"8": [0, 1e30]}}}}}',
    b'{"edit": {"faces": {"0": {}}}}',
    b'{"edit": {"faces": {"one": {}}}}',
    b'{"edit": {"faces": {"1": {"like": {"words": {"smile": 1}, "parts": {"nose": 1}}}}}}',
    b'{"edit": {"faces": {"1": {"like": {"words": {"smile": 1}, "parts": {"mouth": 2}}}}}}',
    b'{"edit": {"face": 0}}',
    b'{"edit": {"face": 1.5}}',
    b'{"edit": {"path": "/etc/passwd"}}',
    b'{"edit": {"area": "all"}}',
    b'{"edit": {"force": 1}}',
]


@pytest.fixture
def photo(page, portrait_file) -> str:
    return page.open(portrait_file)["id"]


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_a_wish_that_is_none_is_refused_in_a_line(page, photo, content):
    for what in ("render", "landmarks", "command"):
        answer = page.ask("POST", f"/api/photos/{photo}/{what}", content=content)
        assert answer.status_code == 422
        said = answer.json()["error"]
        assert said
        assert not set("`\n") & set(said)
        assert len(said) < 300


@pytest.mark.parametrize(
    "style",
    ["picture:/etc/passwd", "picture", "beard:length=2", "../sketch", "images", "neural_style", "sketch:", "nothing"],
)
def test_styles_are_those_that_are_listed(page, photo, style):  # options may be files
    for what, more in {"render": {"want": "live"}, "result": {"suffix": ".png"}, "command": {}}.items():
        answer = page.post(photo, what, {"style": style}, **more)
        assert answer.status_code == 422
        assert answer.json()["error"].startswith("there is no style")


def test_a_wish_is_no_longer_than_wishes_are(page, photo):
    answer = page.ask("POST", f"/api/photos/{photo}/render", content=b" " * 300_000)
    assert answer.status_code == 413


@pytest.mark.parametrize("suffix", [".gif", "", ".exe", "/../x.png", ".jpg/x"])
def test_results_are_photos(page, photo, suffix):
    assert page.post(photo, "result", WISH, suffix=suffix).status_code == 422


@pytest.mark.parametrize("side", ["0", "-1", "99999", "x", "1e3", "²"])
def test_sides_are_numbers(page, photo, side):
    assert page.ask("GET", f"/api/photos/{photo}/picture", params={"side": side}).status_code == 422


def test_a_source_is_one_from_which_there_is_a_way_back(page, portrait_file):
    answer = page.ask("POST", "/api/photos", content=portrait_file, headers={"X-Ptk-From": "klee"})
    assert answer.status_code == 422
    assert "sketch" in answer.json()["error"]


def test_a_face_that_is_not_there(page, photo):
    for what, more in {"render": {"want": "live"}, "landmarks": {}, "measure": {}}.items():
        answer = page.post(photo, what, {"face": 2, "faces": {"2": {"words": {"smile": 1}}}}, **more)
        assert answer.status_code == 422
        assert answer.json()["error"] == "there is no face 2 in this photo"
