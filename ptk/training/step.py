"""One step of training: translate, then each side learns from its losses."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from ptk.recipe.build import WeightedLoss
from ptk.recipe.schema import TrainingSettings
from ptk.training.networks import PairNetworks
from ptk.types import Pair

__all__ = ["SIDES", "Average", "Learner", "gradients"]

SIDES = ("generator", "critic")
"""The order in which the sides learn. Both judge by the discriminator as it was before the step."""


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


def gradients(
    networks: PairNetworks,
    losses: Mapping[str, list[WeightedLoss]],
    pair: Pair,
    precision: torch.dtype,
    share: float = 1.0,
) -> dict[str, Tensor]:
    """Add the gradients of every side's losses to its parameters; returns "side.name" -> detached loss, unweighted.

    All of the gradients are multiplied by `share`: that of `pair` in the batch, for losses that are means.
    """
    values: dict[str, Tensor] = {}
    totals: dict[str, Tensor] = {}
    with networks.judging():
        with _autocast(pair, precision):
            translation = networks.translate(pair)
            for side in SIDES:
                seen = translation if side == "generator" else translation.detach()
                terms = [(loss, loss(seen, networks)) for loss in losses[side]]
                values |= {f"{side}.{loss.name}": term.detach() for loss, term in terms}
                if terms:
                    totals[side] = share * torch.stack([loss.weight * term.float() for loss, term in terms]).sum()
        # Both sides' losses hang on one pass of the discriminator: the first to go back leaves it for the other.
        for side in reversed(totals):
            learning = [parameter for parameter in networks.side(side) if parameter.requires_grad]
            torch.autograd.backward(totals[side], inputs=learning, retain_graph=side != next(iter(totals)))
    return values


def _autocast(pair: Pair, precision: torch.dtype) -> AbstractContextManager[object]:
    return nullcontext() if precision == torch.float32 else torch.autocast(pair.a.image.device.type, precision)


@dataclass
class Learner:
    """Everything that learning changes: the networks, their average, the optimisers, and how many steps are done."""

    networks: PairNetworks
    losses: Mapping[str, list[WeightedLoss]]
    settings: TrainingSettings
    precision: torch.dtype
    step: int = 0

    def __post_init__(self) -> None:
        self.average = Average(self.networks.generator, self.settings.ema)
        self.optimisers = {
            side: torch.optim.Adam(self.networks.side(side), self.settings.lr, self.settings.betas, fused=True)
            for side in SIDES
        }

    def compiled(self) -> AbstractContextManager[None]:
        """Inside, the networks are those that torch.compile makes, where the settings ask for it."""
        if not self.settings.compile:
            return nullcontext()
        return self.networks.called_through(partial(torch.compile, dynamic=False))

    def learn(self, pair: Pair) -> dict[str, Tensor]:
        """One step on `pair`; returns the losses before it, as `gradients` does."""
        values = self.gradients(pair)
        self.apply()
        self.average.update(self.networks.generator, self.step)
        self.step += 1
        return values

    def gradients(self, pair: Pair) -> dict[str, Tensor]:
        """Add the gradients on `pair` to the parameters, part by part; see `gradients`."""
        parts = pair.parts(self.settings.accumulate)
        values = []
        for number, part in enumerate(parts, 1):
            with nullcontext() if number == len(parts) else self.networks.keeping_gradients():
                values.append(gradients(self.networks, self.losses, part, self.precision, 1 / len(parts)))
        return {name: torch.stack([each[name] for each in values]).mean(0) for name in values[0]}

    def apply(self) -> None:
        """Move every parameter by its gradient, and forget that."""
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                group["lr"] = self.learning_rate()
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def learning_rate(self) -> float:
        """The rate of the step to come. "linear" is pix2pixHD's: constant, then falling to zero from half-way on."""
        if self.settings.schedule == "constant":
            return self.settings.lr
        half = self.settings.steps / 2
        return self.settings.lr * min(1.0, max(0.0, (self.settings.steps - self.step) / half))
