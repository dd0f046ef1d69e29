"""One step of training: translate, then each side that is due learns from its losses."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ptk.random_states import keep_random_states
from ptk.recipe.build import WeightedLoss, build_optimiser, build_part
from ptk.recipe.schema import TrainingSettings
from ptk.registry.failures import name_failures, note_failures
from ptk.training.networks import AdversarialNetworks
from ptk.types import Pair

__all__ = ["CRITIC", "SIDES", "Average", "Learner", "gradients", "learning_rate", "own_parameters"]

SIDES = ("generator", "critic")
"""The order in which the sides learn. Both judge by the discriminator as it was before the step."""

CRITIC = ("critic",)
"""The side that learns in steps between those of the generator."""


class Average:
    """The exponential moving average of a network's weights: steadier than the weights of any one step."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network = copy.deepcopy(network).requires_grad_(False).eval()
        self.decay = decay

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Move towards `network` after step number `step`; early averages forget faster, or they would lag behind."""
        decay = min(self.decay, (1 + step) / (10 + step))
        for mean, value in zip(self.network.parameters(), network.parameters(), strict=True):
            mean.lerp_(value, 1 - decay)
        for kept, buffer in zip(self.network.buffers(), network.buffers(), strict=True):
            kept.copy_(buffer)


def own_parameters(losses: Iterable[WeightedLoss]) -> list[nn.Parameter]:
    """The parameters of losses themselves, those that ask for gradients, each once."""
    found = (one for loss in losses for one in loss.function.parameters() if one.requires_grad)
    return list(dict.fromkeys(found))


def gradients(
    networks: AdversarialNetworks,
    losses: Mapping[str, list[WeightedLoss]],
    pair: Pair,
    precision: torch.dtype,
    share: float = 1.0,
    sides: Sequence[str] = SIDES,
) -> dict[str, Tensor]:
    """Add the gradients of the losses of `sides` to their parameters; returns "side.name" -> detached, unweighted loss.

    All of the gradients are multiplied by `share`: that of `pair` in the batch, for losses that are means.
    """
    values: dict[str, Tensor] = {}
    totals: dict[str, Tensor] = {}
    low = precision != torch.float32
    with torch.autocast(pair.a.image.device.type, precision) if low else nullcontext():
        with torch.set_grad_enabled("generator" in sides):  # a critic's step needs no graph of the generator
            translation = networks.translate(pair)
        for side in sides:
            seen = translation if side == "generator" else translation.detach()
            terms = [(loss, loss(seen, networks)) for loss in losses[side]]
            values |= {f"{side}.{loss.name}": term.detach() for loss, term in terms}
            if terms:
                totals[side] = share * torch.stack([loss.weight * term.float() for loss, term in terms]).sum()
    # Both sides' losses hang on one pass of the discriminator: the first to go back leaves it for the other.
    for side in reversed(totals):
        learning = [one for one in (*networks.side(side), *own_parameters(losses[side])) if one.requires_grad]
        torch.autograd.backward(totals[side], inputs=learning, retain_graph=side != next(iter(totals)))
    return values


@dataclass
class Learner:
    """Everything that learning changes: networks, losses, average, optimisers, and how many steps are done.

    The schedule, which is asked and does not change, is built with them.

    `before_apply` are called before each optimiser step.
    """

    networks: AdversarialNetworks
    losses: Mapping[str, list[WeightedLoss]]
    settings: TrainingSettings
    precision: torch.dtype
    step: int = 0
    before_apply: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.average = Average(self.networks.generator, self.settings.ema)
        self.schedule = build_part("schedule", self.settings.parts["schedule"], {})
        self.optimisers = {side: self.build_optimiser(side, self.side(side)) for side in SIDES}

    def build_optimiser(self, side: str, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        """The settings' optimiser of `parameters`, at the rate of `side` in the step to come."""
        return build_optimiser(self.settings, parameters, self.learning_rate(side))

    def side(self, name: str) -> list[nn.Parameter]:
        """The parameters that the losses of `name` train: of the networks, then the losses' own."""
        return [*self.networks.side(name), *own_parameters(self.losses[name])]

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for side in SIDES:
            for parameter in self.side(side):
                parameter.grad = None

    def compiled(self) -> AbstractContextManager[None]:
        """Route calls through torch.compile inside, where the settings ask for it."""
        if not self.settings.compile:
            return nullcontext()
        return self.networks.route_through(partial(torch.compile, dynamic=False))

    def learn(self, pair: Pair) -> dict[str, Tensor]:
        """One step on `pair`; returns the losses before it, as `gradients` does."""
        sides = self.due_sides()
        values = self.gradients(pair, sides)
        self.apply(sides)
        if "generator" in sides:
            self.average.update(self.networks.generator, self.step)
        self.step += 1
        return values

    def due_sides(self) -> Sequence[str]:
        """The sides that learn in the step to come: the generator in the last of every `critic_steps`."""
        return SIDES if (self.step + 1) % self.settings.critic_steps == 0 else CRITIC

    def gradients(self, pair: Pair, sides: Sequence[str] = SIDES) -> dict[str, Tensor]:
        """Add the gradients on `pair` to the parameters, part by part; see `gradients`."""
        return self._gradients(self.networks, self.losses, pair, sides)

    def _gradients(
        self,
        networks: AdversarialNetworks,
        losses: Mapping[str, list[WeightedLoss]],
        pair: Pair,
        sides: Sequence[str] = SIDES,
    ) -> dict[str, Tensor]:
        parts = pair.parts(self.settings.accumulate)
        values = []
        for number, part in enumerate(parts, 1):
            with nullcontext() if number == len(parts) else networks.accumulate_gradients():
                values.append(gradients(networks, losses, part, self.precision, 1 / len(parts), sides))
        return {name: torch.stack([each[name] for each in values]).mean(0) for name in values[0]}

    @contextmanager
    def rehearsing(self, sides: Sequence[str] = SIDES) -> Iterator[Callable[[Pair], object]]:
        """Yield a function that adds the gradients of `sides` on a pair, without leaving a trace of it.

        It runs copies that share the parameters, so buffers (batch statistics, pools of images) and whatever else parts
        remember stay as they are; random states are restored, and gradients forgotten, on exit.
        """
        modules = [self.networks, *(loss.function for terms in self.losses.values() for loss in terms)]
        memo: dict[int, Any] = {id(one): one for module in modules for one in module.parameters()}
        memo[id(self.networks._called)] = {}  # what networks are called through is for training itself
        networks, losses = copy.deepcopy(self.networks, memo), copy.deepcopy(self.losses, memo)
        with keep_random_states():
            try:
                yield lambda pair: self._gradients(networks, losses, pair, sides)
            finally:
                self.zero_grad()

    def apply(self, sides: Sequence[str] = SIDES) -> None:
        """Move every parameter of `sides` by its gradient, and forget that."""
        for prepare in self.before_apply:
            prepare()
        for side in sides:
            optimiser = self.optimisers[side]
            for group in optimiser.param_groups:
                group["lr"] = self.learning_rate(side)
            with note_failures(optimiser):
                optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def learning_rate(self, side: str = "generator") -> float:
        """The rate of `side` in the step to come; see `learning_rate`."""
        return learning_rate(self.schedule, self.settings, self.step, side)


def learning_rate(schedule: Any, settings: TrainingSettings, step: int, side: str = "generator") -> float:
    """The rate of `side` in the step after `step` ones, by the recipe's schedule."""
    with name_failures(schedule, "factor"):
        return settings.rate(side) * float(schedule.factor(step, settings.steps))
