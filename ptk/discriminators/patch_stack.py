"""A stack of PatchGANs, one for each scale of an image pyramid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptk.errors import RecipeError
from ptk.layers.instance_norm import InstanceNorm2d
from ptk.types import Verdict

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["PatchStack"]

Norm = Literal["instance", "batch"]

_MAX_WIDTH = 512
_MANY = 20  # layers, after which no image is left


class PatchStack(nn.Module):
    """(pyramid, planes) -> `levels` verdicts: logits (B, 1, h, w) and the features of every layer before them.

    Level k looks at `pyramid[k]`; where the pyramid ends sooner, its last image is halved by average pooling. Each
    level has `layers` stride-2 convolutions and two of stride 1, 4x4 all; at `layers` = 3 a logit sees 70 x 70 pixels.
    The first has `width` channels, each that follows twice as many, at most 512.

    - `conditional` shows each level, beside the image, at its size: "image" the one that was translated, as pix2pix
      and pix2pixHD do; "planes" (or true) what the conditioners say, where the face should go and in which domain;
      "both"; or nothing (false).
    - `classes`: each level also tells the domain of the image, (B, domains) logits, by one more 4x4 convolution of its
      last features, averaged over places.
    - `norm` after every convolution but the first and the last: "instance" without parameters, or "batch".
    - `padding` at the borders: 2 is pix2pixHD's, 1 that of pix2pix and CycleGAN.
    - `bias` of convolutions that instance norm follows, which subtracts it: CycleGAN and pix2pixHD have one all the
      same, so it is needed to load their weights.

    Raises ValueError for options out of range and for planes without the source that "image" asks for, RecipeError for
    images that are too small for `padding` 1.

    Source: PortraitGAN (Duan, Guo, Kuo 2020), two 3-layer PatchGANs, one a scale; the layers are those of pix2pixHD
    (Wang et al. 2018), after pix2pix (Isola et al. 2017), with leaky ReLU of slope 0.2.
    """

    def __init__(
        self,
        plane_channels: int,
        domains: int = 0,
        *,
        levels: int = 2,
        layers: int = 3,
        width: int = 64,
        conditional: bool | Literal["image", "planes", "both"] = False,
        classes: bool = False,
        norm: Norm = "instance",
        padding: Literal[1, 2] = 2,
        bias: bool = False,
    ) -> None:
        super().__init__()
        if min(levels, layers, width) < 1:
            raise ValueError(f"levels, layers and width start at 1; got {levels}, {layers}, {width}")
        if classes and domains < 1:
            raise ValueError("classes: true needs domains, the number of classes")
        self.sees_image = conditional in ("image", "both")
        self.sees_planes = conditional in (True, "planes", "both")
        shrinks = 2 ** min(layers, _MANY)
        self.smallest = 3 * shrinks if padding == 1 else 1  # the two convolutions of stride 1 take a pixel each
        channels = 3 + 3 * self.sees_image + plane_channels * self.sees_planes
        biased = bias and norm == "instance"
        self.levels = nn.ModuleList(
            _patch_layers(channels, layers, width, norm, padding, bias=biased) for _ in range(levels)
        )
        deep = min(width * shrinks, _MAX_WIDTH)
        heads = (nn.Conv2d(deep, domains, 4, padding=padding) for _ in range(levels if classes else 0))
        self.class_heads = nn.ModuleList(heads)
        self.apply(_initialise)

    def forward(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        """One verdict a level, on images (B, 3, H/2^k, W/2^k), finest first; one full-size image is enough."""
        verdicts = []
        image = pyramid[0]
        source: list[Tensor] = []  # the image that was translated, where it is looked at
        if self.sees_image:
            if planes.source is None:
                raise ValueError("patch_stack: conditional: image needs Planes with a source, the image translated")
            source = [planes.source.image]
        for index, layers in enumerate(self.levels):
            if index > 0:
                image = pyramid[index] if index < len(pyramid) else _halve(image)
                source = [_halve(original) for original in source]
            self._check(image, index)
            shown = [image, *(_resize(original, image) for original in source)]
            if self.sees_planes:
                shown.append(_resize(planes.stacked, image))
            x, features = torch.cat(shown, dim=1) if len(shown) > 1 else image, []
            for layer in layers:  # type: ignore[attr-defined]
                x = layer(x)
                features.append(x)
            logits = features.pop()
            classes = self.class_heads[index](features[-1]).mean(dim=(2, 3)) if len(self.class_heads) else None
            verdicts.append(Verdict(logits=logits, features=features, classes=classes))
        return verdicts

    def _check(self, image: Tensor, level: int) -> None:
        height, width = image.shape[-2:]
        if min(height, width) < self.smallest:
            raise RecipeError(
                [
                    f"discriminator.patch_stack: level {level} looks at images of {width} x {height} pixels, with "
                    f"padding 1 it needs {self.smallest}; lower `levels` or `layers`, or raise data.size"
                ]
            )


def _patch_layers(channels: int, layers: int, width: int, norm: Norm, padding: int, *, bias: bool) -> nn.ModuleList:
    """The `layers` + 2 layers of one PatchGAN, the last one giving the logits."""
    first = nn.Conv2d(channels, width, 4, stride=2, padding=padding)
    stack = [nn.Sequential(first, nn.LeakyReLU(0.2))]
    for index in range(1, layers + 1):
        wider = min(2 * width, _MAX_WIDTH)
        stride = 2 if index < layers else 1
        convolution = nn.Conv2d(width, wider, 4, stride=stride, padding=padding, bias=bias)
        normed = InstanceNorm2d(wider) if norm == "instance" else nn.BatchNorm2d(wider)
        stack.append(nn.Sequential(convolution, normed, nn.LeakyReLU(0.2)))
        width = wider
    return nn.ModuleList([*stack, nn.Sequential(nn.Conv2d(width, 1, 4, stride=1, padding=padding))])


def _halve(image: Tensor) -> Tensor:
    return F.avg_pool2d(image, 3, stride=2, padding=1, count_include_pad=False)


def _resize(shown: Tensor, image: Tensor) -> Tensor:
    """`shown` at the size of `image`, by area, and in its precision."""
    if shown.shape[-2:] != image.shape[-2:]:
        shown = F.interpolate(shown, size=image.shape[-2:], mode="area")
    return shown.to(image.dtype)


def _initialise(module: nn.Module) -> None:
    """Normal weights of deviation 0.02, those of norms around 1. Source: pix2pix, section 6.2, and its code."""
    if isinstance(module, nn.Conv2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
