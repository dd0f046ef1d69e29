"""Who gets in: each of these attacks hit a tool of this kind, and is told here with what it gets."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from ptk.studio.guard import Guard
from studio.conftest import TOKEN

API = [
    ("GET", "/api/controls"),
    ("POST", "/api/photos"),
    ("POST", "/api/samples/sea"),
    ("GET", "/api/samples/sea"),
    ("POST", "/api/given"),
    ("POST", "/api/expressions"),
    ("GET", "/api/photos/1/picture"),
    ("POST", "/api/photos/1/render"),
    ("POST", "/api/photos/1/result"),
    ("POST", "/api/photos/1/landmarks"),
    ("POST", "/api/photos/1/expression"),
    ("POST", "/api/photos/1/command"),
    ("POST", "/api/photos/1/measure"),
    ("DELETE", "/api/photos/1"),
]


def raw(app, path, *, method="GET", headers=(), kind="http", root=""):
    """The status and the body that a request gets whose path no client has cleaned."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    given = [(b"host", b"127.0.0.1:8000"), (b"x-ptk-token", TOKEN.encode()), *headers]
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": root,
        "query_string": b"",
        "headers": given,
        "scheme": "http",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 5),
        "http_version": "1.1",
    }
    asyncio.run(app(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "x@evil.example",
        "[::2]",
        "",
    ],
)
def test_a_name_that_was_bound_to_this_machine_gets_nothing(page, host):  # DNS rebinding
    for path in ("/", "/page/index.html", "/api/controls"):
        answer = page.ask("GET", path, headers={"Host": host})
        assert answer.status_code == 403
        assert "error" in answer.json()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000"])
def test_names_of_this_machine_are_answered(page, host):
    assert page.ask("GET", "/", headers={"Host": host}).status_code == 200


def test_two_hosts_are_none(page):
    sent = raw(page.app, "/", headers=[(b"host", b"evil.example")])
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},  # another program on this machine
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_another_site_opens_no_photo(page, portrait_file, said):  # cross-origin POST, with the right token
    answer = page.ask("POST", "/api/photos", content=portrait_file, headers=said)
    assert answer.status_code == 403
    assert len(page.studio.photos) == 0


def test_the_page_itself_opens_photos(page, portrait_file):
    said = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
    assert page.ask("POST", "/api/photos", content=portrait_file, headers=said).status_code == 201


def test_a_preflight_is_told_nothing(page):
    said = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    answer = page.ask("OPTIONS", "/api/photos", headers=said)
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert page.ask("OPTIONS", "/api/photos").status_code == 405


def test_a_link_from_elsewhere_leads_to_the_page_and_no_further(page):
    said = {"Sec-Fetch-Site": "cross-site"}
    assert page.ask("GET", "/", headers=said).status_code == 200
    assert page.ask("GET", "/api/controls", headers=said).status_code == 403


@pytest.mark.parametrize(("method", "path"), API)
@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN[:-1]])
def test_nothing_is_had_without_the_token(page, method, path, token):
    answer = page.ask(method, path, token=token)
    assert answer.status_code == 403
    assert "token" in answer.json()["error"]


def test_every_route_is_behind_the_token(page):
    routes = {route.path for route in page.studio.routes().routes}
    guarded = {path.replace("/1", "/{photo}").replace("sea", "{name}") for _, path in API}
    assert routes == guarded | {"/", "/page/{name}"}


def test_two_tokens_are_none(page):
    assert raw(page.app, "/api/controls", headers=[(b"x-ptk-token", b"x")])[0]["status"] == 403


def test_a_token_that_is_no_ascii_is_wrong(page):
    sent = raw(page.app, "/api/controls", headers=[])
    assert sent[0]["status"] == 200
    page.app._token = "ü"
    assert raw(page.app, "/api/controls")[0]["status"] == 403


def test_there_is_no_websocket(page):
    assert raw(page.app, "/", kind="websocket") == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    "path",
    [
        "/page/../app.py",
        "/page/..%2fapp.py",
        "/page/%2e%2e/app.py",
        "/page/..\\app.py",
        "/page//etc/passwd",
        "/page/index.html/../../app.py",
        "/page/index.html\0.js",
        "/page/C:\\Windows\\win.ini",
        "/page/.",
        "/page/",
        "/etc/passwd",
        "//etc/passwd",
    ],
)
def test_paths_lead_nowhere(page, path):  # path traversal
    sent = raw(page.app, path)
    assert sent[0]["status"] == 404
    assert b"error" in sent[1]["body"]


def test_files_of_the_page_are_those_of_the_package(page):
    answer = page.ask("GET", "/page/index.html")
    assert answer.content == page.ask("GET", "/").content
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/", {}),
        ("GET", "/page/index.html", {}),
        ("GET", "/page/none", {}),
        ("GET", "/api/controls", {}),
        ("GET", "/api/photos/none/picture", {}),
        ("PUT", "/api/photos", {}),
        ("GET", "/", {"Host": "evil.example"}),
        ("POST", "/api/photos", {"Origin": "http://evil.example"}),
    ],
)
def test_every_answer_says_what_browsers_may_do_with_it(page, method, path, said):
    headers = page.ask(method, path, headers=said).headers
    policy = {rule.split()[0]: rule.split()[1:] for rule in headers["content-security-policy"].split(";")}
    assert policy["default-src"] == ["'self'"]
    assert policy["img-src"] == ["'self'", "blob:", "data:"]
    assert policy["frame-ancestors"] == ["'none'"]  # clickjacking
    assert policy["base-uri"] == policy["form-action"] == policy["object-src"] == ["'none'"]
    assert "script-src" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_fault_tells_the_page_nothing(page, portrait_file, monkeypatch, caplog):
    photo = page.open(portrait_file)["id"]

    def fail(*arguments, **named):
        raise RuntimeError("secret\nof /home/me")

    monkeypatch.setattr("ptk.studio.app.show_photo", fail)
    answer = page.ask("GET", f"/api/photos/{photo}/picture")
    assert answer.status_code == 500
    assert answer.json() == {"error": "something went wrong here; the terminal says what"}
    assert [record.getMessage() for record in caplog.records] == ["unexpected RuntimeError: secret of /home/me"]
    monkeypatch.undo()
    assert page.ask("GET", f"/api/photos/{photo}/picture").status_code == 200


def test_it_mounts_under_another_app(start, portrait_file):
    alone = start(hosts=["photos.example"], token=None)
    outer = Starlette(routes=[Mount("/studio", app=alone.app)])
    alone.app = outer
    said = {"Host": "photos.example", "Origin": "https://photos.example"}
    assert alone.ask("GET", "/studio/", headers=said).status_code == 200
    assert alone.ask("GET", "/studio/page/index.html", headers=said).status_code == 200
    answer = alone.ask("POST", "/studio/api/photos", content=portrait_file, headers=said, token="")
    assert answer.status_code == 201
    assert alone.ask("POST", "/studio/api/photos", content=portrait_file, headers=said, token=None).status_code == 403
    assert alone.ask("GET", "/studio/", headers={"Host": "127.0.0.1"}).status_code == 403


def test_addresses_in_numbers_are_allowed_where_all_are_listened_at():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    guard = Guard(app, ["ip", "desk"], None)
    for host, status in {b"192.168.1.7:80": 200, b"[fe80::1]": 200, b"desk:80": 200, b"evil.example": 403}.items():
        sent = []

        async def send(message, sent=sent):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host)]}
        asyncio.run(guard(scope, None, send))
        assert sent[0]["status"] == status
