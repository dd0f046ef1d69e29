"""The networks of a run, behind the few verbs that the step and the losses need: translate, generate, judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar, cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

from ptk.recipe.build import Conditioners
from ptk.registry.failures import note_failures
from ptk.types import Faces, Later, Pair, Planes, Target, Translation, Verdict

__all__ = ["AdversarialNetworks"]

_Made = TypeVar("_Made")


class AdversarialNetworks(nn.Module):
    """Conditioners, a generator and a discriminator, each of which may be one network or one a domain.

    With `checkpointing`, what the generator computes is computed again when its gradients are due, instead of kept.
    `one_way` translates the first of a pair to the second only. `paired` says that both show one person.
    """

    def __init__(
        self,
        conditioners: Conditioners,
        generator: nn.Module,
        discriminator: nn.Module,
        *,
        checkpointing: bool = False,
        one_way: bool = False,
        paired: bool = True,
    ) -> None:
        super().__init__()
        self.checkpointing = checkpointing
        self.one_way = one_way
        self.paired = paired
        self.conditioners = conditioners
        self.generator = generator
        self.discriminator = discriminator
        self._called: dict[str, Any] = {}

    def parts(self) -> dict[str, nn.Module]:
        """The parts by kind, conditioners with their names, as messages call them."""
        conditioners = {f"conditioner {name}": part for name, part in self.conditioners.parts.items()}
        return {**conditioners, "generator": self.generator, "discriminator": self.discriminator}

    def side(self, name: str) -> list[nn.Parameter]:
        """The parameters that the losses of `name`, "generator" or "critic", train."""
        if name == "critic":
            return list(self.discriminator.parameters())
        return [*self.conditioners.parameters(), *self.generator.parameters()]

    def translate(self, pair: Pair) -> Translation:
        """There (a -> b and, unless `one_way`, b -> a, as one batch of 2B), and back again if a loss looks at that.

        Where gradients are off the generator has no graph, but the verdicts have that of the discriminator.
        """
        source, target = pair.a, pair.b
        if not self.one_way:
            source, target = source.concatenated(target), target.concatenated(source)
        planes = self._draw_planes(source, target)
        fake = self._generate(source.image, planes)
        arrived = Faces(
            points=target.points,
            domain=target.domain,
            image=fake[0],
            segments=target.segments,
            dense=target.dense,
        )
        return Translation(
            source=source,
            target=target,
            planes=planes,
            fake=fake,
            restored=_with_graph(lambda: self.generate(arrived, source.goal)),
            paired=self.paired,
            fake_verdicts=_with_graph(lambda: self.judge(fake, planes)),
            real_verdicts=_with_graph(lambda: self.judge([target.image], planes)),
        )

    @contextmanager
    def route_through(self, wrap: Callable[[nn.Module], Any]) -> Iterator[None]:
        """Route calls through `wrap(network)` (DDP, torch.compile) inside the context.

        Each network is wrapped by itself, for they are called several times before a backward pass, and not equally
        often; those that learn nothing are not wrapped.
        """
        names = ("conditioners", "generator", "discriminator")
        learning = [name for name in names if any(one.requires_grad for one in getattr(self, name).parameters())]
        before = self._called
        self._called = before | {name: wrap(before.get(name, getattr(self, name))) for name in learning}
        try:
            yield
        finally:
            self._called = before

    @contextmanager
    def accumulate_gradients(self) -> Iterator[None]:
        """Suspend DDP's averaging inside: gradients are averaged in the next backward pass outside."""
        with ExitStack() as stack:
            for called in self._called.values():
                if isinstance(called, DistributedDataParallel):
                    stack.enter_context(called.no_sync())
            yield

    def generate(self, faces: Faces, target: Target) -> list[Tensor]:
        """See `ptk.Networks`."""
        return self._generate(faces.image, self._draw_planes(faces, target))

    def encode(self, faces: Faces, target: Target) -> list[Tensor]:
        """See `ptk.Networks`."""
        planes = self._draw_planes(faces, target)
        with note_failures(self.generator):
            features: list[Tensor] = cast("Any", self.generator).encode(faces.image, planes)
        return features

    def judge(self, pyramid: list[Tensor], planes: Planes, *, twice: bool = False) -> list[Verdict]:
        """See `ptk.Networks`."""
        called = self.discriminator if twice else self._called.get("discriminator", self.discriminator)
        with note_failures(self.discriminator):
            verdicts: list[Verdict] = called(pyramid, planes)
        return verdicts

    def gather(self, rows: Tensor) -> tuple[Tensor, slice]:
        """See `ptk.Networks`. Processes train together where networks are called through DDP."""
        group = next(
            (one.process_group for one in self._called.values() if isinstance(one, DistributedDataParallel)), None
        )
        if group is None:
            return rows.detach(), slice(0, len(rows))
        parts = [torch.empty_like(rows, memory_format=torch.contiguous_format) for _ in range(group.size())]
        dist.all_gather(parts, rows.detach().contiguous(), group)
        return torch.cat(parts), slice(group.rank() * len(rows), (group.rank() + 1) * len(rows))

    def _draw_planes(self, source: Faces, target: Target) -> Planes:
        planes: Planes = self._called.get("conditioners", self.conditioners)(source, target)
        return planes

    def _generate(self, image: Tensor, planes: Planes) -> list[Tensor]:
        made: list[Tensor]
        generator = self._called.get("generator", self.generator)
        with note_failures(self.generator):
            if self.checkpointing:
                made = checkpoint(generator, image, planes, use_reentrant=False)
            else:
                made = generator(image, planes)
        return made


def _with_graph(make: Callable[[], list[_Made]]) -> Later[_Made]:
    """Make a lazy value with its graph, even where the first to ask for it has gradients switched off."""
    return Later(torch.enable_grad()(make))
