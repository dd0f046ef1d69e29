"""Processes that share every batch learn what one process learns from the whole of it."""

import subprocess
import sys

import pytest
import torch

from ptk.data.pairs import Pairs
from ptk.data.source import open_source
from ptk.errors import TrainingError
from ptk.recipe.load import load_recipe
from ptk.recipe.schema import TrainingSettings
from ptk.training.distributed.processes import Processes

pytestmark = pytest.mark.slow

CPU = torch.device("cpu")

SHARES = """
import sys, torch
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch
from ptk.losses import gradient_penalty
from ptk.recipe.build import WeightedLoss
from ptk.recipe.load import load_recipe
from ptk.training.checkpoint import restore, save_checkpoint
from ptk.training.distributed.join import join
from ptk.training.distributed.processes import Processes
from ptk.training.run import start_run
from ptk.training.step import SIDES, Learner
from ptk.types import Pair

LIGHT = ["losses.generator={lsgan: 1, identity: 5, cycle: 2}"]

def double(pair):
    def one(faces):
        return replace(faces, points=faces.points.double(), image=faces.image.double(), key=None)
    return Pair(a=one(pair.a), b=one(pair.b))

def begun(recipe, processes, out):
    run = start_run(recipe, out, torch.device("cpu"), torch.float32, processes=processes)
    for terms in run.learner.losses.values():
        for loss in terms:
            loss.function.double()
    return run, Learner(run.learner.networks.double(), run.learner.losses, run.learner.settings, torch.float32)

def a_quarter(*size, dtype=None, device=None):  # where the gradient penalty looks, which each process draws for itself
    return torch.full(size, 0.25, dtype=dtype, device=device)

def gradients(recipe, processes, out):
    run, learner = begun(recipe, processes, out)
    pair = double(run.pairs.batch(0))
    with processes.average_gradients(learner, lambda: pair), patch.object(gradient_penalty.torch, "rand", a_quarter):
        for _ in range(2):  # a second step finds the first one's buckets
            learner.networks.zero_grad()
            values = learner.gradients(pair)
    table = processes.all_reduce_mean(torch.stack(list(values.values())))
    return table, [one.grad for side in SIDES for one in learner.networks.side(side)]

def trained(recipe, processes, out, steps, checkpoint=None):
    run, learner = begun(recipe, processes, out)
    if checkpoint:
        restore(checkpoint, learner)
    with processes.average_gradients(learner, lambda: double(run.pairs.batch(0))):
        while learner.step < steps:
            learner.learn(double(run.pairs.batch(learner.step)))
    return run, learner

def resumed(recipe, out):
    _, learner = trained(recipe, together, out / "a", 4)
    if not together.first:
        return
    there = save_checkpoint(out / "a", learner, {"record": {}})
    images = []
    for name, checkpoint in (("b", there), ("c", None)):
        run, learner = trained(recipe, alone, out / name, 8, checkpoint)
        with torch.no_grad():
            images.append(learner.networks.translate(double(run.pairs.batch(0))).fake[0])
    torch.save(images, out / "resumed.pt")

class Balance(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = torch.nn.Parameter(torch.tensor([1.0, 2.0], dtype=torch.float64))

    def forward(self, seen, networks):
        apart = (seen.fake[0] - seen.target.image).square().mean(dim=(0, 2, 3))  # a mean over the batch, as shares need
        return (self.weights.square() * (apart[:2] + 0.1)).sum()

def balanced(recipe, out):
    found = []
    for processes in (together, alone):
        run, learner = begun(recipe, processes, out / str(processes.count))
        own = Balance()
        losses = {**learner.losses, "generator": [*learner.losses["generator"], WeightedLoss("own", 1.0, own)]}
        learner = Learner(learner.networks, losses, learner.settings, torch.float32)
        with processes.average_gradients(learner, lambda: double(run.pairs.batch(0))):
            for step in range(3):
                learner.learn(double(run.pairs.batch(step)))
        found.append(own.weights.detach().clone())
        if not together.first:
            return
    torch.save(found, out / "balanced.pt")

together = join(torch.device("cpu"))
alone = Processes(torch.device("cpu"))
for number, settings in enumerate(sys.argv[3:]):
    recipe = load_recipe(sys.argv[1], ["training.batch=4", *settings.split("; ")])
    out = Path(sys.argv[2]) / str(number)
    found = gradients(recipe, together, out / "together")
    if together.first:
        expected = gradients(recipe, alone, out / "alone")
        torch.save((found, expected), out / "found.pt")
    torch.manual_seed(5)
    together.seed_rank(1, 7)
    drawn = torch.rand(())
    assert together.all_reduce_max(float(drawn))[0] > 0
    assert (together.all_reduce_mean(drawn) != drawn).item()
resumed(load_recipe(sys.argv[1], ["training.schedule=constant", *LIGHT]), Path(sys.argv[2]))
balanced(load_recipe(sys.argv[1], ["training.batch=4", "training.schedule=constant", *LIGHT]), Path(sys.argv[2]))
together.barrier()
"""

