"""The training step written plainly: what ptk's own step is measured against, and must equal.

Every direction on its own, every side's pass of the discriminator on its own, layers as torch has them, float32
throughout, the optimiser and the average one parameter at a time. As in pix2pixHD's code, a side judges an image once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from ptk.layers.convolution import ConvToFew2d
from ptk.layers.instance_norm import InstanceNorm2d
from ptk.recipe.build import WeightedLoss
from ptk.training.networks import AdversarialNetworks
from ptk.training.step import SIDES, Learner
from ptk.types import Faces, Later, Pair, Translation

__all__ = ["NaiveLearner", "naive_gradients", "with_plain_layers"]


class NaiveLearner(Learner):
    """A `Learner` that learns the same, plainly."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                group.update({name: False for name in ("foreach", "fused") if name in group})

    def gradients(self, pair: Pair, sides: Sequence[str] = SIDES) -> dict[str, Tensor]:
        """As those of `Learner`."""
        return naive_gradients(self.networks, self.losses, pair, sides)


def naive_gradients(
    networks: AdversarialNetworks,
    losses: Mapping[str, list[WeightedLoss]],
    pair: Pair,
    sides: Sequence[str] = SIDES,
) -> dict[str, Tensor]:
    """What `ptk.training.step.gradients` does in float32, there and back one after the other."""
    values: dict[str, list[Tensor]] = {}
    a, b = (replace(faces, key=None) for faces in (pair.a, pair.b))  # nothing is remembered
    directions = [(a, b)] if networks.one_way else [(a, b), (b, a)]
    for source, target in directions:
        translation = _translate(networks, source, target)
        for side in sides:
            networks.discriminator.requires_grad_(side == "critic")
            view = translation if side == "generator" else translation.detach()
            seen = replace(
                view,
                fake_verdicts=Later(partial(networks.judge, view.fake, view.planes)),
                real_verdicts=Later(partial(networks.judge, [view.target.image], view.planes)),
            )
            total = torch.zeros((), device=pair.a.image.device)
            for loss in losses[side]:
                term = loss(seen, networks)
                total = total + loss.weight * term
                values.setdefault(f"{side}.{loss.name}", []).append(term.detach())
            if losses[side]:
                torch.autograd.backward(total / len(directions))  # the mean over them
        networks.discriminator.requires_grad_(True)
    return {name: torch.stack(both).mean() for name, both in values.items()}


def _translate(networks: AdversarialNetworks, source: Faces, target: Faces) -> Translation:
    planes = networks.conditioners(source, target)
    fake = networks.generator(source.image, planes)
    arrived = replace(target, image=fake[0])
    restored = Later(lambda: networks.generator(fake[0], networks.conditioners(arrived, source.goal)))
    return Translation(
        source=source, target=target, planes=planes, fake=fake, restored=restored, paired=networks.paired
    )


def with_plain_layers(networks: AdversarialNetworks) -> AdversarialNetworks:
    """`networks` with torch's own layers in the place of ptk's, and the same parameters."""
    for module in list(networks.modules()):
        for name, child in module.named_children():
            if isinstance(child, InstanceNorm2d):
                setattr(module, name, nn.InstanceNorm2d(child.channels))
            if isinstance(child, ConvToFew2d):
                options: dict[str, Any] = {"padding": child.padding, "padding_mode": child.padding_mode}
                options |= {"kernel_size": child.kernel_size, "device": "meta"}
                plain = nn.Conv2d(child.in_channels, child.out_channels, **options)
                plain.weight, plain.bias = child.weight, child.bias
                setattr(module, name, plain)
    return networks
