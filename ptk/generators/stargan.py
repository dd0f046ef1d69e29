"""StarGAN's generator: two strides, residual blocks, zero padding, so that a constant plane is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ptk.errors import RecipeError

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["StarGAN"]


class StarGAN(nn.Module):
    """(image (B, 3, H, W), planes) -> [image (B, 3, H, W)] in [-1, 1].

    A 7x7 stem of `width` channels, two 4x4 convolutions of stride 2 that double them, `blocks` residual blocks, two
    4x4 transposed convolutions that halve them, a 7x7 head. Every convolution but the last is followed by an instance
    norm with a learned scale and shift, none has a bias, and all borders are padded with zeros: through reflected
    borders an instance norm would subtract what a constant plane adds. H and W must be multiples of 4.

    Raises ValueError for options out of range, RecipeError for images of a size that does not fit.

    Source: Choi et al., "StarGAN" (2018), table 4 of the appendix, and the authors' code.
    """

    last_layers = ("head",)

    def __init__(self, plane_channels: int, *, width: int = 64, blocks: int = 6) -> None:
        super().__init__()
        if width < 1 or blocks < 0:
            raise ValueError(f"width starts at 1, blocks at 0; got {width}, {blocks}")
        deep = 4 * width
        self.stem = _add_norm(nn.Conv2d(3 + plane_channels, width, 7, padding=3, bias=False))
        self.encoder = nn.Sequential(
            *(_add_norm(nn.Conv2d(c, 2 * c, 4, stride=2, padding=1, bias=False)) for c in (width, 2 * width))
        )
        self.blocks = nn.Sequential(*(_Block(deep) for _ in range(blocks)))
        self.decoder = nn.Sequential(
            *(_add_norm(nn.ConvTranspose2d(c, c // 2, 4, stride=2, padding=1, bias=False)) for c in (deep, 2 * width))
        )
        self.head = nn.Conv2d(width, 3, 7, padding=3, bias=False)

    def forward(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """One image (B, 3, H, W) in [-1, 1] from one in [-1, 1]."""
        height, width = image.shape[-2:]
        if height % 4 or width % 4:
            raise RecipeError(
                [f"generator.stargan: images of {width} x {height} pixels; make both a multiple of 4 (data.size)"]
            )
        x = self.encoder(self.stem(torch.cat([image, *planes.by_name.values()], dim=1)))
        return [torch.tanh(self.head(self.decoder(self.blocks(x))))]


class _Block(nn.Module):
    """Two 3x3 convolutions with their norms, added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _add_norm(nn.Conv2d(channels, channels, 3, padding=1, bias=False)),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.InstanceNorm2d(channels, affine=True),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out


def _add_norm(convolution: nn.Conv2d | nn.ConvTranspose2d) -> nn.Sequential:
    norm = nn.InstanceNorm2d(convolution.out_channels, affine=True)
    return nn.Sequential(convolution, norm, nn.ReLU(inplace=True))
