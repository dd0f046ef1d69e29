"""What generators, discriminators and losses must hold: everything that gradients pass through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from ptk.conditioners.domain_planes import DomainPlanes
from ptk.conditioners.landmark_map import LandmarkMap
from ptk.discriminators.patch_stack import PatchStack
from ptk.registry.contracts.expect import TRIALS, expect, faces, finite, first, reached, shaken
from ptk.types import Faces, Planes, Target, Translation, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["check_discriminator", "check_generator", "check_loss"]

DOMAINS = 3
PLANES = 1 + DOMAINS

HEARD = 1e-3
"""By how much of an image's spread it must change. A network that is deaf to its planes changes by rounding, 2e-6."""


def _planes(source: Faces, target: Target) -> Planes:
    drawn = {"landmark_map": LandmarkMap()(source, target), "domain_planes": DomainPlanes(DOMAINS)(source, target)}
    return Planes(drawn)


def _seeded(make: Callable[..., nn.Module], **given: Any) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return make(**given)


def _check_seed(make: Callable[..., nn.Module], **given: Any) -> nn.Module:
    """A part that is the same when it is built twice from one seed."""
    part, again = _seeded(make, **given), _seeded(make, **given).state_dict()
    for name, value in part.state_dict().items():
        expect(torch.equal(value, again[name]), f"the same seed must give the same weights; {name} differs")
    return part


def check_generator(make: Callable[..., nn.Module], conditioners: Mapping[str, nn.Module] | None = None) -> None:
    """`(image, planes) -> list of (B, 3, H/2^k, W/2^k)` in [-1, 1], finest first, that listens to its planes.

    Tried as after a little training, with the planes of `conditioners` by name: `landmark_map` and `domain_planes` of
    three domains unless others are given.
    """
    parts = conditioners or {"landmark_map": LandmarkMap(), "domain_planes": DomainPlanes(DOMAINS)}

    def told(source: Faces, target: Target) -> Planes:
        return Planes({name: part(source, target) for name, part in parts.items()})

    channels = sum(cast("int", part.channels) for part in parts.values())
    generator = shaken(_check_seed(make, plane_channels=channels))
    for batch, height, width in TRIALS:
        source, target = faces(batch, height, width, DOMAINS), faces(batch, height, width, DOMAINS, seed=1)
        with torch.no_grad():
            pyramid = generator(source.image, told(source, target))
        _check_pyramid(pyramid, batch, height, width)
    pyramid = generator(source.image, told(source, target))
    torch.stack([level.float().square().mean() for level in pyramid]).sum().backward()  # type: ignore[no-untyped-call]
    reached(generator)
    generator.eval()
    with torch.no_grad():
        both = generator(source.image, told(source, target))[0]
        alone = generator(source.image[:1], told(first(source, 1), first(target, 1)))[0]
        expect(torch.allclose(both[:1], alone, atol=1e-3), "an image must not depend on others of the batch")
        _check_hearing(generator, told)


def _check_pyramid(pyramid: list[Tensor], batch: int, height: int, width: int) -> None:
    expect(isinstance(pyramid, list) and len(pyramid) > 0, f"expected a list of images, got {pyramid!r:.80}")
    for level, image in enumerate(pyramid):
        expected = (batch, 3, height >> level, width >> level)
        expect(tuple(image.shape) == expected, f"image {level} must be {expected}, it is {tuple(image.shape)}")
        expect(image.dtype == torch.float32, f"image {level} must be float32 like its input, it is {image.dtype}")
        finite(image, f"image {level}")
        low, high = image.min().item(), image.max().item()
        expect(low >= -1 and high <= 1, f"image {level} must be in [-1, 1], it is in [{low:.3g}, {high:.3g}]")


def _check_hearing(generator: nn.Module, told: Callable[[Faces, Target], Planes]) -> None:
    source = faces(1, 64, 64, DOMAINS)
    switched = Target(points=source.points, domain=(source.domain + 1) % DOMAINS)
    moved = Target(points=source.points * 0.8 + 0.1, domain=source.domain)
    before = generator(source.image, told(source, source))[0]
    for target, what in ((switched, "switching the domain"), (moved, "moving the landmarks")):
        after = generator(source.image, told(source, target))[0]
        change = (after - before).abs()
        for where, part in (("", change), (" in its middle", change[..., 20:44, 20:44])):
            heard = (part.mean() / before.std()).item()
            expect(
                heard > HEARD,
                f"{what} must change the image{where}, it changes by {heard:.1g} of its spread "
                f"(an instance norm straight after the first convolution subtracts constant planes)",
            )


