"""Runs killed at random moments, over and over: every one goes on, no file is half, and the end is the same to the bit.

A handful of kills; PTK_KILLS=50 makes it fifty (two minutes, `-s` shows where they hit).
"""

import json
import os
import random
import signal
import time
from collections import Counter

import pytest
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from ptk.training.checkpoint import checkpoints

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("PTK_KILLS", "5"))
MOST_STEPS = 4
"""After so many steps a run is killed at once, so that hardly any machine finishes it before the last kill."""

OPTIONS = (
    *("--device", "cpu", "--steps", str((MOST_STEPS + 1) * KILLS)),
    *("--set", "training.checkpoint=1", "--set", "training.grid=1", "--set", "training.batch=1"),
    *("--set", "losses.generator={lsgan: 1, identity: 5}"),
)


def newest(run):
    """The step of the newest checkpoint."""
    found = checkpoints(run)
    return int(found[-1].name) if found else 0


def writing(run):
    return any((run / "checkpoints").glob(".*.part"))


def let_it_run(run, alive, chance, first):
    """Wait for a random moment of the run that has just been started, or until it is not `alive`."""
    before, begun = newest(run), changed(run / "run.json")
    deadline = time.monotonic() + 120

    def wait_for(moment):
        while not moment() and alive():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.0005)

    kind = "start" if first else chance.choice(("start", "step", "step", "writing", "writing"))
    if kind == "start":
        wait_for(lambda: changed(run / "run.json") != begun)
        time.sleep(0 if first else chance.uniform(0, 0.5))
    elif kind == "step":
        wait_for(lambda: newest(run) > before)
        end = time.monotonic() + chance.uniform(0, 0.3)
        wait_for(lambda: time.monotonic() > end or newest(run) >= before + MOST_STEPS)
    else:
        some = before + chance.randrange(4)
        wait_for(lambda: newest(run) >= some and writing(run))
        time.sleep(chance.choice((0, 0, chance.uniform(0, 0.02))))


def changed(path):
    return path.stat().st_mtime_ns if path.exists() else 0


def where(run, before):
    """Where the kill hit, by what it left behind."""
    parts = [str(path.relative_to(run)) for path in run.rglob(".*.part")]
    if not checkpoints(run):
        return "before the first checkpoint"
    for name, hit in (("checkpoints/", "writing a checkpoint"), ("grids/", "writing a grid"), (".", "writing weights")):
        if any(part.startswith(name) for part in parts):
            return hit
    if newest(run) == before:
        return "setting up"
    return "between files"


def no_half_file(run):
    """Everything that has its final name is whole."""
    for folder in checkpoints(run):
        state = json.loads((folder / "state.json").read_text())
        assert state["step"] == int(folder.name)
        assert "random.torch" in load_file(folder / "tensors.safetensors")
    for grid in (run / "grids").glob("*.png"):
        with Image.open(grid) as image:
            image.load()
    json.loads((run / "run.json").read_text())
    weights = run / "weights.safetensors"
    if weights.exists():
        with safe_open(weights, "pt") as file:
            assert all(file.get_tensor(name).isfinite().all() for name in file.keys())  # noqa: SIM118


def content(run):
    """Every file but the journal of TensorBoard, which tells of every start."""
    files = (path for path in run.rglob("*") if path.is_file() and path.parent.name != "tensorboard")
    return {str(path.relative_to(run)): whole_content(path) for path in files}


def whole_content(path):
    """The bytes; of weights what is in them, for their two lines of metadata stand in an order of chance."""
    if path.name != "weights.safetensors":
        return path.read_bytes()
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name).numpy().tobytes() for name in file.keys()}  # noqa: SIM118
        return tensors, file.metadata()


def test_killed_over_and_over_it_ends_like_a_run_that_never_was(nursery, small_recipe, tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    undisturbed = nursery.start("train", small_recipe, "--out", whole, *OPTIONS)
    chance, hits = random.Random(1), Counter()
    for kill in range(KILLS):
        before = newest(cut)
        run = nursery.start("train", small_recipe, "--out", cut, *OPTIONS, *(["--resume"] if kill else []))
        try:
            let_it_run(cut, run.alive, chance, first=not kill)
        finally:
            run.kill()
        _, said = run.communicate()
        if not run.returncode:
            break  # a busy machine let it end before it let this process kill it
        assert run.returncode == -signal.SIGKILL, said
        no_half_file(cut)
        hits[where(cut, before)] += 1
    print(f"\n{KILLS} kills: {dict(hits)}, the last at step {newest(cut)}")
    for run in (undisturbed, nursery.start("train", small_recipe, "--out", cut, *OPTIONS, "--resume")):
        _, said = run.communicate(timeout=600)
        assert run.returncode == 0, said
    if not hits:
        pytest.skip("every run was over before it was killed")
    expected, found = content(whole), content(cut)
    assert sorted(found) == sorted(expected)  # nor is anything left that was being written
    assert [name for name in expected if found[name] != expected[name]] == []
