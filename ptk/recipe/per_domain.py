"""A network a domain behind the call of one: rows go to the network of their target's domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from ptk.types import Planes, Verdict

__all__ = ["DiscriminatorPerDomain", "GeneratorPerDomain"]

_Result = TypeVar("_Result")


class GeneratorPerDomain(nn.Module):
    """(image, planes) -> pyramid: of each row by the generator of the domain that it goes to, as CycleGAN's two."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """The pyramids of all rows, in their order."""

        return self._join(lambda network, rows: network(image[rows], planes.rows(rows)), planes)

    def encode(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """What the networks' `encode` tells of all rows, in their order."""
        return self._join(lambda network, rows: network.encode(image[rows], planes.rows(rows)), planes)

    def _join(self, run: Callable[[Any, slice], list[Tensor]], planes: Planes) -> list[Tensor]:
        made = _route(self.networks, planes, run)
        if isinstance(made, _Each):
            return [made.choose(levels) for levels in zip(*made.results, strict=True)]
        return [torch.cat(levels) for levels in zip(*made, strict=True)]


class DiscriminatorPerDomain(nn.Module):
    """(pyramid, planes) -> verdicts: of each row by the discriminator of the domain that it claims to be in."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        """The verdicts on all rows, in their order, one a level."""

        def run(network: nn.Module, rows: slice) -> list[Verdict]:
            verdicts: list[Verdict] = network([image[rows] for image in pyramid], planes.rows(rows))
            return verdicts

        made = _route(self.networks, planes, run)
        join: Callable[[list[Tensor]], Tensor] = made.choose if isinstance(made, _Each) else torch.cat
        joined = []
        for levels in zip(*(made.results if isinstance(made, _Each) else made), strict=True):
            features = zip(*(level.features for level in levels), strict=True)
            classes = [level.classes for level in levels if level.classes is not None]
            joined.append(
                Verdict(
                    logits=join([level.logits for level in levels]),
                    features=[join(list(each)) for each in features],
                    classes=join(classes) if classes else None,
                )
            )
        return joined


class _Each:
    """Results of every network on every row, of which each row's own is chosen by a mask."""

    def __init__(self, results: list[Any], domain: Tensor) -> None:
        self.results = results
        self.domain = domain

    def choose(self, tensors: Sequence[Tensor]) -> Tensor:
        """Of `tensors`, one a network, each row of that of its domain."""
        chosen = tensors[0]
        for index, tensor in enumerate(tensors[1:], 1):
            mine = (self.domain == index).reshape(-1, *[1] * (tensor.ndim - 1))
            chosen = torch.where(mine, tensor, chosen)
        return chosen


def _route(
    networks: nn.ModuleList, planes: Planes, run: Callable[[nn.Module, slice], _Result]
) -> list[_Result] | _Each:
    """What `run` makes, a segment after the other; or by every network, where segments are not known.

    Selecting rows by a boolean mask would do as well, but its sizes depend on values: that breaks export, meta tensors
    and gradients averaged between processes.
    """
    target = planes.target
    if target is None:
        raise ValueError("networks a domain need planes with a target, which says the domain")
    if target.segments is None:
        return _Each([run(network, slice(None)) for network in networks], target.domain)
    made, start = [], 0
    for domain, count in target.segments:
        made.append(run(networks[domain], slice(start, start + count)))
        start += count
    return made
