"""In a folder with a `ptk` and a `random.py` of somebody else's, verbs that start processes still find ptk's own."""

import os
import shlex
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import ptk
from ptk.dataset.manifest import SAMPLE
from ptk.safe_path import leave_out_current_folder

pytestmark = pytest.mark.slow

FOREIGN = "raise ImportError('imported from the current folder: ' + __file__)\n"
PHOTOS = [f"p0{person}_{expression}.jpg" for person in range(2) for expression in ("neutral", "happiness")]


@pytest.fixture
def foreign(tmp_path, monkeypatch):
    """The current folder, with photos and a foreign ptk."""
    (tmp_path / "ptk").mkdir()
    (tmp_path / "photos").mkdir()
    (tmp_path / "ptk" / "__init__.py").write_text(FOREIGN)
    (tmp_path / "random.py").write_text(FOREIGN)
    for name in PHOTOS:
        (tmp_path / "photos" / name).symlink_to(SAMPLE / "images" / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "line",
    [
        "prepare photos --out faces",
        pytest.param(
            "prepare photos --out faces --engine ray --workers 1",
            marks=pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray: see the extra ray"),
        ),
        "train {recipe} --steps 1 --devices 2 --device cpu --out run",
        "plugins check sketch",
        "bench --edit photos/p00_neutral.jpg --seconds 1",
    ],
    ids=lambda line: " ".join(line.split()[: 6 if "ray" in line else 1]),
)
def test_a_verb_starts_its_processes_all_the_same(foreign, small_recipe, line):
    """As the installed `ptk` runs: it searches where it lies, not in the current folder."""
    (foreign / "bin").mkdir()
    program = foreign / "bin" / "ptk"
    program.write_text("from ptk.cli.main import main\n\nif __name__ == '__main__':\n    main()\n")
    command = [sys.executable, str(program), *shlex.split(line.format(recipe=small_recipe))]
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONSAFEPATH", "LOCAL_RANK")}
    environment["PYTHONPATH"] = str(Path(ptk.__file__).parents[1])
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "current folder" not in said
    if line.startswith("prepare"):
        assert "4 images in photo, 0 skipped" in said


def test_ptk_that_was_found_in_the_current_folder_is_found_there_again(monkeypatch):
    """python -m ptk in a clone, nothing installed."""
    root = str(Path(ptk.__file__).resolve().parents[1])
    monkeypatch.setenv("PYTHONPATH", "/else")
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    monkeypatch.setattr(sys, "path", [root, *sys.path])
    leave_out_current_folder()
    leave_out_current_folder()
    assert os.environ["PYTHONPATH"] == os.pathsep.join([root, "/else"])
    assert os.environ["PYTHONSAFEPATH"] == "1"
