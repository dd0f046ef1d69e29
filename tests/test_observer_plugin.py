"""The observer of docs/plugins.md, installed: what `--observe` tells it in training and editing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[1] / "docs" / "plugins.md"
PACKAGE = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"
[project]
name = "ptk-journal"
version = "0.1.0"
[project.entry-points.ptk]
journal = "ptk_journal"
[tool.setuptools]
py-modules = ["ptk_journal"]
"""
EDITS = """

class Edits(ptk.Observer):
    def __init__(self, file: str) -> None:
        self.file = file

    def edit_made(self, event):
        with open(self.file, "a") as file:
            file.write(f"{event.style} {event.photo.name} {event.out.name}")


class Loud(ptk.Observer):
    def tick(self, event):
        raise OSError("the tracker is out of reach")


def more():
    return [ptk.Part("edits", "", "ptk_journal:Edits"), ptk.Part("loud", "", "ptk_journal:Loud")]
"""


@pytest.fixture(scope="module")
def ptk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("journal")
    code = [block for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if "Journal" in block]
    (journal,) = code
    both = journal.replace("return [ptk.Part(", "return [*more(), ptk.Part(")
    (folder / "ptk_journal.py").write_text(both + EDITS)
    (folder / "pyproject.toml").write_text(PACKAGE)
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check", "--target", "site"]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, "."], cwd=folder, check=True)

    def run(*words):
        environment = {**os.environ, "PYTHONPATH": str(folder / "site"), "PTK_PLUGINS": "journal"}
        command = [sys.executable, "-m", "ptk", *map(str, words)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def observed(ptk, small_recipe, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    words = ["--steps", 2, "--device", "cpu", "--out", folder, "--observe", "journal", "--observe", "loud"]
    return folder, ptk("train", small_recipe, *words)


def test_training_tells_of_its_ticks(observed):
    folder, _ = observed
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == 2
    assert "generator.lsgan" in lines[-1]


def test_one_that_fails_is_named_once_and_the_run_goes_on(observed):
    folder, done = observed
    said = "warning: observer loud (ptk-journal 0.1.0): OSError: the tracker is out of reach; it is told nothing more"
    assert done.stderr.count(said) == 1
    assert (folder / "weights.safetensors").exists()


def test_editing_tells_of_the_picture(observed, ptk, tmp_path):
    Image.fromarray(data.astronaut()).save(tmp_path / "photo.jpg")
    weights, out = observed[0] / "weights.safetensors", tmp_path / "result.png"
    words = ["--weights", weights, "--out", out, "--style", "sketch", "--device", "cpu"]
    ptk("edit", tmp_path / "photo.jpg", *words, "--observe", f"edits:file={tmp_path / 'edits.txt'}")
    assert (tmp_path / "edits.txt").read_text() == "sketch photo.jpg result.png"
