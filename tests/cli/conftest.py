"""Calling ptk as the shell does, without the price of a new process."""

import sys
from collections.abc import Callable

import pytest

from dice import NAME, install_dice
from ptk.cli.main import main
from ptk.registry.registry import load_registry

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def dice(tmp_path, monkeypatch):
    """The plug-in of `dice.py`, installed for this test; left out again where PTK_PLUGINS is set to another name."""
    install_dice(tmp_path / "packages")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    monkeypatch.setenv("PTK_PLUGINS", NAME)
    load_registry.cache_clear()
    yield
    load_registry.cache_clear()
    for name in ("ptk_dice", "ptk_dice.parts"):
        sys.modules.pop(name, None)


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
