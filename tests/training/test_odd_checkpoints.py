"""Folders and files in a run that no checkpoint is, or that somebody damaged, are one line."""

import json
import random

import pytest
import torch
from safetensors.torch import load_file, save_file

from ptk.errors import TrainingError, WeightsError
from ptk.recipe.load import parse_recipe
from ptk.training.checkpoint import checkpoints, latest_checkpoint, read_state, restore, save_checkpoint
from ptk.training.run import build_losses_of, build_networks
from ptk.training.step import Learner
from untrained import RECIPE

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def learner():
    recipe = parse_recipe(RECIPE, "r.yaml")
    learner = Learner(build_networks(recipe, CPU), build_losses_of(recipe, CPU), recipe.training, torch.float32)
    for side, optimiser in learner.optimisers.items():
        for parameter in learner.networks.side(side):
            parameter.grad = torch.zeros_like(parameter)
        optimiser.step()
    learner.step = 4
    return learner


@pytest.fixture
def checkpoint(learner, tmp_path):
    return save_checkpoint(tmp_path, learner, {"record": {"plugins": ["ptk 0.1.0"]}})


def test_folders_of_other_names_are_no_checkpoints(checkpoint, tmp_path):
    for name in ("9x", "9٣", "1" * 200, "0x4", "12.part"):
        (tmp_path / "checkpoints" / name).mkdir()
    (tmp_path / "checkpoints" / "000009").write_text("a file")
    assert checkpoints(tmp_path) == [checkpoint]
    assert latest_checkpoint(tmp_path) == checkpoint


@pytest.mark.parametrize(
    "changed",
    [
        {"record": None},
        {"record": []},
        {"record": {"plugins": 3}},
        {"record": {"plugins": [3]}},
        {"step": None},
        {"step": "4"},
        {"step": -1},
        {"step": True},
        {"schema": ["ptk.checkpoint/1"]},
    ],
)
def test_a_state_without_step_or_record_is_one_line(checkpoint, changed):
    file = checkpoint / "state.json"
    state = {key: value for key, value in (json.loads(file.read_text()) | changed).items() if value is not None}
    file.write_text(json.dumps(state))
    with pytest.raises(WeightsError, match=r"damaged|not a checkpoint") as caught:
        read_state(checkpoint)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["3", "null", "[" * 5000, '"started_from', "", "1" * 5000])
def test_an_odd_run_file_is_no_run(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(TrainingError, match="no checkpoint to go on from"):
        latest_checkpoint(tmp_path)


def first(tensors, start, end=""):
    return next(name for name in tensors if name.startswith(start) and name.endswith(end))


@pytest.mark.parametrize(
    ("start", "end", "change"),
    [
        ("optimiser.generator.0.", "exp_avg", None),  # Adam would fail in its next step
        ("optimiser.generator.0.", "exp_avg", lambda one: one.flatten()[:3]),
        ("optimiser.generator.0.", "exp_avg_sq", lambda one: one.long()),
        ("optimiser.critic.0.", "step", lambda one: one.repeat(2)),
        ("random.torch", "", lambda one: one[:5]),
        ("random.torch", "", lambda one: one.float()),
        ("random.numpy", "", lambda one: one[:5]),
        ("random.numpy.place", "", lambda one: one[:1]),
        ("networks.", "", lambda one: one.flatten()[:1]),
    ],
)
def test_damaged_tensors_are_one_line_before_any_step(checkpoint, learner, start, end, change):
    random.seed(0)
    file = checkpoint / "tensors.safetensors"
    tensors = load_file(file)
    name = first(tensors, start, end)
    one = tensors.pop(name)
    if change is not None:
        tensors[name] = change(one).clone()
    save_file(tensors, file)
    with pytest.raises(WeightsError, match="damaged, or of another recipe") as caught:
        restore(checkpoint, learner)
    assert "\n" not in str(caught.value)
