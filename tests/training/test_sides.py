"""Sides that learn in other steps, at other rates, from strangers, by networks of their own."""

import pytest
import torch

from ptk.bench.naive import naive_gradients
from ptk.cost.forecast import forecast
from ptk.device import resolve_device
from ptk.recipe.load import load_recipe
from ptk.training.loop import train
from ptk.training.run import start_run
from ptk.training.step import SIDES, gradients

PER_DOMAIN = ("generator.each=domain", "discriminator.each=domain")


def start(small_recipe, tmp_path, *settings):
    return start_run(load_recipe(small_recipe, settings), tmp_path / "run", resolve_device("cpu"), torch.float32)


def copied(networks, side):
    return [parameter.detach().clone() for parameter in networks.side(side)]


def moved(networks, side, before):
    return any(not torch.equal(one, other) for one, other in zip(networks.side(side), before, strict=True))


def test_the_generator_learns_in_the_last_of_every_critic_steps(small_recipe, tmp_path):
    run = start(small_recipe, tmp_path, "training.critic_steps=3")
    networks, seen = run.learner.networks, []
    for step in range(6):
        before = {side: copied(networks, side) for side in SIDES}
        average = [one.clone() for one in run.learner.average.network.parameters()]
        values = run.learner.learn(run.pairs.batch(step))
        seen.append({side for side in SIDES if moved(networks, side, before[side])})
        assert {name.split(".")[0] for name in values} == seen[-1]
        stayed = all(map(torch.equal, average, run.learner.average.network.parameters()))
        assert stayed == ("generator" not in seen[-1])
    assert seen == [{"critic"}, {"critic"}, set(SIDES)] * 2


def test_a_critic_s_step_makes_no_graph_of_the_generator(small_recipe, tmp_path):
    run = start(small_recipe, tmp_path, "training.critic_steps=2")
    graphs = []
    run.learner.networks.generator.register_forward_hook(lambda _, __, made: graphs.append(made[0].requires_grad))
    for step in range(2):
        run.learner.learn(run.pairs.batch(step))
    assert graphs == [False, True, True]  # the way back only when a generator's loss looks at it


def test_ticks_say_the_losses_of_the_sides_that_learned(small_recipe, tmp_path):
    run = start(small_recipe, tmp_path, "training.critic_steps=2", "training.steps=4", "training.checkpoint=1")
    names = [set(tick.losses) for tick in train(run)]
    critic = {name for name in names[0] if name.startswith("critic.")}
    assert names[0] == names[2] == critic
    assert any(name.startswith("generator.") for name in names[1])
    assert names[1] == names[3] > critic


def test_each_side_has_its_rate(small_recipe, tmp_path):
    run = start(small_recipe, tmp_path, "training.lr={generator: 1e-4, critic: 3e-4}", "training.schedule=constant")
    run.learner.learn(run.pairs.batch(0))
    rates = {side: optimiser.param_groups[0]["lr"] for side, optimiser in run.learner.optimisers.items()}
    assert rates == {"generator": 1e-4, "critic": 3e-4}


@pytest.mark.parametrize("settings", [(), PER_DOMAIN], ids=["one", "each"])
def test_networks_a_domain_learn_what_the_plain_step_learns(small_recipe, tmp_path, settings):
    run = start(small_recipe, tmp_path, *settings)
    networks, losses = run.learner.networks, run.learner.losses
    pair = run.pairs.batch(0)
    values = gradients(networks, losses, pair, torch.float32)
    ours = {side: [one.grad.clone() for one in networks.side(side)] for side in SIDES}
    networks.zero_grad(set_to_none=True)
    plain = naive_gradients(networks, losses, pair)
    for name, value in plain.items():
        torch.testing.assert_close(values[name], value, rtol=1e-4, atol=1e-6)
    for side in SIDES:
        for one, parameter in zip(ours[side], networks.side(side), strict=True):
            torch.testing.assert_close(one, parameter.grad, rtol=1e-2, atol=1e-5)


def test_verdicts_are_made_once_for_all_losses_of_a_step(small_recipe, tmp_path):
    run = start(small_recipe, tmp_path)
    calls = []
    run.learner.networks.discriminator.register_forward_hook(lambda *_: calls.append(1))
    gradients(run.learner.networks, run.learner.losses, run.pairs.batch(0), torch.float32)
    assert len(calls) == 2  # the images made, and the true ones


def test_a_step_is_expected_and_estimated_with_both_sides(small_recipe, tmp_path):
    often = start(small_recipe, tmp_path, "training.critic_steps=4")
    once = start_run(load_recipe(small_recipe), tmp_path / "once", resolve_device("cpu"), torch.float32)
    found = [forecast(run.learner, run.pairs.batch(0)) for run in (often, once)]
    assert found[0].flops == found[1].flops
    assert found[0].memory == found[1].memory
