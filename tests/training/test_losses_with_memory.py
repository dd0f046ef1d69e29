"""Runs whose losses remember images, draw numbers and differentiate twice: resumed, in parts, compiled, together."""

import subprocess
import sys

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


@pytest.mark.parametrize("more", [[], ["training.critic_steps=3", "training.accumulate=2"]], ids=["whole", "in parts"])
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


SHARES = """
import sys, torch
from pathlib import Path
from ptk.recipe.load import load_recipe
from ptk.training.launch import launch
from ptk.training.processes import Processes
from ptk.training.run import start_run
from ptk.training.step import SIDES, Learner
from ptk.types import Faces, Pair

def double(pair):
    def one(faces):
        return Faces(points=faces.points.double(), domain=faces.domain, image=faces.image.double())
    return Pair(a=one(pair.a), b=one(pair.b))

def gradients(processes, out):
    run = start_run(recipe, out, torch.device("cpu"), torch.float32, processes=processes)
    for terms in run.learner.losses.values():
        for loss in terms:
            loss.function.double()
    learner = Learner(run.learner.networks.double(), run.learner.losses, run.learner.settings, torch.float32)
    pair = double(run.pairs.batch(0))
    with processes.averaging(learner, lambda: pair):
        for _ in range(2):  # a second step finds the first one's buckets
            learner.networks.zero_grad()
            values = learner.gradients(pair)
    table = processes.mean(torch.stack(list(values.values())))
    return table, [one.grad for side in SIDES for one in learner.networks.side(side)]

recipe = load_recipe(sys.argv[1], ["training.batch=4", *sys.argv[3:]])
together, alone = launch(torch.device("cpu"), 2), Processes(torch.device("cpu"))
drawn = torch.rand
torch.rand = lambda *shape, **given: torch.full_like(drawn(*shape, **given), 0.25)  # the same place in every process
found = gradients(together, Path(sys.argv[2]) / "together")
if together.first:
    torch.save((found, gradients(alone, Path(sys.argv[2]) / "alone")), Path(sys.argv[2]) / "found.pt")
together.wait()
"""


@pytest.mark.slow
@pytest.mark.parametrize("pool", [50, 1])
def test_two_processes_have_the_gradients_of_one(small_recipe, tmp_path, pool):
    """Where chance gives both the same numbers: networks in float64, planes drawn in float32, hence 1e-5."""
    script = tmp_path / "shares.py"
    script.write_text(SHARES)
    settings = [each.replace("pool: 2", f"pool: {pool}") for each in STARGAN]
    words = [sys.executable, str(script), str(small_recipe), str(tmp_path), *settings]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    (values, found), (whole, expected) = torch.load(tmp_path / "found.pt")
    torch.testing.assert_close(values, whole, rtol=1e-5, atol=1e-5)
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None)  # the head of the smaller image, which this critic does not judge
        if one is not None:
            assert (one - other).abs().max() <= 1e-5 * other.abs().max().clamp(min=1e-9)
