"""The contract of optimisers: they move parameters at the current learning rate, and keep their state in tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load, save
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from ptk.errors import PluginError
from ptk.testing.assertions import expect, finite
from ptk.testing.contracts.common import DESCRIBED, REPEATED, SENT
from ptk.testing.rule import Rule
from ptk.training.optimiser_state import load_state, read_state

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer", "given"]

_RATE = 0.01
_SHAPES = ((4, 3, 3, 3), (4,), ())
"""A convolution's weight, its bias, and a number, such as a weight that a loss learns."""


def given() -> dict[str, Any]:
    """Make what ptk passes to its constructor: new seeded parameters, and a learning rate."""
    return {"params": [nn.Parameter(values) for values in _noise(0)], "lr": _RATE}


def _noise(seed: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=generator) for shape in _SHAPES]


def _build(trial: Trial) -> tuple[Any, list[nn.Parameter]]:
    told = given()
    return trial.build(**told), told["params"]


def _walk(optimiser: Any, parameters: list[nn.Parameter], steps: range) -> None:
    """Step with seeded gradients, different in each step."""
    for step in steps:
        for parameter, gradient in zip(parameters, _noise(1 + step), strict=True):
            parameter.grad = gradient
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)


def _holds(trial: Trial) -> None:
    optimiser, parameters = _build(trial)
    held = {id(one) for group in optimiser.param_groups for one in group["params"]}
    expect(
        held == set(map(id, parameters)), "param_groups must hold the parameters that it is given, all and no others"
    )
    rates = [group["lr"] for group in optimiser.param_groups]
    expect(all(rate == _RATE for rate in rates), f'the "lr" of its groups must be {_RATE}, as given, they are {rates}')


def _moves(trial: Trial) -> None:
    optimiser, parameters = _build(trial)
    before = [one.detach().clone() for one in parameters]
    _walk(optimiser, parameters, range(3))
    for one, old in zip(parameters, before, strict=True):
        finite(one.detach(), "parameters after three steps")
        shape = tuple(one.shape)
        expect((one != old).any(), f"a parameter {shape} with a gradient must move; it is as it was after three steps")


def _nearer(trial: Trial) -> None:
    optimiser, parameters = _build(trial)
    goals = _noise(99)

    def distance() -> float:
        pairs = zip(parameters, goals, strict=True)
        return sum((one.detach() - goal).square().sum().item() for one, goal in pairs)

    start = distance()
    for _ in range(50):
        for one, goal in zip(parameters, goals, strict=True):
            one.grad = 2 * (one.detach() - goal)
        optimiser.step()
    end = distance()
    expect(end < start, f"50 steps must decrease a quadratic function; it went from {start:.3g} to {end:.3g}")


def _rate(trial: Trial) -> None:
    optimiser, parameters = _build(trial)
    _walk(optimiser, parameters, range(2))
    before = [one.detach().clone() for one in parameters]
    for group in optimiser.param_groups:
        group["lr"] = 0.0
    _walk(optimiser, parameters, range(2, 3))
    kept = all(torch.equal(one, old) for one, old in zip(parameters, before, strict=True))
    expect(kept, 'a step must take its rate from group["lr"], which ptk writes before each; at 0 parameters moved')


def _frozen(trial: Trial) -> None:
    optimiser, parameters = _build(trial)
    before = parameters[1].detach().clone()
    for parameter, gradient in zip(parameters, _noise(1), strict=True):
        parameter.grad = None if parameter is parameters[1] else gradient
    optimiser.step()
    expect(torch.equal(parameters[1], before), "a parameter without a gradient must stay as it is, and breaks no step")


def _still(trial: Trial) -> None:
    optimiser, parameters = _build(trial)
    for _ in range(3):
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
        optimiser.step()
    for parameter in parameters:
        finite(parameter.detach(), "parameters after gradients of zero")


def _resumed(trial: Trial) -> None:
    """Continue with a used optimiser, and with a new one that has its state: the same steps, to the bit."""
    optimiser, parameters = _build(trial)
    _walk(optimiser, parameters, range(3))
    tensors = read_state(optimiser)
    fresh, others = _build(trial)
    with torch.no_grad():
        for other, one in zip(others, parameters, strict=True):
            other.copy_(one)
    try:
        stored = load(save({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}))
        load_state(fresh, stored, lambda params: trial.build(params=params, lr=_RATE))
    except (RuntimeError, ValueError, LookupError) as error:
        raise PluginError(f"its state does not go into a new one: {error}") from error
    _walk(optimiser, parameters, range(3, 6))
    _walk(fresh, others, range(3, 6))
    same = all(torch.equal(one, other) for one, other in zip(parameters, others, strict=True))
    expect(
        same,
        "a new one with the state of one that was used must step as that does, or a resumed run differs: its state "
        "must be float tensors in self.state[parameter]",
    )


def _estimated(trial: Trial) -> None:
    with FakeTensorMode(allow_non_fake_inputs=True):
        parameters = [nn.Parameter(torch.zeros(shape)) for shape in _SHAPES]
        optimiser = trial.build(params=parameters, lr=_RATE)
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
        try:
            optimiser.step()
        except Exception as error:
            raise PluginError(f"a step must read no values, such as by .item(): {error}") from error


RULES = (
    *DESCRIBED,
    Rule("holds the parameters and the rate that it is given", _holds, at="__init__"),
    Rule("moves every parameter that has a gradient", _moves),
    Rule("decreases a quadratic function", _nearer),
    Rule("follows the learning rate of its groups", _rate),
    Rule("leaves parameters without a gradient as they are", _frozen),
    Rule("is finite where gradients are zero", _still),
    Rule("its state goes through a checkpoint", _resumed),
    Rule("runs on fake tensors, with which memory is estimated", _estimated),
    *REPEATED,
    *SENT,
)


def answer(trial: Trial, _: Any) -> Any:
    """Parameters after three steps of a new one: steps would change the one that is given."""
    optimiser, parameters = _build(trial)
    _walk(optimiser, parameters, range(3))
    return parameters
