"""One step: both directions, each side's gradients on its own parameters, a frozen critic, an average that follows."""

import copy
from contextlib import nullcontext

import pytest
import torch

from ptk.bench.naive import NaiveLearner, naive_gradients, with_plain_layers
from ptk.data.pairs import Pairs
from ptk.device import resolve_device
from ptk.recipe.load import load_recipe
from ptk.schedules.linear import Constant
from ptk.training.run import start_run
from ptk.training.step import SIDES, Learner, gradients
from ptk.types import Faces, Pair


@pytest.fixture
def run(small_recipe, tmp_path):
    return start_run(load_recipe(small_recipe), tmp_path / "run", resolve_device("cpu"), torch.float32)


def test_translates_both_directions_there_and_back(run):
    pair = run.pairs.batch(0)
    translation = run.learner.networks.translate(pair)
    assert torch.equal(translation.source.image[:2], pair.a.image)
    assert torch.equal(translation.target.image[:2], pair.b.image)
    assert torch.equal(translation.source.image[2:], translation.target.image[:2])
    assert [tuple(image.shape) for image in translation.fake] == [(4, 3, 64, 64), (4, 3, 32, 32)]
    assert translation.restored[0].shape == translation.source.image.shape
    assert not any(image.requires_grad for image in [*translation.detach().fake, *translation.detach().restored])


def test_one_way_translates_the_first_to_the_second_alone(run):
    networks, pair = run.learner.networks, run.pairs.batch(0)
    networks.one_way = True
    translation = networks.translate(pair)
    assert translation.source is pair.a
    assert translation.target is pair.b
    assert len(translation.fake[0]) == len(pair)


def test_the_way_back_is_made_once_and_only_when_a_loss_looks_at_it(run):
    networks, losses = run.learner.networks, run.learner.losses
    calls = []
    networks.generator.register_forward_hook(lambda *_: calls.append(1))
    gradients(networks, losses, run.pairs.batch(0), torch.float32)
    assert len(calls) == 2
    forward_only = [loss for loss in losses["generator"] if loss.name != "cycle"]
    gradients(networks, {**losses, "generator": forward_only}, run.pairs.batch(0), torch.float32)
    assert len(calls) == 3


def test_the_way_back_has_its_graph_whoever_looks_first(run):
    translation = run.learner.networks.translate(run.pairs.batch(0))
    with torch.no_grad():
        assert len(translation.restored) == 2
    assert translation.restored[0].requires_grad


def test_every_parameter_of_both_sides_gets_a_gradient(run):
    gradients(run.learner.networks, run.learner.losses, run.pairs.batch(0), torch.float32)
    for side in SIDES:
        for parameter in run.learner.networks.side(side):
            assert parameter.grad is not None
            assert parameter.grad.abs().sum() > 0


def test_each_side_learns_from_its_own_losses_alone(run):
    networks, losses = run.learner.networks, run.learner.losses
    gradients(networks, {**losses, "critic": []}, run.pairs.batch(0), torch.float32)
    assert all(parameter.grad is None for parameter in networks.side("critic"))
    networks.zero_grad(set_to_none=True)
    gradients(networks, {**losses, "generator": []}, run.pairs.batch(0), torch.float32)
    assert all(parameter.grad is None for parameter in networks.side("generator"))


DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.gpu)]


@pytest.mark.parametrize("one_way", [False, True])
@pytest.mark.parametrize("device", DEVICES)
def test_gradients_equal_the_step_written_plainly(run, device, one_way):
    """The same sums, with every direction on its own and every verdict asked for anew."""
    networks, losses = run.learner.networks.double().to(device), run.learner.losses
    networks.one_way = one_way
    for terms in losses.values():
        for loss in terms:
            loss.function.double().to(device)
    pair = double(run.pairs.batch(0), device)
    gradients(networks, losses, pair, torch.float32)
    fast = [parameter.grad.clone() for side in SIDES for parameter in networks.side(side)]
    networks.zero_grad(set_to_none=True)
    naive_gradients(networks, losses, pair)
    slow = [parameter.grad for side in SIDES for parameter in networks.side(side)]
    for one, other in zip(fast, slow, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["instance", "group"])
