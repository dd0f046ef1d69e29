"""The training step written plainly: what ptk's own step is measured against, and must equal.

Every direction on its own, every side's pass of the discriminator on its own, layers as torch has them, float32
throughout, Adam and the average one parameter at a time. As in pix2pixHD's code, a side judges an image once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from ptk.convolution import ConvToFew2d
from ptk.instance_norm import InstanceNorm2d
from ptk.recipe.build import WeightedLoss
from ptk.training.networks import PairNetworks
from ptk.training.step import SIDES, Learner
from ptk.types import Faces, Later, Pair, Planes, Translation, Verdict

__all__ = ["NaiveLearner", "naive_gradients", "with_plain_layers"]


class NaiveLearner(Learner):
    """A `Learner` that learns the same, plainly."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.optimisers = {
            side: torch.optim.Adam(self.side(side), self.settings.lr, self.settings.betas, foreach=False, fused=False)
            for side in SIDES
        }

    def gradients(self, pair: Pair) -> dict[str, Tensor]:
        """As those of `Learner`."""
        return naive_gradients(self.networks, self.losses, pair)


def naive_gradients(networks: PairNetworks, losses: Mapping[str, list[WeightedLoss]], pair: Pair) -> dict[str, Tensor]:
    """What `ptk.training.step.gradients` does in float32, there and back one after the other."""
    values: dict[str, list[Tensor]] = {}
    a, b = (replace(faces, key=None) for faces in (pair.a, pair.b))  # nothing is remembered
    directions = [(a, b)] if networks.one_way else [(a, b), (b, a)]
    for source, target in directions:
        translation = _translated(networks, source, target)
        for side in SIDES:
            networks.discriminator.requires_grad_(side == "critic")
            judge = _Judge(networks.discriminator)
            seen = translation if side == "generator" else translation.detach()
            total = torch.zeros((), device=pair.a.image.device)
            for loss in losses[side]:
                term = loss(seen, judge)
                total = total + loss.weight * term
                values.setdefault(f"{side}.{loss.name}", []).append(term.detach())
            if losses[side]:
                torch.autograd.backward(total / len(directions))  # the mean over them
        networks.discriminator.requires_grad_(True)
    return {name: torch.stack(both).mean() for name, both in values.items()}


def _translated(networks: PairNetworks, source: Faces, target: Faces) -> Translation:
    planes = networks.conditioners(source, target)
    fake = networks.generator(source.image, planes)
    arrived = Faces(points=target.points, domain=target.domain, image=fake[0])
    home = source.goal
    restored = Later(lambda: networks.generator(fake[0], networks.conditioners(arrived, home)))
    return Translation(source=source, target=target, planes=planes, fake=fake, restored=restored)


class _Judge:
    """A discriminator that remembers, for one side, what it said of an image."""

    def __init__(self, discriminator: nn.Module) -> None:
        self.discriminator = discriminator
        self.said: dict[tuple[object, ...], list[Verdict]] = {}

    def judge(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        key = (torch.is_grad_enabled(), id(planes), *map(id, pyramid))
        if key not in self.said:
            self.said[key] = self.discriminator(pyramid, planes)
        return self.said[key]


def with_plain_layers(networks: PairNetworks) -> PairNetworks:
    """`networks` with torch's own layers in the place of ptk's, and the same parameters."""
    for module in list(networks.modules()):
        for name, child in module.named_children():
            if isinstance(child, InstanceNorm2d):
                setattr(module, name, nn.InstanceNorm2d(child.channels))
            if isinstance(child, ConvToFew2d):
                setattr(module, name, _plain(child))
    return networks


def _plain(layer: ConvToFew2d) -> nn.Conv2d:
    given: dict[str, Any] = {"padding": layer.padding, "padding_mode": layer.padding_mode, "device": "meta"}
    plain = nn.Conv2d(layer.in_channels, layer.out_channels, layer.kernel_size, **given)  # type: ignore[arg-type]
    plain.weight, plain.bias = layer.weight, layer.bias
    return plain
