"""A stack of PatchGANs, one for each scale of an image pyramid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptk.instance_norm import InstanceNorm2d
from ptk.types import Verdict

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["PatchStack"]


class PatchStack(nn.Module):
    """(pyramid, planes) -> `levels` verdicts: logits (B, 1, h, w) and the features of every layer before them.

    Level k looks at `pyramid[k]`; where the pyramid ends sooner, its last image is halved by average pooling. Each
    level has `layers` stride-2 convolutions and two of stride 1, 4x4 all; at `layers` = 3 a logit sees 70 x 70 pixels.
    The first has `width` channels, each that follows twice as many, at most 512.
    `conditional` shows each level the planes as well, reduced to its size by area: where the face should go, and in
    which domain. It does not see the source's image, as the discriminator of pix2pix does.

    Source: PortraitGAN (Duan, Guo, Kuo 2020), two 3-layer PatchGANs, one a scale; the layers are those of pix2pixHD
    (Wang et al. 2018), instance norm everywhere but after the first, leaky ReLU of slope 0.2.
    """

    def __init__(
        self, plane_channels: int, *, levels: int = 2, layers: int = 3, width: int = 64, conditional: bool = False
    ) -> None:
        super().__init__()
        if min(levels, layers, width) < 1:
            raise ValueError(f"levels, layers and width start at 1; got {levels}, {layers}, {width}")
        self.conditional = conditional
        channels = 3 + (plane_channels if conditional else 0)
        self.levels = nn.ModuleList(_patch_layers(channels, layers, width) for _ in range(levels))
        self.apply(_initialise)

    def forward(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        """One verdict a level, on images (B, 3, H/2^k, W/2^k), finest first; one full-size image is enough."""
        conditions = planes.stacked if self.conditional else None
        verdicts = []
        image = pyramid[0]
        for index, layers in enumerate(self.levels):
            if index > 0:
                image = pyramid[index] if index < len(pyramid) else _halved(image)
            x, features = image, []
            if conditions is not None:
                reduced = F.interpolate(conditions, size=image.shape[-2:], mode="area")
                x = torch.cat([image, reduced.to(image.dtype)], dim=1)
            for layer in layers:  # type: ignore[attr-defined]
                x = layer(x)
                features.append(x)
            verdicts.append(Verdict(logits=features.pop(), features=features))
        return verdicts


def _patch_layers(channels: int, layers: int, width: int) -> nn.ModuleList:
    """The `layers` + 2 layers of one PatchGAN, the last one giving the logits."""
    first = nn.Conv2d(channels, width, 4, stride=2, padding=2)
    stack = [nn.Sequential(first, nn.LeakyReLU(0.2))]
    for index in range(1, layers + 1):
        wider = min(2 * width, 512)
        stride = 2 if index < layers else 1
        # No bias: the norm after it would subtract it.
        convolution = nn.Conv2d(width, wider, 4, stride=stride, padding=2, bias=False)
        stack.append(nn.Sequential(convolution, InstanceNorm2d(wider), nn.LeakyReLU(0.2)))
        width = wider
    return nn.ModuleList([*stack, nn.Sequential(nn.Conv2d(width, 1, 4, stride=1, padding=2))])


def _halved(image: Tensor) -> Tensor:
    return F.avg_pool2d(image, 3, stride=2, padding=1, count_include_pad=False)


def _initialise(module: nn.Module) -> None:
    """Normal weights of deviation 0.02, zero biases. Source: pix2pix (Isola et al. 2017), section 6.2."""
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
