"""Calling ptk as the shell does, without the price of a new process."""

import functools
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from dice import NAME, install_dice
from ptk.cli.main import main
from ptk.faces.expressions import vocabulary
from ptk.faces.images import read_photo
from ptk.registry.registry import load_registry
from untrained import write_untrained

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
def ptk_edit(ptk: Run) -> Run:
    """`ptk edit` with arguments."""
    return functools.partial(ptk, "edit")


@pytest.fixture
def refused(ptk_edit: Run, tmp_path: Path) -> Callable[..., str]:
    """`ptk edit` that must fail: its one line on stderr, once nothing new is found in the folder."""

    def run(*arguments: object) -> str:
        before = sorted(tmp_path.iterdir())
        code, printed, said = ptk_edit(*arguments)
        assert (code, printed) == (1, "")
        assert said.startswith("ptk: ")
        assert said.count("\n") == 1
        assert "Traceback" not in said
        assert sorted(tmp_path.iterdir()) == before
        return said.removeprefix("ptk: ").rstrip("\n")

    return run


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a small network that has learned nothing."""
    return write_untrained(tmp_path_factory.mktemp("weights") / "untrained.safetensors")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """The astronaut."""
    data = pytest.importorskip("skimage.data", reason="needs scikit-image: see the extra dev")
    path = tmp_path / "astronaut.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


@pytest.fixture
def landmarks(tmp_path: Path, photo: Path) -> Path:
    """What people edit: here a mean face at rest in place of the astronaut's."""
    points = vocabulary().rest * 58 + (225, 103)  # eye distance and middle of the eyes, in pixels
    content = {
        "schema": "ptk.landmarks/1",
        "topology": "ibug68",
        "photo": {"width": 512, "height": 512, "sha256": read_photo(photo).sha256},
        "detector": "mediapipe68",
        "points": points.tolist(),
    }
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(content))
    return path


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
