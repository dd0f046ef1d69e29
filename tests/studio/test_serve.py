"""`ptk studio` as a program: what it prints, where it listens, how it ends."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ptk.cli.main import main
from ptk.errors import PtkError, install_command
from ptk.studio.serve import listen, name_hosts


@pytest.fixture
def studio(tmp_path):
    """Start `ptk studio` with arguments; its process and the first line that it prints."""
    running = []

    def start(*arguments):
        command = [sys.executable, "-m", "ptk", "studio", "--no-browser", *map(str, arguments)]
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
        )
        running.append(process)
        return process, process.stdout.readline()

    yield start
    for process in running:
        process.kill()
        process.communicate()


def ask(address, method, path, body=None, headers=None):
    place, _, token = address.strip().removeprefix("http://").partition("/#token=")
    connection = http.client.HTTPConnection(place, timeout=60)
    connection.request(method, path, body, {"X-Ptk-Token": token, **(headers or {})})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def listeners(process):
    """The addresses at which a process listens, as the kernel writes them."""
    sockets = {str(file.readlink()) for file in Path(f"/proc/{process.pid}/fd").iterdir() if file.is_symlink()}
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and f"socket:[{columns[9]}]" in sockets:
                found.append(columns[1].split(":")[0])
    return found


def test_it_prints_its_address_listens_here_alone_and_ends_without_a_word(studio, tmp_path):
    process, address = studio()
    assert address.startswith("http://127.0.0.1:")
    assert len(address.partition("#token=")[2].strip()) >= 32
    answer, content = ask(address, "GET", "/")
    assert answer.status == 200
    assert b"<title>" in content
    assert answer.getheader("server") is None
    assert ask(address, "GET", "/api/controls")[0].status == 200
    assert ask(address, "GET", "/api/controls", headers={"Host": "evil.example"})[0].status == 403
    if Path("/proc/net/tcp").exists():
        assert listeners(process) == ["0100007F"]
    process.send_signal(signal.SIGINT)
    printed, said = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    assert (printed, said) == ("", "")
    assert not list(tmp_path.iterdir())


def test_two_runs_have_a_port_and_a_token_each(studio):
    (_, first), (_, second) = studio(), studio()
    assert first.partition("/#")[0] != second.partition("/#")[0]
    assert first.partition("#")[2] != second.partition("#")[2]
    token = first.partition("#token=")[2].strip()
    assert ask(second, "GET", "/api/controls", headers={"X-Ptk-Token": token})[0].status == 403


def test_another_host_is_warned_of_and_a_photo_given(studio, tmp_path, portrait_file):
    (tmp_path / "cat.png").write_bytes(portrait_file)
    process, address = studio(tmp_path / "cat.png", "--host", "0.0.0.0")
    assert address.startswith("http://127.0.0.1:")
    answer, content = ask(address, "POST", "/api/given", b"")
    assert answer.status == 201
    assert b'"cat.png"' in content
    assert ask(address, "GET", "/", headers={"Host": "192.168.7.7"})[0].status == 200
    assert ask(address, "GET", "/", headers={"Host": "evil.example"})[0].status == 403
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[1]
    assert said.startswith("warning: ")
    assert said.count("\n") == 1


def test_a_body_over_the_limit_is_refused_over_a_socket(studio):
    """60 MB, which servers of this kind have read into memory."""
    _, address = studio()
    place = address.removeprefix("http://").partition("/")[0].split(":")
    with socket.create_connection((place[0], int(place[1]))) as opened:
        token = address.partition("#token=")[2].strip()
        head = f"POST /api/photos HTTP/1.1\r\nHost: {':'.join(place)}\r\nX-Ptk-Token: {token}\r\n"
        opened.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        sent = 0
        try:
            while sent < 60 << 20:
                opened.sendall(b"100000\r\n" + bytes(1 << 20) + b"\r\n")
                sent += 1 << 20
        except OSError:  # it hung up
            pass
        assert sent < 60 << 20 or b"413" in opened.recv(100)
    assert ask(address, "GET", "/")[0].status == 200


@pytest.fixture
def refused(monkeypatch, capsys):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["ptk", "studio", "--no-browser", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert ended.value.code == 1
        assert said.count("\n") == 1
        return said

    return run


def test_a_port_that_is_taken(refused):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refused("--port", port)
    assert f"--port {port}" in said
    assert "in use" in said


def test_a_host_that_is_none(refused):
    assert "--host 203.0.113.7" in refused("--host", "203.0.113.7")


def test_a_photo_that_is_none(refused, tmp_path):
    (tmp_path / "cat.jpg").write_bytes(b"not a photo")
    assert "cat.jpg" in refused(tmp_path / "cat.jpg")
    assert "no such file" in refused(tmp_path / "dog.jpg")


def test_what_is_not_installed_is_named(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = refused()
    assert f"the studio needs packages that are not installed: {install_command('studio')}" in said


def test_mounting_names_what_is_not_installed(monkeypatch):
    import ptk.studio

    for name in [name for name in sys.modules if name == "starlette" or name.startswith(("starlette.", "ptk.studio."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "starlette", None)
    with pytest.raises(PtkError, match="the studio needs packages that are not installed"):
        ptk.studio.create_app  # noqa: B018


def test_names_of_a_server():
    assert name_hosts("127.0.0.1") == name_hosts("localhost") == ("127.0.0.1", "localhost", "::1")
    assert "ip" in name_hosts("0.0.0.0")
    assert "ip" not in name_hosts("192.168.1.7")
    assert "192.168.1.7" in name_hosts("192.168.1.7")


def test_answers_are_sent_at_once():
    with listen("127.0.0.1", 0) as opened:
        assert opened.proto == socket.IPPROTO_TCP  # asyncio sets TCP_NODELAY by it
