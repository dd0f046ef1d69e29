"""The networks of a run, behind the few verbs that the step and the losses need."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ptk.recipe.build import Conditioners
from ptk.types import Faces, Pair, Planes, Target, Translation, Verdict

__all__ = ["PairNetworks"]


class PairNetworks(nn.Module):
    """One generator and one discriminator that learn from pairs.

    The step asks for `translate`, `judging` and the parameters of either side, never for a network; so systems with
    other networks (a generator for each direction, a classifier) bring a class with the same verbs.
    """

    def __init__(self, conditioners: Conditioners, generator: nn.Module, discriminator: nn.Module) -> None:
        super().__init__()
        self.conditioners = conditioners
        self.generator = generator
        self.discriminator = discriminator
        self._verdicts: dict[tuple[object, ...], tuple[list[Tensor], list[Verdict]]] = {}

    def side(self, name: str) -> list[nn.Parameter]:
        """The parameters that the losses of `name`, "generator" or "critic", train."""
        if name == "critic":
            return list(self.discriminator.parameters())
        return [*self.conditioners.parameters(), *self.generator.parameters()]

    def translate(self, pair: Pair) -> Translation:
        """There (a -> b and b -> a, as one batch of 2B) and back again."""
        source, target = pair.a.concatenated(pair.b), pair.b.concatenated(pair.a)
        planes: Planes = self.conditioners(source, target)
        fake: list[Tensor] = self.generator(source.image, planes)
        arrived = Faces(points=target.points, domain=target.domain, image=fake[0])
        home = Target(points=source.points, domain=source.domain)
        restored: list[Tensor] = self.generator(fake[0], self.conditioners(arrived, home))
        return Translation(source=source, target=target, planes=planes, fake=fake, restored=restored)

    @contextmanager
    def judging(self, side: str) -> Iterator[None]:
        """Losses of `side` are computed inside; for the generator's it is frozen, and gradients pass.

        Several losses of one side ask for the same verdicts: they are computed once.
        """
        self.discriminator.requires_grad_(side == "critic")
        try:
            yield
        finally:
            self._verdicts.clear()
            self.discriminator.requires_grad_(True)

    def judge(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        """The discriminator's verdicts on a pyramid, one a level."""
        # Keyed by the tensors themselves, which the entry keeps alive. One made without a graph serves only there.
        key = (torch.is_grad_enabled(), *map(id, pyramid))
        if key not in self._verdicts:
            self._verdicts[key] = (list(pyramid), self.discriminator(pyramid, planes))
        return self._verdicts[key][1]
