"""``ptk`` with a plug-in that brings weights: known everywhere by name, used by `ptk edit`, held by the check."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.faces.images import read_photo


@pytest.fixture
def package(bring_weights, monkeypatch):
    """The weights ptk-old with the style brown, installed for this test."""
    monkeypatch.setenv("COLUMNS", "200")
    return bring_weights("old", "brown")


def test_its_style_is_listed_by_name_and_nothing_of_it_is_imported(ptk, package):
    (package / "weights.py").write_text("raise RuntimeError\n")
    listed = ptk("domains")[1].splitlines()
    (line,) = [line for line in listed if "ptk-old" in line]
    assert line.split() == [*"brown made for a test (a style of ptk edit, made by the weights old) ptk-old 1.0".split()]
    assert "weights old made for a test (styles brown)" in " ".join(ptk("plugins")[1].split())
    (plugin,) = [one for one in json.loads(ptk("plugins", "--json")[1]) if one["name"] == "old"]
    assert [(part["kind"], part["styles"]) for part in plugin["parts"]] == [("weights", ["brown"])]
    status, printed, said = ptk("edit", "--help")
    assert (status, said) == (0, "")
    assert printed.index("--style") < printed.index("brown  made for a test  ptk-old 1.0")
    assert "ptk_old.weights" not in sys.modules


def test_its_page_says_what_was_declared(ptk, package):
    status, printed, _ = ptk("plugins", "show", "weights:old")
    assert status == 0
    for word in ("makes brown", "faces: 256 pixels", "licence: CC0-1.0", str(package / "CARD.md"), "sha256 ddab88"):
        assert word in printed


def test_its_check_holds(ptk, package):
    status, printed, _ = ptk("plugins", "check", "ptk-old")
    assert status == 0, printed
    assert "leaves what lies outside of the head as it is" in printed


def test_edits_have_its_style_and_a_damaged_file_is_one_line(ptk, package, tmp_path):
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    photo = tmp_path / "astronaut.png"
    Image.fromarray(data.astronaut()[:400]).save(photo)
    status, printed, said = ptk("edit", photo, "--style", "brown", "--expression", "smile=0.5")
    assert (status, said) == (0, "")
    before, after = (read_photo(Path(path)).pixels.astype(int) for path in (photo, printed.strip()))
    assert (np.abs(before - after).max(axis=2) > 10).mean() > 0.02
    assert np.array_equal(before[:, :40], after[:, :40])
    (package / "brown.onnx").write_bytes(b"")
    status, printed, said = ptk("edit", photo, "--style", "brown")
    assert (status, printed, said.count("\n")) == (1, "", 1)
    assert said.startswith(f"ptk: --style brown (ptk-old 1.0): {package / 'brown.onnx'}: is not the file that was")
    assert ptk("edit", photo, "--style", "sketch", "--out", tmp_path / "sketch.png")[0] == 0
