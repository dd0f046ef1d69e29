"""A loss that has parameters is trained with its side, and is in checkpoints with all that it remembers."""

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from ptk.recipe.build import WeightedLoss
from ptk.recipe.load import load_recipe
from ptk.training.checkpoint import restore, save_checkpoint
from ptk.training.run import start_run
from ptk.training.step import Learner

CPU = torch.device("cpu")
RATE = 4e-4


class Balance(nn.Module):
    """A learnt weight of the distance to the target, after Kendall, Gal, Cipolla 2018, and a frozen one beside it."""

    def __init__(self):
        super().__init__()
        self.log_variance = nn.Parameter(torch.zeros(()))
        self.frozen = nn.Parameter(torch.ones(()), requires_grad=False)
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, seen, networks):
        self.steps = self.steps + 1
        verdict = networks.judge(seen.fake, seen.planes)[0].logits.float().square().mean()
        apart = (seen.fake[0].float() - seen.target.image).abs().mean() + verdict
        return (-self.log_variance).exp() * apart * self.frozen + 100 * self.log_variance


@pytest.fixture
def run(small_recipe, tmp_path):
    return start_run(load_recipe(small_recipe), tmp_path / "run", CPU, torch.float32)


def balanced(run, *sides):
    losses = {
        side: [*terms, *([WeightedLoss("balance", 1.0, Balance())] if side in sides else [])]
        for side, terms in run.learner.losses.items()
    }
    return Learner(run.learner.networks, losses, run.recipe.training, torch.float32), {
        side: losses[side][-1].function for side in sides
    }


def test_it_learns_with_either_side_at_the_sides_rate(run):
    """Adam's first step is the rate against the gradient's sign, here of 100 minus a distance below 100."""
    learner, losses = balanced(run, "generator", "critic")
    learner.learn(run.pairs.batch(0))
    for side, loss in losses.items():
        assert loss.log_variance.item() == pytest.approx(-RATE, rel=1e-3), side
        assert loss.frozen.item() == 1
        assert all(parameter.grad is None for parameter in loss.parameters())


def test_trying_a_step_leaves_no_trace_in_it(run):
    learner, losses = balanced(run, "generator")
    with learner.rehearsing() as rehearse:
        rehearse(run.pairs.batch(0))
        assert losses["generator"].log_variance.grad is not None  # the parameters are shared
    assert losses["generator"].steps == 0
    assert losses["generator"].log_variance.grad is None


def test_it_goes_through_a_checkpoint_with_its_optimiser(run, tmp_path):
    learner, first = balanced(run, "generator", "critic")
    for step in range(2):
        learner.learn(run.pairs.batch(step))
    folder = save_checkpoint(tmp_path / "saved", learner, {"record": {}})
    other, losses = balanced(run, "generator", "critic")
    restore(folder, other)
    assert other.step == 2
    for loss in losses.values():
        assert loss.steps == 2
        assert -2.1 * RATE < loss.log_variance.item() < -1.9 * RATE
    before = learner.optimisers["critic"].state[first["critic"].log_variance]
    after = other.optimisers["critic"].state[losses["critic"].log_variance]
    assert before["exp_avg"] != 0
    assert torch.equal(before["exp_avg"], after["exp_avg"])


def test_a_checkpoint_of_before_is_still_read(run, tmp_path):
    """It has nothing of losses: they begin as they are built, and their optimiser anew."""
    learner, _ = balanced(run)
    learner.learn(run.pairs.batch(0))
    folder = save_checkpoint(tmp_path / "old", learner, {"record": {}})
    tensors = folder / "tensors.safetensors"
    save_file({name: one for name, one in load_file(tensors).items() if not name.startswith("losses.")}, tensors)
    other, losses = balanced(run, "generator")
    restore(folder, other)
    assert losses["generator"].log_variance.item() == 0
    other.learn(run.pairs.batch(1))
    assert losses["generator"].log_variance.item() == pytest.approx(-RATE, rel=1e-3)


def test_a_network_that_two_losses_share_is_stored(run, tmp_path):
    """safetensors refuses two names for one storage."""
    learner, losses = balanced(run, "generator", "critic")
    losses["critic"].frozen = losses["generator"].frozen
    restore(save_checkpoint(tmp_path / "shared", learner, {"record": {}}), learner)
