"""Two folders of pictures: prepared, trained on, translated, evaluated and exported, and no face code runs."""

import json
import sys

import numpy as np
import pytest
from PIL import Image

from textures import make_textures

RECIPE = """
recipe: textures
data: {source: SOURCE, size: 32, domains: images, pairs: unpaired, augment: {shift: 0.04, contrast: 0.1}}
domains: [stripes, dots]
generator: {portraitgan: {width: 4, down: 2, blocks: 1}, each: domain}
discriminator: {patch_stack: {levels: 1, layers: 2, width: 4}, each: domain}
losses:
  critic: {lsgan: 1}
  generator: {lsgan: 1, cycle: 10}
metrics: [mse]
training: {steps: 2, batch: 2, seed: 1, grid: 2}
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A folder with pictures, to prepare and train in."""
    folder = tmp_path_factory.mktemp("world")
    make_textures(folder / "pictures")
    (folder / "textures.yaml").write_text(RECIPE.replace("SOURCE", str(folder / "set")))
    return folder


@pytest.fixture(scope="module")
def weights(world):
    """What two steps of training leave, by the command line."""
    from ptk.cli.main import main

    for words in (
        ["prepare", world / "pictures", "--no-faces", "--size", 32, "--out", world / "set", "--workers", 1],
        ["train", world / "textures.yaml", "--out", world / "run", "--device", "cpu"],
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["ptk", *map(str, words)])
            with pytest.raises(SystemExit) as ended:
                main()
            assert ended.value.code in (0, None), words
    return world / "run" / "weights.safetensors"


@pytest.fixture
def no_faces(monkeypatch):
    """Any detector that is asked for fails."""
    from ptk.registry.registry import Registry

    load = Registry.part

    def refuse(self, kind, name):
        assert kind != "detector", name
        return load(self, kind, name)

    monkeypatch.setattr(Registry, "part", refuse)


def test_training_leaves_weights_that_say_so_and_a_grid_of_both_ways(weights):
    said = json.loads((weights.parent / "run.json").read_text())
    assert said["data"]["faces"] == "none"
    assert said["channels"] == {"image": 3}
    grid = np.asarray(Image.open(weights.parent / "grids" / "000002.png"))
    assert grid.shape == (20 + 6 * 32, 3 * 32, 3)  # a header, six rows; the source and two domains
    body = grid[20:].reshape(6, 32, 3, 32, 3).swapaxes(1, 2)
    blank = [[bool((cell == 255).all()) for cell in row] for row in body]
    stripes, dots = [False, True, False], [False, False, True]  # neither is translated to what it is
    assert blank == [stripes, dots] * 3


def test_a_whole_picture_is_translated_at_its_own_size(ptk, weights, world, no_faces, tmp_path):
    Image.open(world / "pictures" / "dots" / "00.png").resize((150, 50)).save(tmp_path / "wide.png")
    status, said, _ = ptk("edit", tmp_path / "wide.png", "--weights", weights, "--style", "stripes", "-o",
                          tmp_path / "out.png")  # fmt: skip
    assert (status, said) == (0, f"{tmp_path / 'out.png'}\n")
    made, before = (np.asarray(Image.open(tmp_path / name)).astype(int) for name in ("out.png", "wide.png"))
    assert made.shape == before.shape == (50, 150, 3)
    assert np.abs(made - before).mean() > 5  # an untrained network makes noise


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "hear no landmarks, they only translate; say where to with --style: stripes or dots, the one that the "
         "picture is not in"),
        (["--style", "dots", "--expression", "smile"], "hear no landmarks, so no face moves; leave it out, and name a "
         "--style"),
        (["--style", "dots", "--face", "1"], "learned whole pictures, not faces; leave it out"),
        (["--style", "dotz"], "no such style; did you mean"),
        (["--style", "photo"], "--style photo: these weights know stripes, dots"),
    ],
)  # fmt: skip
def test_what_such_weights_cannot_do_is_a_line(ptk, weights, world, no_faces, tmp_path, words, said):
    status, _, line = ptk("edit", world / "pictures" / "dots" / "00.png", "--weights", weights, *words, "-o",
                          tmp_path / "out.png")  # fmt: skip
    assert status == 1
    assert line.count("\n") == 1
    assert said in line
    assert not (tmp_path / "out.png").exists()


def test_evaluation_measures_what_needs_no_truth_and_says_what_it_left_out(ptk, weights, world, no_faces, tmp_path):
    status, said, _ = ptk("eval", weights, "--data", world / "set", "--out", tmp_path / "page", "--json")
    assert status == 0
    report = json.loads(said)
    assert len(report["cases"]) == 6  # three held out of each domain
    assert report["skipped"]["mse"] == "skipped: compares with a true image, and the data has none"
    assert report["skipped"]["mouth_error"] == "skipped: looks at faces, and the data has none"
    assert set(report["domains"]) == {"stripes", "dots"}
    assert (tmp_path / "page" / "index.html").exists()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".onnx", ".xml"])
def test_exported_networks_take_pictures_of_any_shape(ptk, weights, world, no_faces, tmp_path, suffix):
    pytest.importorskip("onnxscript", reason="ptk export is an extra")
    kind = "onnx"
    if suffix == ".xml":
        pytest.importorskip("openvino", reason="OpenVINO is an extra")
        kind = "openvino"
    status, _, said = ptk("export", weights, "--format", kind, "--full", "--out", tmp_path / f"w{suffix}")
    assert status == 0, said
    Image.open(world / "pictures" / "dots" / "00.png").resize((61, 90)).save(tmp_path / "tall.png")
    results = []
    for number, file in enumerate((weights, tmp_path / f"w{suffix}")):
        out = tmp_path / f"{number}.png"
        assert ptk("edit", tmp_path / "tall.png", "--weights", file, "--style", "stripes", "-o", out)[0] == 0
        results.append(np.asarray(Image.open(out)).astype(int))
    assert results[0].shape == (90, 61, 3)
    assert np.abs(results[0] - results[1]).max() <= 1  # rounding


def test_memory_and_the_objective_are_told_of_such_a_recipe(ptk, weights, world):
    for words in ([], ["--memory"]):
        status, said, _ = ptk("recipes", "check", world / "textures.yaml", "--device", "cpu", *words)
        assert status == 0
        assert said


def test_a_part_that_needs_landmarks_is_refused_before_anything_is_built(ptk, weights, world, tmp_path):
    recipe = world / "faces.yaml"
    recipe.write_text((world / "textures.yaml").read_text() + "conditioners:\n  - landmark_map\n")
    status, _, line = ptk("train", recipe, "--out", tmp_path / "run", "--device", "cpu")
    assert status == 1
    assert line == (
        f"ptk: {recipe}:13: conditioners.landmark_map: needs landmarks, and {world / 'set'} was prepared without "
        "faces; leave it out, or prepare the data with faces\n"
    )
    assert not (tmp_path / "run").exists()
