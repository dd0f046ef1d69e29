"""What a run tells its observers, and that it trains as if nobody looked."""

import random

import numpy as np
import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from ptk import Observer
from ptk.errors import TrainingError
from ptk.events import CheckpointWritten, GridDrawn, Measured, RunEnded, RunStarted
from ptk.recipe.load import load_recipe
from ptk.recipe.observing import Observers
from ptk.recipe.weights import read_tensors
from ptk.training import loop
from ptk.training.run import start_run
from ptk.types import Tick

METRICS = "metrics=[mse, ssim]"


class Everything(Observer):
    """Hears everything and, as far as it can, touches it."""

    def __init__(self) -> None:
        self.heard = []

    def __getattribute__(self, name):
        if name not in ("run_started", "tick", "measured", "grid_drawn", "checkpoint_written", "run_ended"):
            return super().__getattribute__(name)

        def hear(event):
            self.heard.append(event)
            random.seed(0)
            np.random.seed(0)
            torch.manual_seed(0)
            if isinstance(event, RunStarted):
                event.record.clear()

        return hear


def trained(small_recipe, folder, observer=None, *settings, stop=lambda: False):
    run = start_run(load_recipe(small_recipe, list(settings)), folder, torch.device("cpu"), torch.float32)
    if observer is not None:
        object.__setattr__(run, "observers", Observers({"mine": observer}, pytest.fail))
    for _ in loop.train(run, stop):
        pass
    return run


@pytest.fixture(scope="module")
def observed(small_recipe, tmp_path_factory):
    folder, observer = tmp_path_factory.mktemp("observed"), Everything()
    return trained(small_recipe, folder, observer, METRICS), observer.heard


def test_events_come_in_order_with_files_that_are_there(observed):
    run, heard = observed
    assert isinstance(heard[0], RunStarted)
    assert (heard[0].step, heard[0].steps, heard[0].folder) == (0, 8, run.folder)
    assert heard[-1] == RunEnded(step=8, how="finished")
    saved = [event for event in heard if isinstance(event, CheckpointWritten)]
    assert [event.step for event in saved] == [4, 8]
    assert saved[-1].weights == run.folder / "weights.safetensors"
    drawn = [event for event in heard if isinstance(event, GridDrawn)]
    assert [event.step for event in drawn] == [4, 8]
    assert all(event.path.read_bytes().startswith(b"\x89PNG") for event in drawn)
    ticks = [event for event in heard if isinstance(event, Tick)]
    assert [event.step for event in ticks] == sorted({event.step for event in ticks})
    assert "generator.lsgan" in ticks[-1].losses


def test_metrics_are_measured_on_people_held_out(observed):
    _, heard = observed
    measured = [event for event in heard if isinstance(event, Measured)]
    assert [event.step for event in measured] == [4, 8]
    for event in measured:
        assert set(event.values) == {"mse", "ssim"}
        assert 0 < event.values["mse"] < 1
        assert -1 < event.values["ssim"] < 1


def test_a_run_that_is_observed_gives_the_same_weights(observed, small_recipe, tmp_path):
    alone = trained(small_recipe, tmp_path, None)
    weights = [read_tensors(run.folder / "weights.safetensors") for run in (observed[0], alone)]
    for name, tensor in weights[0].items():
        assert torch.equal(tensor, weights[1][name]), name
    assert alone.record["recipe"]["recipe"] == "small"  # what the observer emptied was a copy


def test_a_run_that_is_stopped_or_fails_says_so(small_recipe, tmp_path):
    stopped = Everything()
    trained(small_recipe, tmp_path / "stopped", stopped, stop=lambda: bool(stopped.heard))
    assert stopped.heard[-1] == RunEnded(step=0, how="stopped")
    failed = Everything()
    with pytest.raises(TrainingError, match="losses"):
        trained(small_recipe, tmp_path / "failed", failed, "training.lr=1e30")
    assert isinstance(failed.heard[-1], RunEnded)
    assert failed.heard[-1].how == "failed"


def test_tensorboard_has_losses_speed_metrics_and_grids(small_recipe, tmp_path):
    trained(small_recipe, tmp_path, None, METRICS)
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert {"loss/generator.lsgan", "loss/critic.lsgan", "images_per_second", "held_out/mse"} <= set(
        events.Tags()["scalars"]
    )
    assert [event.step for event in events.Images("grid")] == [4, 8]
