"""The networks of a run, behind the few verbs that the step and the losses need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

from ptk.recipe.build import Conditioners
from ptk.registry.failures import note_failures
from ptk.types import Faces, Later, Pair, Planes, Translation, Verdict

__all__ = ["PairNetworks"]


class PairNetworks(nn.Module):
    """One generator and one discriminator that learn from pairs.

    With `checkpointing`, what the generator computes is computed again when its gradients are due, instead of kept.
    `one_way` translates the first of a pair to the second only.

    The step asks for `translate`, `judging` and the parameters of either side, never for a network; so systems with
    other networks (a generator for each direction, a classifier) bring a class with the same verbs.
    """

    def __init__(
        self,
        conditioners: Conditioners,
        generator: nn.Module,
        discriminator: nn.Module,
        *,
        checkpointing: bool = False,
        one_way: bool = False,
    ) -> None:
        super().__init__()
        self.checkpointing = checkpointing
        self.one_way = one_way
        self.conditioners = conditioners
        self.generator = generator
        self.discriminator = discriminator
        self._verdicts: dict[tuple[object, ...], _Kept] = {}
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
        """There (a -> b and, unless `one_way`, b -> a, as one batch of 2B), and back again if a loss looks at that."""
        source, target = pair.a, pair.b
        if not self.one_way:
            source, target = source.concatenated(target), target.concatenated(source)
        conditioners = self._called.get("conditioners", self.conditioners)
        planes: Planes = conditioners(source, target)
        fake = self._generated(source.image, planes)
        arrived = Faces(points=target.points, domain=target.domain, image=fake[0])
        home = source.goal

        @torch.enable_grad()
        def back() -> list[Tensor]:  # with its graph, even where the first loss to look wants no gradients
            return self._generated(fake[0], conditioners(arrived, home))

        restored = Later(back)
        return Translation(source=source, target=target, planes=planes, fake=fake, restored=restored)

    def _generated(self, image: Tensor, planes: Planes) -> list[Tensor]:
        made: list[Tensor]
        generator = self._called.get("generator", self.generator)
        with note_failures(self.generator):
            if self.checkpointing:
                made = checkpoint(generator, image, planes, use_reentrant=False)
            else:
                made = generator(image, planes)
        return made

    @contextmanager
    def called_through(self, wrap: Callable[[nn.Module], Any]) -> Iterator[None]:
        """Inside, what `wrap` makes of a network is called in its place, such as one that averages its gradients.

        Each is wrapped by itself, for they are called several times before a backward pass, and not equally often;
        those that learn nothing are left as they are.
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
    def keeping_gradients(self) -> Iterator[None]:
        """Inside, gradients stay where they are, to be averaged with those of the next backward pass outside."""
        with ExitStack() as stack:
            for called in self._called.values():
                if isinstance(called, DistributedDataParallel):
                    stack.enter_context(called.no_sync())
            yield

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Inside, an image that several losses ask about, of either side, is judged once."""
        try:
            yield
        finally:
            self._verdicts.clear()

    def judge(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        """The discriminator's verdicts on a pyramid, one a level; without a graph where gradients are off.

        The graph of a verdict leads to the discriminator and, from an image with a graph, on to the generator: a side
        takes the gradients of its own parameters.
        """
        if any(image.requires_grad and image.is_leaf for image in pyramid):
            return self._judged(pyramid, planes)  # somebody wants gradients of this very tensor
        key = (id(planes), *(_place(image) for image in pyramid))
        if key not in self._verdicts:
            with torch.enable_grad():
                self._verdicts[key] = _Kept(list(pyramid), planes, self._judged(pyramid, planes))
        verdicts = self._verdicts[key].verdicts
        return verdicts if torch.is_grad_enabled() else [_detached(verdict) for verdict in verdicts]

    def _judged(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        with note_failures(self.discriminator):
            verdicts: list[Verdict] = self._called.get("discriminator", self.discriminator)(pyramid, planes)
        return verdicts


class _Kept(NamedTuple):
    """Verdicts, and what they are of: as long as it is kept, nothing else has its address."""

    pyramid: list[Tensor]
    planes: Planes
    verdicts: list[Verdict]


def _place(image: Tensor) -> tuple[object, ...]:
    """Where an image's values are: the same for the image that a critic sees detached from its graph."""
    storage: int = image.untyped_storage()._cdata
    return storage, image.storage_offset(), image.shape, image.stride(), image._version


def _detached(verdict: Verdict) -> Verdict:
    return Verdict(logits=verdict.logits.detach(), features=[feature.detach() for feature in verdict.features])
