"""Runs whose losses remember images, draw numbers and differentiate twice: resumed, in parts, compiled."""

import pytest
import torch

from ptk.recipe.load import load_recipe
from ptk.training.checkpoint import checkpoints
from ptk.training.loop import train
from ptk.training.run import start_run

CPU = torch.device("cpu")

STARGAN = [
    "discriminator={stargan: {size: 64, width: 8}}",
    "losses.critic={adversarial: {weight: 1, mode: wgan, pool: 2}, domain_classification: 1, gradient_penalty: 10}",
    "losses.generator={adversarial: {weight: 1, mode: wgan}, domain_classification: 1, cycle: 10, identity_mapping: 5}",
]


def go(recipe, out, *overrides, **given):
    run = start_run(load_recipe(recipe, ["training.grid=100", *STARGAN, *overrides]), out, CPU, torch.float32, **given)
    for _ in train(run):
        pass
    return run


def tensors(out):
    return (checkpoints(out)[-1] / "tensors.safetensors").read_bytes()


IN_PARTS = ["training.critic_steps=3", "training.accumulate=2"]
RUNS = [pytest.param([], id="whole"), pytest.param(IN_PARTS, marks=pytest.mark.slow, id="in parts")]


@pytest.mark.parametrize("more", RUNS)
def test_a_run_with_a_pool_goes_on_to_the_bit(small_recipe, tmp_path, more):
    go(small_recipe, tmp_path / "cut", *more, until=4)
    cut = go(small_recipe, tmp_path / "cut", *more, resume=True)
    whole = go(small_recipe, tmp_path / "whole", *more)
    assert tensors(tmp_path / "cut") == tensors(tmp_path / "whole")
    pools = [run.learner.losses["critic"][0].function.pool for run in (cut, whole)]
    assert torch.equal(pools[0].images, pools[1].images)
    assert pools[0].counts.tolist() == [2, 2]  # full, so that chance decides


def gradients(recipe, *overrides):
    run = start_run(load_recipe(recipe, [*STARGAN, *overrides]), recipe.parent / "none", CPU, torch.float32)
    torch.manual_seed(3)
    with run.learner.compiled():
        values = run.learner.gradients(run.pairs.batch(0))
    return values, [one.grad for one in run.learner.side("critic")]


def test_recomputed_generators_change_nothing_in_it(small_recipe):
    (values, found), (others, expected) = (
        gradients(small_recipe, f"training.checkpointing={on}") for on in ("true", "false")
    )
    assert values == others
    assert all(torch.equal(one, other) for one, other in zip(found, expected, strict=True))


@pytest.mark.slow
def test_a_compiled_critic_is_differentiated_twice(small_recipe):
    (values, found), (others, expected) = (
        gradients(small_recipe, f"training.compile={on}") for on in ("true", "false")
    )
    for name, value in values.items():
        torch.testing.assert_close(value, others[name], rtol=1e-3, atol=1e-4)
    for one, other in zip(found, expected, strict=True):
        assert (one - other).abs().max() <= 1e-3 * other.abs().max()
