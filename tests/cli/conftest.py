"""Calling ptk as the shell does, without the price of a new process."""

import sys
from collections.abc import Callable

import pytest

from ptk.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ptk(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`ptk` with arguments: exit status, stdout, stderr."""

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ptk", *map(str, arguments)])
        monkeypatch.delenv("PTK_DEBUG", raising=False)
        with pytest.raises(SystemExit) as left:
            main()
        captured = capsys.readouterr()
        return int(left.value.code or 0), captured.out, captured.err

    return run
