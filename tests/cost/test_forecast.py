"""What a run will take is said before its first step, and forecasting it changes nothing."""

import pytest
import torch
from torch import nn

from ptk.cost.forecast import Forecast, forecast
from ptk.recipe.load import load_recipe
from ptk.training.run import start_run


@pytest.fixture
def run(small_recipe, tmp_path):
    return start_run(load_recipe(small_recipe), tmp_path / "run", torch.device("cpu"), torch.float32)


def test_changes_neither_weights_nor_random_states(run):
    weights = [parameter.clone() for parameter in run.learner.networks.parameters()]
    random = torch.get_rng_state()
    forecast(run.learner, run.pairs.batch(0))
    assert all(torch.equal(one, two) for one, two in zip(weights, run.learner.networks.parameters(), strict=True))
    assert all(parameter.grad is None for parameter in run.learner.networks.parameters())
    assert torch.equal(random, torch.get_rng_state())


def test_work_and_memory_grow_with_the_batch(run):
    one = forecast(run.learner, run.pairs.batch(0))
    pair = run.pairs.batch(0)
    double = type(pair)(a=pair.a.concatenated(pair.a), b=pair.b.concatenated(pair.b))
    two = forecast(run.learner, double)
    assert two.flops == 2 * one.flops
    assert one.memory < two.memory < 2 * one.memory  # the weights do not grow
    assert one.measured
    assert one.seconds > 0


def test_flops_are_those_of_the_convolutions(run, monkeypatch):
    """A generator of one 1x1 convolution: 3 -> 3 channels over 64 x 64, two ways, forward and backward."""

    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = nn.Conv2d(3, 3, 1, bias=False)

        def forward(self, image, planes):
            return [self.layer(image)]

    monkeypatch.setattr(run.learner.networks, "generator", Plain())
    cycle = [loss for loss in run.learner.losses["generator"] if loss.name == "cycle"]
    run.learner.losses = {"generator": cycle, "critic": []}
    pass_flops = 2 * 3 * 3 * 64 * 64 * 4  # multiply and add, for a batch of 2 pairs in both directions
    # Two passes forward; backward, weights twice and the image once (the photo needs no gradient).
    assert forecast(run.learner, run.pairs.batch(0)).flops == (2 + 2 + 1) * pass_flops


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.01, "10 seconds"), (1.0, "17 minutes"), (60.0, "17 hours"), (1000.0, "12 days")]
)
def test_the_sentence_for_people(seconds, text):
    said = Forecast(flops=10**9, seconds=seconds, memory=2**30, measured=False).format(1000)
    assert text in said
    assert "estimated from 1 GFLOP" in said
    assert "1.0 GiB" in said
