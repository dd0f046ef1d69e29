"""Runs go on where they were, bit for bit, whatever ended them."""

import json
import shutil
import signal
import time

import pytest
import torch
from safetensors.torch import load_file

from ptk.data import streams
from ptk.dataset.shards import write_shards
from ptk.errors import TrainingError, WeightsError
from ptk.recipe.load import load_recipe
from ptk.training.checkpoint import checkpoints
from ptk.training.loop import train
from ptk.training.run import start_run

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def start(nursery):
    """How to start ptk train. Two threads, as users have them: with one, sums could not come in another order."""

    def start(recipe, out, *more):
        return nursery.start("train", recipe, "--out", out, "--device", "cpu", *more, threads=2)

    return start


def finish(process):
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out


def wait_for(path, process):
    deadline = time.monotonic() + 200
    while not path.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.005)


def contents(run):
    """Everything that the last checkpoint and the weights hold."""
    folder = checkpoints(run)[-1]
    state = json.loads((folder / "state.json").read_text())
    return (folder / "tensors.safetensors").read_bytes(), state["python_random"], load_file(run / "weights.safetensors")


def same(first, second):
    assert first[0] == second[0], "networks, average, optimisers or random states differ"
    assert first[1] == second[1]
    assert all((first[2][name] == second[2][name]).all() for name in first[2])


ENDLESS = ("--steps", "100000")
EIGHTY = ("--steps", "80", "--set", "training.checkpoint=40", "--set", "training.grid=40")


@pytest.mark.slow
def test_forty_steps_a_kill_and_forty_more_equal_eighty(start, small_recipe, tmp_path):
    small = (*EIGHTY, "--set", "data.size=32")
    whole = start(small_recipe, tmp_path / "whole", *small)
    finish(whole)
    out = kill_half_way(start, small_recipe, tmp_path, *small)
    finish(start(small_recipe, out, *small, "--resume"))
    same(contents(tmp_path / "whole"), contents(out))


def kill_half_way(start, recipe, folder, *options):
    """The folder of a run that was killed between its steps 40 and 80."""
    for number in range(20):
        out = folder / f"cut{number}"
        cut = start(recipe, out, *options)
        wait_for(out / "checkpoints" / "000040", cut)
        cut.send_signal(signal.SIGKILL)
        cut.communicate()
        if not (out / "checkpoints" / "000080").exists():
            return out
    pytest.skip("every run was over before it was killed")


@pytest.mark.slow
def test_a_stream_of_shards_goes_on_where_it_was(small_recipe, small_data, tmp_path, monkeypatch):
    write_shards(small_data, str(tmp_path / "shards"), photos=2)
    monkeypatch.setattr(streams, "WINDOW_BYTES", 2 * 2 * 3 * 64 * 64)  # two photos of two domains: a shard a window
    recipe = load_recipe(
        str(small_recipe), [f"data.source={tmp_path / 'shards'}", "data.pairs=mixed", "training.checkpoint=4"]
    )
    for _ in train(start_run(recipe, tmp_path / "whole", CPU, torch.float32)):
        pass
    cut = start_run(recipe, tmp_path / "cut", CPU, torch.float32)
    assert len(cut.pairs._planned(0)) == 3  # people in a window of their own each
    for _ in train(cut, lambda: cut.learner.step == 5):
        pass
    for _ in train(start_run(recipe, tmp_path / "cut", CPU, torch.float32, resume=True)):
        pass
    same(contents(tmp_path / "whole"), contents(tmp_path / "cut"))


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_stop_writes_a_checkpoint_to_go_on_from(start, small_recipe, tmp_path, number):
    process = start(
        small_recipe, tmp_path / "run", *ENDLESS, "--set", "training.checkpoint=100000", "--set", "training.grid=2"
    )
    wait_for(tmp_path / "run" / "grids", process)
    process.send_signal(number)
    _, err = process.communicate(timeout=200)
    assert process.returncode == 128 + number
    (folder,) = checkpoints(tmp_path / "run")
    assert f"stopped after step {int(folder.name)} of 100000; go on with --resume" in err
    assert "Traceback" not in err
    assert (tmp_path / "run" / "weights.safetensors").exists()


@pytest.fixture(scope="module")
def finished(start, small_recipe, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "run"
    finish(start(small_recipe, out))
    return out


def test_a_run_writes_what_it_should(finished):
    assert [folder.name for folder in checkpoints(finished)] == ["000004", "000008"]
    assert sorted(path.name for path in (finished / "grids").iterdir()) == ["000004.png", "000008.png"]
    assert list((finished / "tensorboard").glob("events*"))
    record = json.loads((finished / "run.json").read_text())
    assert record["losses"]["texture"]["weights"].startswith("random")
    assert record["licence"] == "CC0-1.0"
    assert not [path for path in finished.rglob("*") if path.suffix in (".pt", ".pth", ".pkl", ".ckpt", ".part")]


def test_what_a_killed_run_was_still_writing_is_cleared_away(small_recipe, tmp_path):
    half = tmp_path / "run" / "checkpoints" / ".000004.abc.part"
    half.mkdir(parents=True)
    (half / "tensors.safetensors").write_bytes(b"half")
    assert checkpoints(tmp_path / "run") == []
    run = start_run(load_recipe(small_recipe), tmp_path / "run", CPU, torch.float32)
    list(train(run))
    assert sorted(path.name for path in half.parent.iterdir()) == ["000004", "000008"]


def again(small_recipe, out, *overrides, resume=False):
    recipe = load_recipe(small_recipe, overrides)
    with pytest.raises(TrainingError) as caught:
        start_run(recipe, out, CPU, torch.float32, resume=resume)
    return str(caught.value)


def test_a_run_is_never_overwritten(small_recipe, finished):
    assert "holds a run already; resume it with `resume`, or choose another `out`" in again(small_recipe, finished)


def test_a_run_goes_on_only_with_its_own_recipe(small_recipe, finished):
    assert "began with another recipe" in again(small_recipe, finished, "training.lr=1e-5", resume=True)


def test_there_must_be_something_to_go_on_from(small_recipe, tmp_path):
    assert "no checkpoint to go on from" in again(small_recipe, tmp_path / "none", resume=True)
    assert not (tmp_path / "none").exists()


def test_a_damaged_checkpoint_is_named(small_recipe, finished, tmp_path):
    copied = tmp_path / "run"
    shutil.copytree(finished, copied)
    tensors = checkpoints(copied)[-1] / "tensors.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:5000])
    recipe = load_recipe(small_recipe)
    with pytest.raises(WeightsError, match=r"000008: damaged, or of another recipe"):
        start_run(recipe, copied, CPU, torch.float32, resume=True)
    shutil.rmtree(checkpoints(copied)[-1])
    run = start_run(recipe, copied, CPU, torch.float32, resume=True)
    assert run.learner.step == 4


def test_a_loss_that_is_not_finite_stops_the_run(small_recipe, tmp_path):
    run = start_run(load_recipe(small_recipe), tmp_path / "run", CPU, torch.float32)
    pairs = run.pairs.batch
    ruined = type("Ruined", (), {"batch": lambda self, step: pairs(step) if step < 5 else nan(pairs(step))})()
    broken = type(run)(**{**vars(run), "pairs": ruined})
    with pytest.raises(
        TrainingError, match=r"step 6: losses\.generator\.\w+ is nan; the last good checkpoint is .*000004"
    ):
        list(train(broken))
    assert [folder.name for folder in checkpoints(tmp_path / "run")] == ["000004"]


def nan(pair):
    pair.a.image.fill_(float("nan"))
    return pair
