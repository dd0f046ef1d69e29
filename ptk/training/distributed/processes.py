"""The processes that train one run together, each on its share of every batch.

Networks and optimisers are the same in all of them: gradients are averaged before the optimizer step. So the number of
processes is no part of a run; another number gives the same result, up to rounding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from ptk.errors import TrainingError
from ptk.random_states import seed_all
from ptk.recipe.schema import TrainingSettings
from ptk.training.step import SIDES, Learner, own_parameters
from ptk.types import Pair

__all__ = ["ProcessGroup", "Processes"]


class Processes:
    """The only process of a run: every collective operation is the identity."""

    rank = 0
    count = 1

    def __init__(self, device: torch.device) -> None:
        self.device = device

    @property
    def first(self) -> bool:
        """Whether this is the process that writes files and prints."""
        return self.rank == 0

    def rows(self, settings: TrainingSettings) -> slice:
        """This process's rows of every batch. Raises TrainingError where a batch has no equal shares."""
        parts = self.count * settings.accumulate
        share, rest = divmod(settings.batch, parts)
        if rest:
            each = f" in {settings.accumulate} parts each" if settings.accumulate > 1 else ""
            raise TrainingError(
                f"training.batch={settings.batch}: {self.count} processes{each} cannot share it equally; "
                f"`set` training.batch={parts * max(1, round(settings.batch / parts))}"
            )
        mine = share * settings.accumulate
        return slice(self.rank * mine, (self.rank + 1) * mine)

    def all_reduce_mean(self, values: Tensor) -> Tensor:
        """All-reduce: mean, elementwise. Returns a new tensor on `device`."""
        return values

    def all_reduce_max(self, *values: float) -> list[float]:
        """All-reduce: maximum, elementwise."""
        return list(values)

    def barrier(self) -> None:
        """Wait for all processes."""

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """Let the other processes enter when the first one has left."""
        yield

    @contextmanager
    def average_gradients(self, learner: Learner, pair: Callable[[], Pair]) -> Iterator[None]:  # noqa: ARG002
        """Give `learner` the mean of all processes' gradients inside; `pair` makes a batch to find which get any."""
        yield

    def seed_rank(self, seed: int, step: int) -> None:
        """Seed the random states by rank; the first rank keeps those that it would have alone."""


class ProcessGroup(Processes):
    """One process of torch.distributed's default group, which must be initialised. Its methods are collective."""

    def __init__(self, device: torch.device) -> None:
        super().__init__(device)
        self.rank = dist.get_rank()
        self.count = dist.get_world_size()

    def all_reduce_mean(self, values: Tensor) -> Tensor:
        """See `Processes`."""
        total = values.to(self.device, copy=True)
        dist.all_reduce(total)
        return total.div_(self.count)

    def all_reduce_max(self, *values: float) -> list[float]:
        """See `Processes`."""
        largest = torch.tensor(values, dtype=torch.float64, device=self.device)
        dist.all_reduce(largest, op=dist.ReduceOp.MAX)
        return [float(value) for value in largest.tolist()]

    def barrier(self) -> None:
        """See `Processes`."""
        dist.barrier(device_ids=self._device_ids())

    @contextmanager
    def first_before_others(self) -> Iterator[None]:
        """See `Processes`."""
        if not self.first:
            self.barrier()
        yield
        if self.first:
            self.barrier()

    @contextmanager
    def average_gradients(self, learner: Learner, pair: Callable[[], Pair]) -> Iterator[None]:
        """See `Processes`. Parameters that no loss reaches are frozen inside: DDP would wait for their gradients."""
        with learner.rehearsing() as rehearse:
            rehearse(pair())
            learning = [one for side in SIDES for one in learner.networks.side(side) if one.requires_grad]
            idle = [one for one in learning if one.grad is None]
        del rehearse  # with it go the copies that it ran on
        for parameter in idle:
            parameter.requires_grad_(False)
        own = [one for terms in learner.losses.values() for one in own_parameters(terms)]

        def average_losses() -> None:  # their own parameters, which DDP does not know
            reached = self.all_reduce_max(*(float(one.grad is not None) for one in own)) if own else []
            for parameter, anywhere in zip(own, reached, strict=True):
                if anywhere:
                    gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
                    parameter.grad = self.all_reduce_mean(gradient)

        learner.before_apply.append(average_losses)
        try:
            with learner.networks.route_through(self.wrap):
                yield
        finally:
            learner.before_apply.pop()
            for parameter in idle:
                parameter.requires_grad_(True)

    def wrap(self, network: nn.Module) -> DistributedDataParallel:
        """Wrap `network` in DDP, which averages its gradients; buffers stay each process's own.

        Two forward passes before one backward pass fail where buffers are synchronised.
        """
        ids = self._device_ids()
        with nullcontext() if ids is None else torch.cuda.stream(torch.cuda.Stream()):  # type: ignore[no-untyped-call]
            return DistributedDataParallel(
                network, device_ids=ids, forward_sync_buffers=False, gradient_as_bucket_view=True
            )

    def seed_rank(self, seed: int, step: int) -> None:
        """See `Processes`. A run that is resumed at `step` by as many processes draws the same numbers again."""
        if not self.first:
            mixed = hashlib.sha256(f"{seed}:{step}:{self.rank}".encode()).digest()
            seed_all(int.from_bytes(mixed[:4], "little"))

    def _device_ids(self) -> list[int] | None:
        return None if self.device.index is None else [self.device.index]
