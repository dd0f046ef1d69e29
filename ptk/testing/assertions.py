"""What the contracts of all kinds share: how a breach is told, and the faces that parts are tried on."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from ptk.discriminators.patch_stack import PatchStack
from ptk.errors import PluginError
from ptk.faces.landmarks import mirrored
from ptk.types import Faces, Later, Planes, Target, Translation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ptk.types import Verdict

__all__ = [
    "DOMAINS",
    "TRIALS",
    "Judge",
    "backward",
    "devices",
    "expect",
    "faces",
    "finite",
    "first",
    "in_range",
    "mirrored_faces",
    "moved",
    "on_meta",
    "pair",
    "pointless",
    "pointless_planes",
    "reached",
    "shaken",
]

DOMAINS = 3
"""How many domains there are when parts are tried."""

TRIALS = ((1, 64, 64), (2, 64, 96), (3, 96, 64))
"""Batches, heights and widths that parts are tried with: square, lying and upright, multiples of 32."""


def expect(holds: bool | Tensor, breach: str) -> None:
    """Raise PluginError with `breach`, what was expected and what came, unless it holds."""
    if not holds:
        raise PluginError(breach)


def finite(tensor: Tensor, what: str) -> None:
    """Expect no infinity and no NaN in `tensor`."""
    expect(torch.isfinite(tensor).all(), f"{what} must be finite, some values are not")


def in_range(images: Tensor, what: str) -> None:
    """Expect finite values in [-1, 1]."""
    finite(images, what)
    low, high = images.min().item(), images.max().item()
    expect(low >= -1 and high <= 1, f"{what} must be in [-1, 1], values are in [{low:.3g}, {high:.3g}]")


def devices() -> Iterator[str]:
    """The devices at hand: the CPU, and the GPU where there is one."""
    yield "cpu"
    if torch.cuda.is_available():
        yield "cuda"


def faces(batch: int, height: int, width: int, domains: int = DOMAINS, seed: int = 0) -> Faces:
    """Seeded faces: smooth noise with structure at every scale, points inside the crop, domains in turn."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(batch, 3, 8, 8, generator=generator) * 2 - 1
    fine = torch.rand(batch, 3, height, width, generator=generator) * 0.2 - 0.1
    image = nn.functional.interpolate(coarse, size=(height, width), mode="bicubic") + fine
    points = torch.rand(batch, 68, 2, generator=generator) * 0.6 + 0.2
    return Faces(image=image.clamp(-1, 1), points=points, domain=torch.arange(batch) % domains)


def pair(batch: int, height: int, width: int) -> tuple[Faces, Faces]:
    """Seeded faces as the source of a translation, and others as its target."""
    return faces(batch, height, width), faces(batch, height, width, seed=1)


def first(source: Faces, count: int) -> Faces:
    """The first `count` of `source`."""
    return Faces(image=source.image[:count], points=source.points[:count], domain=source.domain[:count])


def mirrored_faces(source: Faces) -> Faces:
    """The same faces left to right, landmarks renamed as a mirror renames them."""
    return Faces(image=source.image.flip(-1), points=mirrored(source.points, 1.0), domain=source.domain)


_Faces = TypeVar("_Faces", Target, Faces)


def pointless(target: _Faces) -> _Faces:
    """The same with points that say nothing, NaN, as of pictures without faces."""
    return dataclasses.replace(target, points=torch.full_like(target.points, torch.nan))


def pointless_planes(planes: Planes) -> Planes:
    """The same planes, of a source and a target without landmarks."""
    source, target = planes.source, planes.target
    return Planes(planes.by_name, target and pointless(target), source and pointless(source))


class Judge:
    """Small networks in the place of those in training.

    With `classes` the discriminator tells the domain, with `features` the generator has some to lend.
    """

    def __init__(self, plane_channels: int, *, classes: bool = False, features: bool = False) -> None:
        self.features = features
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.discriminator = PatchStack(plane_channels, DOMAINS, width=8, classes=classes)
            self.generator = nn.Conv2d(3, 3, 3, padding=1)

    def generate(self, faces: Faces, target: Target) -> list[Tensor]:  # noqa: ARG002
        """A pyramid, as that of `ptk.Networks`."""
        image = self.generator(faces.image).tanh()
        return [image, nn.functional.avg_pool2d(image, 2)]

    def encode(self, faces: Faces, target: Target) -> list[Tensor]:  # noqa: ARG002
        """The image, then three features of as many channels, each half the size of the one before."""
        expect(self.features, "it asks for networks.encode, so its class needs needs_features = True")
        features = [faces.image, self.generator(faces.image)]
        return [*features, *(nn.functional.avg_pool2d(features[1], size) for size in (2, 4))]

    def judge(self, pyramid: list[Tensor], planes: Planes, *, twice: bool = False) -> list[Verdict]:  # noqa: ARG002
        """Its verdicts, as those of `ptk.Networks`."""
        verdicts: list[Verdict] = self.discriminator(pyramid, planes)
        return verdicts

    def gather(self, rows: Tensor) -> tuple[Tensor, slice]:
        """The rows, of this process alone."""
        return rows.detach(), slice(0, len(rows))

    def judged(self, translation: Translation) -> Translation:
        """`translation` with its verdicts."""
        planes, fake, real = translation.planes, translation.fake, [translation.target.image]
        return dataclasses.replace(
            translation,
            fake_verdicts=Later(torch.enable_grad()(lambda: self.judge(fake, planes))),
            real_verdicts=Later(torch.enable_grad()(lambda: self.judge(real, planes))),
        )


def shaken(module: nn.Module) -> nn.Module:
    """`module` with a little seeded noise on every parameter, as after some training.

    Good networks may start with zeros in their last layer, which hides everything before it.
    """
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in module.parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float32) * 0.02
            parameter.add_(noise.to(parameter))
    return module


def moved(planes: Planes, device: str) -> Planes:
    """The same planes on `device`."""
    target = planes.target
    return Planes(
        {name: planes[name].to(device) for name in planes},
        None if target is None else Target(points=target.points.to(device), domain=target.domain.to(device)),
        None if planes.source is None else planes.source.to(device),
    )


def on_meta(part: nn.Module) -> Any:
    """A copy of `part` on the device that does no arithmetic: whatever it leaves on the CPU meets the rest there."""
    return copy.deepcopy(part).to("meta")


def backward(value: Tensor) -> None:
    """Send gradients back from `value`; from one that has none to send nothing: that they are missed is told later."""
    if value.requires_grad:
        value.backward()  # type: ignore[no-untyped-call]


def reached(module: nn.Module) -> None:
    """Expect a finite gradient in every trainable parameter of `module`, not zero all over."""
    for name, parameter in module.named_parameters():
        if parameter.requires_grad:
            gradient = parameter.grad
            if gradient is None:
                raise PluginError(f"no gradient reaches its parameter {name}; use it or remove it")
            finite(gradient, f"the gradient of {name}")
            expect(gradient.abs().max() > 1e-12, f"the gradient of its parameter {name} is zero; use it or remove it")