def test_ten_steps_end_where_ten_plain_ones_do(run, norm, small_recipe, tmp_path):
    """Adam, the average, the schedule and the norms as well, in double precision: what differs is rounding."""
    settings = (f"generator.portraitgan.norm={norm}", "training.ema=0.9")
    learner = start_run(
        load_recipe(small_recipe, settings), tmp_path / "b", resolve_device("cpu"), torch.float32
    ).learner
    for terms in learner.losses.values():
        for loss in terms:
            loss.function.double()
    networks = learner.networks.double()
    plain = NaiveLearner(with_plain_layers(copy.deepcopy(networks)), learner.losses, learner.settings, torch.float32)
    fast = Learner(networks, learner.losses, learner.settings, torch.float32)
    for step in range(10):
        pair = double(run.pairs.batch(step))
        one, other = fast.learn(pair), plain.learn(pair)
        assert {name: float(value) for name, value in one.items()} == pytest.approx(
            {name: float(value) for name, value in other.items()}, rel=1e-5
        )
    for one, other in zip(fast.average.network.parameters(), plain.average.network.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


@pytest.mark.parametrize("setting", ["training.accumulate=2", "training.checkpointing=true"])
def test_what_saves_memory_gives_the_same_gradients(run, setting, small_recipe, tmp_path):
    settings = ("training.batch=4", setting)
    saving = start_run(
        load_recipe(small_recipe, settings), tmp_path / "b", resolve_device("cpu"), torch.float32
    ).learner
    for terms in saving.losses.values():
        for loss in terms:
            loss.function.double()
    plain = Learner(saving.networks.double(), saving.losses, run.learner.settings, torch.float32)
    saving = Learner(copy.deepcopy(saving.networks), saving.losses, saving.settings, torch.float32)
    plain.networks.checkpointing = False
    pair = double(run.pairs.batch(0))
    pair = Pair(a=pair.a.concatenated(pair.b), b=pair.b.concatenated(pair.a))
    one, other = saving.gradients(pair), plain.gradients(pair)
    assert {name: float(each) for name, each in one.items()} == pytest.approx(
        {name: float(each) for name, each in other.items()}, rel=1e-6
    )
    for side in SIDES:
        for ours, theirs in zip(saving.networks.side(side), plain.networks.side(side), strict=True):
            torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("device", DEVICES)
def test_compiled_networks_give_the_same_gradients(run, device, small_recipe, tmp_path):
    """The smallest networks there can be: what takes time is the compiler."""
    settings = (
        "training.compile=true",
        "generator={portraitgan: {width: 4, down: 1, blocks: 0, scales: 1}}",
        "discriminator={patch_stack: {levels: 1, layers: 1, width: 4}}",
        "losses.generator={lsgan: 1, identity: 5, cycle: 2}",
    )
    begun = start_run(
        load_recipe(small_recipe, settings), tmp_path / "b", resolve_device(device), torch.float32
    ).learner
    learner = Learner(begun.networks.double(), begun.losses, begun.settings, torch.float32)
    pair = double(run.pairs.batch(0), device)
    found = []
    for context in (nullcontext(), learner.compiled()):
        with context:
            learner.networks.zero_grad()
            learner.gradients(pair)
            found.append([parameter.grad for side in SIDES for parameter in learner.networks.side(side)])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)


def double(pair, device="cpu"):
    def one(faces):
        faces = faces.to(device)
        return Faces(points=faces.points.double(), domain=faces.domain, image=faces.image.double())

    return Pair(a=one(pair.a), b=one(pair.b))


def test_the_average_follows_the_generator(run):
    learner = run.learner
    before = [parameter.clone() for parameter in learner.average.network.parameters()]
    learner.learn(run.pairs.batch(0))
    # After step 0 the decay is min(0.9, 1/10) = 0.1.
    for mean, old, new in zip(
        learner.average.network.parameters(), before, learner.networks.generator.parameters(), strict=True
    ):
        torch.testing.assert_close(mean, 0.1 * old + 0.9 * new)


def test_the_rate_falls_to_zero_from_half_way(run):
    rates = []
    for step in (0, 4, 6, 8):
        run.learner.step = step
        rates.append(run.learner.learning_rate())
    assert rates == pytest.approx([4e-4, 4e-4, 2e-4, 0])


def test_a_loss_falls_on_a_batch_seen_again_and_again(run):
    """Of the pixel loss alone: a discriminator that learns, too, moves the goal of the others."""
    run.learner.losses = {
        "critic": [],
        "generator": [one for one in run.learner.losses["generator"] if one.name == "identity"],
    }
    run.learner.schedule = Constant()
    pair = run.pairs.batch(0)
    values = [run.learner.learn(pair)["generator.identity"] for _ in range(30)]
    assert values[-1] < 0.8 * values[0]


@pytest.mark.gpu
def test_a_step_runs_in_bfloat16_on_cuda(small_recipe, tmp_path):
    run = start_run(load_recipe(small_recipe), tmp_path / "run", resolve_device("cuda"), torch.bfloat16)
    values = run.learner.learn(run.pairs.batch(0))
    assert all(torch.isfinite(value) for value in values.values())
    assert isinstance(run.pairs, Pairs)