def check_discriminator(make: Callable[..., nn.Module]) -> None:
    """`(pyramid, planes) -> list[Verdict]`, one a level, the same number for a pyramid that ends sooner."""
    discriminator = shaken(_check_seed(make, plane_channels=PLANES))
    for batch, height, width in TRIALS:
        source = faces(batch, height, width, DOMAINS)
        planes = _planes(source, source)
        image = source.image.clone().requires_grad_()
        short = discriminator([image], planes)
        whole = discriminator([image, nn.functional.avg_pool2d(image, 2)], planes)
        for verdicts in (short, whole):
            _check_verdicts(verdicts, batch)
        expect(len(short) == len(whole), f"expected as many levels for a short pyramid, got {len(short)}")
    discriminator.zero_grad()
    torch.stack([verdict.logits.square().mean() for verdict in short]).sum().backward()  # type: ignore[no-untyped-call]
    reached(discriminator)
    expect(image.grad is not None and image.grad.abs().max() > 0, "gradients must pass through it to the images")


def _check_verdicts(verdicts: list[Verdict], batch: int) -> None:
    expect(isinstance(verdicts, list) and len(verdicts) > 0, f"expected a list of verdicts, got {verdicts!r:.80}")
    for level, verdict in enumerate(verdicts):
        expect(isinstance(verdict, Verdict), f"level {level} must be a ptk Verdict, it is a {type(verdict).__name__}")
        shape = tuple(verdict.logits.shape)
        fits = len(shape) == 4 and shape[:2] == (batch, 1)
        expect(fits, f"logits of level {level} must be ({batch}, 1, h, w), they are {shape}")
        finite(verdict.logits, f"logits of level {level}")
        for index, feature in enumerate(verdict.features):
            expect(feature.shape[0] == batch, f"feature {index} of level {level} must keep the batch of {batch}")
            finite(feature, f"feature {index} of level {level}")


class _Judge:
    """A small discriminator in the place of the networks in training."""

    def __init__(self) -> None:
        self.discriminator = _seeded(PatchStack, plane_channels=PLANES, width=8)

    def judge(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        verdicts: list[Verdict] = self.discriminator(pyramid, planes)
        return verdicts


def check_loss(make: Callable[..., nn.Module], side: str, *, zero_at_target: bool = False) -> None:
    """`(translation, networks) -> scalar`, finite, whose gradient reaches what `side` trains.

    `zero_at_target`: the loss vanishes when fake and restored are the real images themselves.
    """
    loss = make(side=side)
    for batch, height, width in TRIALS:
        networks, translation = _Judge(), _translation(batch, height, width)
        seen = translation if side == "generator" else translation.detach()
        value = loss(seen, networks)
        expect(value.ndim == 0, f"a loss must be a scalar, it is {tuple(value.shape)}")
        expect(value.dtype == torch.float32, f"a loss must be float32, it is {value.dtype}")
        finite(value, "a loss")
        expect(torch.equal(value, loss(seen, networks)), "the same images must give the same loss")
        value.backward()
        _check_gradients(side, translation, networks)
    if zero_at_target:
        source = faces(2, 64, 64, DOMAINS)
        exact = [source.image, nn.functional.avg_pool2d(source.image, 3, 2, 1, count_include_pad=False)]
        planes = _planes(source, source)
        same = Translation(source=source, target=source, planes=planes, fake=exact, restored=exact)
        value = loss(same, _Judge())
        expect(abs(value.item()) < 1e-6, f"the loss of the real image itself must be 0, it is {value.item():.3g}")


def _translation(batch: int, height: int, width: int) -> Translation:
    source, target = (faces(batch, height, width, DOMAINS, seed) for seed in (0, 1))
    pyramids = []
    for seed in (2, 3):
        image = faces(batch, height, width, DOMAINS, seed).image.requires_grad_()
        pyramids.append([image, nn.functional.avg_pool2d(image, 2)])
    planes = _planes(source, target)
    return Translation(source=source, target=target, planes=planes, fake=pyramids[0], restored=pyramids[1])


def _check_gradients(side: str, translation: Translation, networks: _Judge) -> None:
    if side == "critic":
        learned = any(parameter.grad is not None for parameter in networks.discriminator.parameters())
        expect(learned, "a critic's loss must ask the networks to judge: no gradient reached the discriminator")
        return
    made = [translation.fake[0].grad, translation.restored[0].grad]
    gradients = [gradient for gradient in made if gradient is not None]
    expect(len(gradients) > 0, "no gradient reaches the generated images; something in it is detached")
    for gradient in gradients:
        finite(gradient, "the gradient of a generated image")
