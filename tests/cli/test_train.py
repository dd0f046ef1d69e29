"""`ptk train` says what it will take, trains, and names what it wrote."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from ptk.recipe.weights import read_metadata, read_tensors


@pytest.fixture(scope="module")
def oddly_named(small_data, tmp_path_factory):
    """A data set in a folder whose name YAML would not read as text."""
    folder = tmp_path_factory.mktemp("odd") / "2024: a #b"
    shutil.copytree(small_data, folder)
    return folder


def test_trains_on_a_folder_of_any_name(ptk, small_recipe, oddly_named, tmp_path):
    out = tmp_path / "run"
    status, written, said = ptk(
        "train", small_recipe, "--data", oddly_named, "--out", out, "--steps", 2, "--seed", 7, "--device", "cpu"
    )
    assert status == 0, said
    assert "small on cpu, float32: 3 people, 12 images of 64 px in photo, sketch" in said
    assert "s a step (measured)" in said
    assert "MiB of memory" in said
    assert written.splitlines() == [
        f"weights: {out / 'weights.safetensors'}",
        f"samples: {out / 'grids' / '000002.png'}",
    ]
    recipe = json.loads((out / "run.json").read_text())["recipe"]
    assert recipe["data"]["source"] == str(oddly_named)
    assert (recipe["training"]["steps"], recipe["training"]["seed"]) == (8, 7)  # the plan stays; it ended early


def test_weights_say_all_that_is_needed_to_use_them(ptk, small_recipe, tmp_path):
    out = tmp_path / "run"
    ptk(
        "train",
        small_recipe,
        "--out",
        out,
        "--steps",
        1,
        "--device",
        "cpu",
        "--set",
        "losses.generator.texture.weights=auto",
    )
    metadata = read_metadata(out / "weights.safetensors")
    assert metadata["domains"] == ["photo", "sketch"]
    assert metadata["channels"] == {"image": 3, "landmark_map": 1, "domain_planes": 2}
    assert metadata["licence"] == "CC0-1.0"
    assert len(metadata["data"]["sha256"]) == 64
    assert metadata["step"] == 1
    assert metadata["plugins"][0].startswith("ptk ")
    used = metadata["losses"]["texture"]
    assert used["backbone"] == "vgg11"
    # Whether the pretrained ones could be had or not, it is said; and what had to be warned of is in the record.
    assert used["weights"].startswith(("pretrained", "random"))
    assert bool(metadata["warnings"]) == used["weights"].startswith("random")
    assert {name.split(".")[0] for name in read_tensors(out / "weights.safetensors")} == {"generator"}


def test_a_device_that_is_not_there_is_one_line(ptk, small_recipe, tmp_path):
    import torch

    if torch.cuda.is_available():
        pytest.skip("a CUDA device is here")
    status, _, said = ptk("train", small_recipe, "--out", tmp_path / "run", "--device", "cuda")
    assert status == 1
    assert said == "ptk: --device cuda: torch sees no CUDA device here; install its driver or use --device auto\n"
    assert not (tmp_path / "run").exists()


def test_mistakes_in_recipe_and_set_come_before_anything_is_read(ptk, small_recipe, tmp_path):
    status, _, said = ptk(
        "train", small_recipe, "--out", tmp_path / "run", "--set", "training.bach=1", "--data", "/nowhere"
    )
    assert status == 1
    assert said.startswith("ptk: --set training.bach=1: training.bach: no such key; did you mean batch?")
    status, _, said = ptk("train", small_recipe, "--out", tmp_path / "run", "--data", "/nowhere")
    assert said == "ptk: /nowhere: no data set here (no manifest.jsonl); make one with ptk prepare\n"
    assert not (tmp_path / "run").exists()


def test_a_long_run_on_a_processor_names_the_tiny_recipe(ptk, small_recipe, tmp_path, monkeypatch):
    from ptk.cost import forecast
    from ptk.training import loop

    def interrupted(*_):
        raise KeyboardInterrupt

    long = forecast.Forecast(flops=10**12, seconds=60.0, memory=2**34, measured=False)
    monkeypatch.setattr(forecast, "forecast", lambda *_: long)
    monkeypatch.setattr(loop, "train", interrupted)
    _, _, said = ptk("train", small_recipe, "--out", tmp_path / "run", "--steps", 100, "--device", "cpu")
    assert "about 60 s a step (estimated from 1000 GFLOP), 100 minutes for 100 steps, 16.0 GiB of memory" in said
    assert "ptk train portraitgan-tiny" in said


def test_augmentation_that_reaches_beyond_the_margin_is_said(ptk, small_recipe, tmp_path):
    words = ("train", small_recipe, "--steps", 1, "--device", "cpu", "--set", "data.augment.rotate=5")
    status, _, said = ptk(*words, "--out", tmp_path / "run")
    assert status == 0, said
    assert "data.augment reaches 0.042 of the side beyond the crop, where these images show 0" in said


def interrupt_until_it_ends(process):
    """What it says on stderr. Python loses an interrupt that comes in a callback of its garbage collector."""
    for _ in range(40):
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=5)[1]
    raise AssertionError("it goes on after forty interrupts")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that can be waited for")
def test_ctrl_c_while_it_still_loads_ends_it_at_once(small_recipe, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    os.mkfifo(data / "manifest.jsonl")  # whoever reads it waits
    words = ["train", small_recipe, "--data", data, "--out", tmp_path / "run", "--device", "cpu"]
    process = subprocess.Popen([sys.executable, "-m", "ptk", *map(str, words)], stderr=subprocess.PIPE, text=True)
    written = os.open(data / "manifest.jsonl", os.O_WRONLY)  # opens when it is being read
    try:
        said = interrupt_until_it_ends(process)
    finally:
        os.close(written)
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert not (tmp_path / "run").exists()
