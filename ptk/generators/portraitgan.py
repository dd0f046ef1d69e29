"""PortraitGAN's generator: strided convolutions, residual blocks, transposed convolutions, auxiliary scales."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from ptk.errors import RecipeError
from ptk.layers.convolution import Border, ConvToFew2d
from ptk.layers.instance_norm import InstanceNorm2d

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["PortraitGAN"]

Norm = Literal["instance", "group"]

_GROUPS = 8
_MAX_DOWN = 10


class PortraitGAN(nn.Module):
    """(image (B, 3, H, W), planes) -> `scales` images (B, 3, H/2^k, W/2^k) in [-1, 1], finest first.

    A 7x7 stem of `width` channels; `down` stride-2 convolutions, each doubling the channels; `blocks` residual blocks;
    `down` upsampling stages, each halving them; a 7x7 head. The stages before the last give the smaller images through
    1x1 convolutions. H and W must be multiples of 2^down, and at least twice that.

    Options for whoever changes them:

    - `stem_norm`: keep "none". Instance norm straight after the stem subtracts what a constant plane adds, so with
      "instance" and reflected or replicated borders **the domain planes are ignored**: switching the domain changes
      nothing but rounding. It is here because pix2pixHD's generator, without planes, has it.
    - `norm` of all layers after the stem: "instance" is pix2pixHD's; it takes an image's own mean and contrast away in
      every channel. "group" (eight groups of channels, Wu and He 2018) leaves the differences between the channels of a
      group. Which of them learns colours sooner has not been measured.
    - `upsample`: "resize" (nearest neighbour, then a convolution) leaves no checkerboard; "transposed" is the paper's.
    - `skips`: each upsampling stage also sees what the encoder saw at its size, as in U-Net (Ronneberger et al. 2015).
      The paper has none; with them, detail of people the network never saw need not pass the narrowest layer.
    - `padding` at the borders of stem, blocks and head. Only "zeros" has a deterministic backward pass on CUDA.

    Raises ValueError for options that do not fit together, RecipeError for images of a size that does not fit.

    Source: Duan, Guo, Kuo, "PortraitGAN for flexible portrait manipulation" (2020), section on the implementation:
    4 strides, 9 blocks, 1x1 convolutions for the auxiliary scales. Width, norm, padding and initialisation are not
    stated there: they are those of pix2pixHD's global generator (Wang et al. 2018).
    """

    def __init__(
        self,
        plane_channels: int,
        *,
        width: int = 64,
        down: int = 4,
        blocks: int = 9,
        stem_norm: Literal["none", "instance"] = "none",
        norm: Norm = "instance",
        upsample: Literal["transposed", "resize"] = "transposed",
        padding: Border = "reflect",
        scales: int = 2,
        skips: bool = False,
    ) -> None:
        super().__init__()
        if width < 1 or down < 1 or blocks < 0:
            raise ValueError(f"width and down start at 1, blocks at 0; got {width}, {down}, {blocks}")
        if down > _MAX_DOWN:
            raise ValueError(f"down is at most {_MAX_DOWN}, for sides of {2 << _MAX_DOWN} pixels, not {down}")
        if not 1 <= scales <= down:
            raise ValueError(f"scales must be 1 to {down}, one for each of the {down} upsampling stages, not {scales}")
        self.down, self.scales = down, scales
        stem_normed = stem_norm == "instance"
        self.stem = nn.Sequential(
            nn.Conv2d(3 + plane_channels, width, 7, padding=3, padding_mode=padding, bias=not stem_normed),
            InstanceNorm2d(width) if stem_normed else nn.Identity(),
            nn.ReLU(inplace=True),
        )
        widths = [width * 2**stage for stage in range(down + 1)]
        # No convolution before a norm has a bias: instance norm would subtract it, and group norm brings its own.
        self.encoder = nn.Sequential(
            *(
                nn.Sequential(
                    nn.Conv2d(narrow, wide, 3, stride=2, padding=1, bias=False),
                    _make_norm(wide, norm),
                    nn.ReLU(inplace=True),
                )
                for narrow, wide in pairwise(widths)
            )
        )
        self.blocks = nn.Sequential(*(ResidualBlock(widths[-1], padding, norm) for _ in range(blocks)))
        self.decoder = nn.ModuleList(
            _make_upsampling(widths[stage + 1], widths[stage], norm, upsample) for stage in reversed(range(down))
        )
        self.merges = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(2 * wide, wide, 3, padding=1, bias=False), _make_norm(wide, norm), nn.ReLU(inplace=True)
            )
            for wide in reversed(widths[:-1] if skips else [])
        )
        self.head = ConvToFew2d(width, 3, 7, padding_mode=padding)
        self.auxiliary = nn.ModuleList(nn.Conv2d(widths[scale], 3, 1) for scale in range(1, scales))
        self.last_layers = (f"decoder.{down - 1}", f"merges.{down - 1}", "head", "auxiliary")
        self.apply(_initialise)

    def forward(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """`scales` images (B, 3, H/2^k, W/2^k) in [-1, 1], finest first, from one (B, 3, H, W) in [-1, 1]."""
        self._check(*image.shape[-2:])
        x = self.stem(torch.cat([image, planes.stacked], dim=1))
        seen: list[Tensor] = []
        for stage in self.encoder:
            seen.append(x)
            x = stage(x)
        x = self.blocks(x)
        pyramid: list[Tensor] = []
        for number, (stage, scale) in enumerate(zip(self.decoder, reversed(range(self.down)), strict=True)):
            x = stage(x)
            if self.merges:
                x = self.merges[number](torch.cat([x, seen[scale]], dim=1))
            if 0 < scale < self.scales:
                pyramid.insert(0, torch.tanh(self.auxiliary[scale - 1](x)))
        return [torch.tanh(self.head(x)), *pyramid]

    def _check(self, height: int, width: int) -> None:
        multiple = 2**self.down
        if height % multiple or width % multiple or min(height, width) < 2 * multiple:
            raise RecipeError(
                [
                    f"generator.portraitgan: images of {width} x {height} pixels cannot be halved {self.down} times; "
                    f"make both sides a multiple of {multiple}, {2 * multiple} or more (data.size), or lower `down`"
                ]
            )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions, each with its norm, added to what came in: (B, C, H, W) -> (B, C, H, W)."""

    def __init__(self, channels: int, padding: Border, norm: Norm) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode=padding, bias=False),
            _make_norm(channels, norm),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode=padding, bias=False),
            _make_norm(channels, norm),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out


def _make_norm(channels: int, norm: Norm) -> nn.Module:
    if norm == "instance":
        return InstanceNorm2d(channels)
    return nn.GroupNorm(math.gcd(_GROUPS, channels), channels)


def _make_upsampling(channels: int, narrower: int, norm: Norm, upsample: str) -> nn.Sequential:
    if upsample == "transposed":
        return nn.Sequential(
            nn.ConvTranspose2d(channels, narrower, 3, stride=2, padding=1, output_padding=1, bias=False),
            _make_norm(narrower, norm),
            nn.ReLU(inplace=True),
        )
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(channels, narrower, 3, padding=1, bias=False),
        _make_norm(narrower, norm),
        nn.ReLU(inplace=True),
    )


def _initialise(module: nn.Module) -> None:
    """Normal weights of deviation 0.02, zero biases. Source: pix2pix (Isola et al. 2017), section 6.2."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
