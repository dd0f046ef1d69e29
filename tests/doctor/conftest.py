"""Computers that are damaged for real: Pythons without some packages, with others that do not work."""

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from ptk.doctor import packages
from ptk.registry.registry import load_registry


@pytest.fixture
def fresh() -> Iterator[None]:
    """What is installed is read anew, before the test and after it."""

    def forget() -> None:
        for known in (packages.pins, packages.providers, load_registry):
            known.cache_clear()

    forget()
    yield
    forget()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh: None) -> Path:
    """A folder of packages that comes before all others."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, fresh: None) -> None:
    """No metadata of any distribution: ptk runs from a folder that was copied here."""
    monkeypatch.setattr(sys, "path", [])


@pytest.fixture(scope="session")
def computer(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A Python with all that is installed here but what is left `out` (patterns), and with `modules`: its program."""

    def make(*out: str, **modules: str) -> Path:
        place = tmp_path_factory.mktemp("computer")
        venv.create(place)
        [folder] = place.glob("lib/python*/site-packages")
        for name in ("purelib", "platlib"):
            for entry in Path(sysconfig.get_path(name)).iterdir():
                if not any(fnmatch(entry.name, pattern) for pattern in out) and not (folder / entry.name).exists():
                    (folder / entry.name).symlink_to(entry)
        for module, text in modules.items():
            with (folder / f"{module}.py").open("x") as file:  # never through a link
                file.write(text)
        return place / "bin" / "python"

    return make


@pytest.fixture
def examined(tmp_path: Path) -> Callable[..., tuple[int, str]]:
    """`ptk doctor` on such a computer: its exit status and what it printed."""

    def run(python: Path, *words: str) -> tuple[int, str]:
        command = [python, "-m", "ptk", "doctor", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
        assert done.stderr == ""
        return done.returncode, done.stdout

    return run
