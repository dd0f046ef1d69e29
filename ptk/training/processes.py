"""The processes that train one run together, each with its share of every batch.

Networks and optimisers are the same in all of them: gradients are averaged before anybody moves. So the number of
processes is no part of a run; another number gives the same result, up to rounding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ptk.errors import TrainingError
from ptk.random_states import seed_all
from ptk.recipe.schema import TrainingSettings
from ptk.training.step import SIDES, Learner, own_parameters
from ptk.types import Pair

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = ["Processes", "Together", "seed_all"]


class Processes:
    """The one process of a run that nobody shares."""

    rank = 0
    count = 1

    def __init__(self, device: torch.device) -> None:
        self.device = device

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    def rows(self, settings: TrainingSettings) -> slice:
        """This process's rows of every batch. Raises TrainingError where a batch has no equal shares."""
        parts = self.count * settings.accumulate
        share, rest = divmod(settings.batch, parts)
        if rest:
            each = f" in {settings.accumulate} parts each" if settings.accumulate > 1 else ""
            raise TrainingError(
                f"training.batch={settings.batch}: {self.count} processes{each} cannot share it equally; "
                f"--set training.batch={parts * max(1, round(settings.batch / parts))}"
            )
        mine = share * settings.accumulate
        return slice(self.rank * mine, (self.rank + 1) * mine)

    def mean(self, values: Tensor) -> Tensor:
        """The mean of all processes' `values`, in each of them."""
        return values

    def most(self, *values: float) -> list[float]:
        """Of each of `values` the largest that a process has, in each of them."""
        return list(values)

    def wait(self) -> None:
        """Until all are here."""

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """The others enter when the first process has left."""
        yield

    @contextmanager
    def averaging(self, learner: Learner, pair: Callable[[], Pair]) -> Iterator[None]:  # noqa: ARG002
        """Inside, `learner` gets the mean of all processes' gradients. `pair` is one to try what gets any."""
        yield

    def part_ways(self, seed: int, step: int) -> None:
        """From here on each process draws random numbers of its own; the first goes on as it would by itself."""


class Together(Processes):
    """One of several processes, launched by `fabric`. What it asks of all of them waits for all of them."""

    def __init__(self, fabric: Fabric) -> None:
        super().__init__(fabric.device)
        self.fabric = fabric
        self.rank = fabric.global_rank
        self.count = fabric.world_size

    def mean(self, values: Tensor) -> Tensor:
        """See `Processes`."""
        mean: Tensor = self.fabric.strategy.all_reduce(values.to(self.device, copy=True), reduce_op="mean")
        return mean

    def most(self, *values: float) -> list[float]:
        """See `Processes`."""
        told = torch.tensor(values, dtype=torch.float64, device=self.device)
        most: list[float] = self.fabric.strategy.all_reduce(told, reduce_op="max").tolist()
        return most

    def wait(self) -> None:
        """See `Processes`."""
        self.fabric.barrier()

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """See `Processes`."""
        with self.fabric.rank_zero_first():
            yield

    @contextmanager
    def averaging(self, learner: Learner, pair: Callable[[], Pair]) -> Iterator[None]:
        """See `Processes`. Parameters that no loss reaches ask for no gradients: everybody would wait for those."""
        idle = _without_gradients(learner, pair())
        for parameter in idle:
            parameter.requires_grad_(False)
        learner.before_apply.append(lambda: self._average_losses(learner))
        try:
            with learner.networks.called_through(self.fabric.strategy.setup_module):
                yield
        finally:
            learner.before_apply.pop()
            for parameter in idle:
                parameter.requires_grad_(True)

    def _average_losses(self, learner: Learner) -> None:
        """Average the gradients of the losses' own parameters; those of networks are averaged while they are made."""
        own = [one for terms in learner.losses.values() for one in own_parameters(terms)]
        reached = self.most(*(float(one.grad is not None) for one in own)) if own else []
        for parameter, anywhere in zip(own, reached, strict=True):
            if anywhere:
                parameter.grad = self.mean(torch.zeros_like(parameter) if parameter.grad is None else parameter.grad)

    def part_ways(self, seed: int, step: int) -> None:
        """See `Processes`. A run that goes on from `step` with as many processes draws the same numbers again."""
        if not self.first:
            mixed = hashlib.sha256(f"{seed}:{step}:{self.rank}".encode()).digest()
            seed_all(int.from_bytes(mixed[:4], "little"))


def _without_gradients(learner: Learner, pair: Pair) -> list[torch.nn.Parameter]:
    with learner.rehearsing() as rehearse:
        rehearse(pair)
        learning = [one for side in SIDES for one in learner.networks.side(side) if one.requires_grad]
        return [one for one in learning if one.grad is None]
