"""The state of optimisers as named tensors, for checkpoints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ptk.errors import PluginError
from ptk.random_states import keep_random_states
from ptk.registry.failures import describe_part

__all__ = ["load_state", "read_state"]

Build = Callable[[list[nn.Parameter]], torch.optim.Optimizer]


def read_state(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Name its tensors by the place of their parameter and their own name, "12.exp_avg".

    Raises PluginError for state that is no tensor: a checkpoint holds nothing else.
    """
    found = {}
    for index, state in optimiser.state_dict()["state"].items():
        for name, value in state.items():
            if not isinstance(value, Tensor):
                what = f"keeps {name}, a {type(value).__name__}, from step to step; checkpoints hold tensors alone"
                raise PluginError(f"{describe_part(optimiser)}: {what}")
            found[f"{index}.{name}"] = value
    return found


def load_state(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor], build: Build) -> None:
    """Give an optimiser the state that `read_state` named; `build` makes others like it.

    The state of a parameter that was frozen, or has not learned yet, is empty. Raises ValueError where a step would
    fail on it.
    """
    states: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        states.setdefault(int(index), {})[key] = tensor
    _check(optimiser, states, build)
    optimiser.load_state_dict({**optimiser.state_dict(), "state": states})


def _check(optimiser: torch.optim.Optimizer, states: Mapping[int, Mapping[str, Tensor]], build: Build) -> None:
    """Compare `states` with those that one step makes for parameters of the same shapes."""
    parameters = [one for group in optimiser.param_groups for one in group["params"]]
    known: dict[torch.Size, Mapping[str, Any]] = {}
    for index, state in states.items():
        shape = parameters[index].shape
        if shape not in known:
            parameter = nn.Parameter(torch.zeros(shape))
            parameter.grad = torch.zeros_like(parameter)
            another = build([parameter])
            with keep_random_states():
                another.step()
            known[shape] = {name: value.to("meta") for name, value in another.state[parameter].items()}
        wanted = known[shape]
        if state.keys() != wanted.keys():
            raise ValueError(f"the optimiser's state of parameter {index} is not whole")
        for name, tensor in state.items():
            like = wanted[name]
            if tensor.shape != like.shape or tensor.is_floating_point() != like.is_floating_point():
                raise ValueError(f"{name} of parameter {index} is {tuple(tensor.shape)}, not {tuple(like.shape)}")
