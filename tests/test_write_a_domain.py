"""The plug-in of docs/write-a-domain.md, installed and run as it stands there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ptk.dataset.manifest import SAMPLE, read_manifest

pytestmark = pytest.mark.slow
PAGE = Path(__file__).parents[1] / "docs" / "write-a-domain.md"


def block(language):
    (text,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return text


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder with the two files, and what pip makes of them in `site`."""
    folder = tmp_path_factory.mktemp("blush")
    (folder / "ptk_blush.py").write_text(block("python"))
    (folder / "pyproject.toml").write_text(block("toml"))
    options = ["--no-deps", "--no-build-isolation", "--quiet", "--disable-pip-version-check", "--target", "site"]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, "."], cwd=folder, check=True)
    return folder


@pytest.fixture
def ptk(desk):
    def run(*words):
        path = os.pathsep.join([str(desk / "site"), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path, "PTK_PLUGINS": "blush"}
        command = [sys.executable, "-m", "ptk", *map(str, words)]
        done = subprocess.run(command, cwd=desk, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_it_is_a_file_of_under_60_lines():
    assert len(block("python").splitlines()) < 60


def test_it_is_found_shown_and_holds_every_rule(ptk):
    plugins = json.loads(ptk("plugins", "--json"))
    assert [plugin["distribution"] for plugin in plugins] == ["ptk", "ptk-blush"]
    assert "strength" in ptk("plugins", "show", "blush")
    ptk("plugins", "check", "ptk-blush")


def test_a_recipe_trains_with_it(ptk, small_recipe, desk):
    ptk("train", small_recipe, "--set", "domains=[photo, blush]", "--steps", 1, "--out", "run", "--device", "cpu")
    assert (desk / "run" / "weights.safetensors").exists()


def test_cheeks_are_rosy_and_the_rest_is_as_it_was(ptk, desk):
    entry = next(entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral")
    (desk / "photos" / "ann").mkdir(parents=True)
    Image.open(SAMPLE / entry.image).save(desk / "photos" / "ann" / "neutral.png")
    ptk("prepare", "photos", "--out", "faces", "--styles", "blush", "--size", 128, "--workers", 1)
    (made,) = [entry for entry in read_manifest(desk / "faces") if entry.domain == "blush"]
    photo, blush = (
        np.asarray(Image.open(desk / "faces" / made.image.replace("blush", domain)), dtype=float)
        for domain in ("photo", "blush")
    )
    points = np.array(made.landmarks)
    x, y = points[[2, 31, 41]].mean(0).round().astype(int)
    redder = (blush - photo)[y, x]
    assert redder[0] > 10 > -2 > redder[1]
    assert np.abs(blush - photo)[:10].mean() < 1.5  # JPEG's own noise at the upper border
