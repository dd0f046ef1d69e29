"""Runs with each optimiser: what a step is, what goes into checkpoints, and that they go on to the bit."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from ptk.cost.memory import estimate
from ptk.errors import PluginError, TrainingError, WeightsError
from ptk.recipe.load import load_recipe
from ptk.training.checkpoint import checkpoints, restore, save_checkpoint
from ptk.training.loop import train
from ptk.training.optimiser_state import read_state
from ptk.training.run import start_run
from ptk.training.step import SIDES

CPU = torch.device("cpu")
KEPT = {"adam": {"step", "exp_avg", "exp_avg_sq"}, "adamw": {"step", "exp_avg", "exp_avg_sq"}, "lion": {"exp_avg"}}


def go(recipe, out, *settings, **given):
    run = start_run(load_recipe(recipe, ["training.grid=100", *settings]), out, CPU, torch.float32, **given)
    for _ in train(run):
        pass
    return run


def tensors(out):
    return load_file(checkpoints(out)[-1] / "tensors.safetensors")


@pytest.mark.parametrize("name", ["lion", *(pytest.param(each, marks=pytest.mark.slow) for each in ("adam", "adamw"))])
def test_a_run_that_goes_on_is_the_unbroken_one(name, small_recipe, tmp_path):
    said = f"training.optimiser={name}"
    go(small_recipe, tmp_path / "cut", said, until=2)
    go(small_recipe, tmp_path / "cut", said, until=4, resume=True)
    go(small_recipe, tmp_path / "whole", said, until=4)
    whole, cut = tensors(tmp_path / "whole"), tensors(tmp_path / "cut")
    assert whole.keys() == cut.keys()
    assert all(torch.equal(one, cut[key]) for key, one in whole.items())
    kept = {key.split(".")[3] for key in whole if key.startswith("optimiser.")}
    assert kept == KEPT[name]


def test_sides_have_one_each_at_their_rates(small_recipe, tmp_path):
    settings = ["training.optimiser=lion", "training.lr={generator: 1e-4, critic: 4e-4}"]
    learner = start_run(load_recipe(small_recipe, settings), tmp_path, CPU, torch.float32).learner
    assert {type(one).__name__ for one in learner.optimisers.values()} == {"Lion"}
    assert {side: one.param_groups[0]["lr"] for side, one in learner.optimisers.items()} == {
        "generator": 1e-4,
        "critic": 4e-4,
    }
    assert all(one.param_groups[0]["params"] == learner.side(side) for side, one in learner.optimisers.items())


def test_saying_nothing_is_adam_and_adam_is_as_before(small_recipe, tmp_path):
    """torch's fused Adam in the place of the part: the same bits."""
    run = go(small_recipe, tmp_path / "said", "training.optimiser=adam", until=2)
    other = start_run(load_recipe(small_recipe), tmp_path / "before", CPU, torch.float32)
    learner = other.learner
    learner.optimisers = {
        side: torch.optim.Adam(learner.side(side), learner.learning_rate(side), (0.5, 0.999), fused=True)
        for side in SIDES
    }
    for step in range(2):
        learner.learn(other.pairs.batch(step))
    for side in SIDES:
        assert all(map(torch.equal, run.learner.side(side), learner.side(side)))


def test_a_run_that_said_nothing_goes_on_with_adam_and_with_no_other(small_recipe, tmp_path):
    go(small_recipe, tmp_path / "run", until=1)
    go(small_recipe, tmp_path / "run", "training.optimiser=adam", until=2, resume=True)
    with pytest.raises(TrainingError, match=r"began with another recipe: training.optimiser was not set, is lion"):
        go(small_recipe, tmp_path / "run", "training.optimiser=lion", until=3, resume=True)


def test_the_state_of_another_optimiser_is_refused(small_recipe, tmp_path):
    run = go(small_recipe, tmp_path / "run", until=1)
    folder = save_checkpoint(tmp_path / "kept", run.learner, {"record": {}})
    lion = start_run(load_recipe(small_recipe, ["training.optimiser=lion"]), tmp_path / "lion", CPU, torch.float32)
    with pytest.raises(WeightsError, match="the optimiser's state of parameter 0 is not whole"):
        restore(folder, lion.learner)


def test_state_of_another_shape_is_refused(small_recipe, tmp_path):
    run = go(small_recipe, tmp_path / "run", "training.optimiser=lion", until=1)
    file = checkpoints(tmp_path / "run")[-1] / "tensors.safetensors"
    stored = load_file(file)
    key = next(key for key in stored if key.startswith("optimiser.critic.0."))
    save_file(stored | {key: stored[key].flatten()[:3].clone()}, file)
    with pytest.raises(WeightsError, match="exp_avg of parameter 0 is"):
        restore(file.parent, run.learner)


def test_state_that_is_no_tensor_is_refused_by_name(small_recipe, tmp_path):
    run = go(small_recipe, tmp_path / "run", until=1)
    optimiser = run.learner.optimisers["critic"]
    optimiser.state[run.learner.side("critic")[0]]["count"] = 3
    with pytest.raises(PluginError, match=r"optimiser adam \(ptk .*\): keeps count, a int, from step to step"):
        read_state(optimiser)


def test_lion_is_reckoned_with_half_of_adam_s_memory(small_recipe):
    kept = [
        estimate(load_recipe(small_recipe, [f"training.optimiser={name}"]), "cpu", torch.float32).parts["optimiser"]
        for name in ("adam", "lion")
    ]
    assert kept[1] == pytest.approx(kept[0] / 2, rel=0.05)  # Adam counts steps, too