PER_DOMAIN = "data.pairs=unpaired; generator.each=domain; discriminator.each=domain"
IDENTITY = "{adversarial: 1, cycle: 10, identity_mapping: 5}"
CRITIC = "losses.critic={adversarial: {mode: wgan}, domain_classification: 1, gradient_penalty: 10}"
CLASSES = "losses.generator={adversarial: {mode: wgan}, domain_classification: 1, cycle: 10}"
RESNET = "{resnet: {width: 4, blocks: 1}}"
NCE = "{layers: [0, 2, 4], channels: [3, 8, 16], patches: 100000, width: 8}"  # all patches: each process draws its own
SETTINGS = {
    "plain": "training.seed=1",
    "in parts, recomputed": "training.accumulate=2; training.checkpointing=true; losses.generator={lsgan: 1, cycle: 2}",
    "a network a domain": "generator.each=domain; discriminator.each=domain; losses.generator={lsgan: 1, cycle: 2}",
    "cyclegan": f"{PER_DOMAIN}; losses.critic={{adversarial: {{pool: 2}}}}; losses.generator={IDENTITY}",
    "stargan": f"data.pairs=unpaired; discriminator.patch_stack.classes=true; {CRITIC}; {CLASSES}",
    "cut": f"data.pairs=unpaired; data.one_way=true; generator={RESNET}; losses.generator={{patch_nce: {NCE}}}",
    "some parameters idle": "losses.generator={identity: 1}; data.pairs=warp",
}


@pytest.fixture(scope="module")
def shared(small_recipe, tmp_path_factory):
    """Losses and gradients of two processes and of one, by setting. One start for all: it takes seconds."""
    folder = tmp_path_factory.mktemp("shares")
    script = folder / "shares.py"
    script.write_text(SHARES)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    words = [*torchrun, str(script), str(small_recipe), str(folder), *SETTINGS.values()]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    found = {name: torch.load(folder / str(number) / "found.pt") for number, name in enumerate(SETTINGS)}
    return found | {name: torch.load(folder / f"{name}.pt") for name in ("resumed", "balanced")}


@pytest.mark.parametrize("name", SETTINGS)
def test_two_processes_have_the_gradients_of_one_with_the_whole_batch(shared, name):
    """Networks in float64; the landmark maps that they are told are drawn in float32, hence 1e-5 of the largest."""
    (values, found), (whole_values, expected) = shared[name]
    torch.testing.assert_close(values, whole_values, rtol=1e-5, atol=1e-5)
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            assert (one - other).abs().max() <= 1e-5 * other.abs().max().clamp(min=1e-9)


def test_parameters_that_no_loss_reaches_are_left_out(shared):
    (_, found), _ = shared["some parameters idle"]
    assert any(one is None for one in found)
    assert any(one is not None for one in found)


def test_a_run_that_two_began_ends_alone_where_one_ends(shared):
    """Four steps by two and four by one, against eight by one: images in [-1, 1], of networks in float64.

    In float32, after these steps, one process with two threads is .01 from one with a single thread: rounding grows.
    """
    cut, whole = shared["resumed"]
    assert (cut - whole).abs().max() < 1e-9


def test_a_losss_own_parameters_learn_from_all_processes(shared):
    """After three steps of Adam at 4e-4 from (1, 2); without the average the two halves of a batch pull apart."""
    together, alone = shared["balanced"]
    assert (alone - torch.tensor([1.0, 2.0])).abs().min() > 1e-3
    assert (together - alone).abs().max() < 1e-7


class _Rank(Processes):
    def __init__(self, rank, count):
        super().__init__(CPU)
        self.rank, self.count = rank, count


@pytest.mark.parametrize("kind", ["identity", "warp", "mixed"])
def test_shares_put_together_are_the_batch(small_recipe, kind):
    recipe = load_recipe(small_recipe, [f"data.pairs={kind}", "training.batch=6", "data.augment.rotate=5"])
    faces = open_source(recipe).load("train")

    def batch(rows):
        return Pairs(faces, recipe.data, batch=6, seed=1, device=CPU, rows=rows, geometry=recipe.geometry).batch(3)

    whole = batch(slice(None))
    parts = [batch(_Rank(rank, 3).rows(recipe.training)) for rank in range(3)]
    for half in ("a", "b"):
        for field in ("image", "points", "domain"):
            found = torch.cat([getattr(getattr(part, half), field) for part in parts])
            assert torch.equal(found, getattr(getattr(whole, half), field)), (half, field)


def test_a_batch_without_equal_shares_is_refused_with_one_that_has_them():
    settings = TrainingSettings(batch=8, accumulate=2)
    assert [_Rank(rank, 2).rows(settings) for rank in range(2)] == [slice(0, 4), slice(4, 8)]
    with pytest.raises(TrainingError) as caught:
        _Rank(0, 3).rows(settings)
    assert str(caught.value) == (
        "training.batch=8: 3 processes in 2 parts each cannot share it equally; `set` training.batch=6"
    )
