"""A U-Net of residual blocks that enlarges by interpolation: for pictures of which little may be copied."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.errors import RecipeError
from ptk.layers.blocks import ConditionedConvolution, Residual

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["ResidualUNet"]

_MAX_DOWN = 10


class ResidualUNet(nn.Module):
    """(image (B, 3, H, W), planes) -> [image (B, 3, H, W)] in [-1, 1].

    `width` channels at full size, doubled at each of `down` strided convolutions, at most `widest`; a residual block
    after each convolution, `blocks` of them at the last size. The decoder enlarges bilinearly, which leaves no
    chequerboard (Odena et al. 2016), and sees the encoder at every size. Every convolution is conditioned on the
    planes. H and W must be multiples of 2^down. With `residual` it gives the image and what it adds to that, nothing
    before the first step: for domains that leave most of a picture as it is.

    Raises ValueError for options out of range, RecipeError for images of a size that does not fit.

    Source: Ronneberger et al., "U-Net: convolutional networks for biomedical image segmentation" (2015).
    """

    last_layers = ("head",)

    def __init__(
        self,
        plane_channels: int,
        *,
        width: int = 16,
        down: int = 4,
        blocks: int = 2,
        widest: int = 160,
        residual: bool = False,
    ) -> None:
        super().__init__()
        if min(width, down, widest) < 1 or blocks < 0 or down > _MAX_DOWN:
            raise ValueError(
                f"width and widest start at 1, blocks at 0, down is 1 to {_MAX_DOWN}; "
                f"got {width}, {widest}, {blocks}, {down}"
            )
        self.down, self.multiple, self.residual = down, 2**down, residual
        widths = [min(width * 2**level, widest) for level in range(down + 1)]
        self.stem = ConditionedConvolution(3, plane_channels, widths[0])
        self.strided = nn.ModuleList(
            ConditionedConvolution(a, plane_channels, b, stride=2) for a, b in pairwise(widths)
        )
        self.encoder = nn.ModuleList(Residual(each) for each in widths[1:])
        self.blocks = nn.Sequential(*(Residual(widths[-1]) for _ in range(blocks)))
        narrowing = list(pairwise(widths))[::-1]
        self.merges = nn.ModuleList(ConditionedConvolution(a + b, plane_channels, a) for a, b in narrowing)
        self.decoder = nn.ModuleList(Residual(a) for a, _ in narrowing)
        self.head = nn.Conv2d(widths[0], 3, 3, padding=1)
        if residual:
            nn.init.zeros_(self.head.weight)
            nn.init.zeros_(cast("Tensor", self.head.bias))

    def forward(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """Translate `image` in [-1, 1]."""
        height, width = image.shape[-2:]
        if height % self.multiple or width % self.multiple:
            raise RecipeError(
                [
                    f"generator.residual_unet: images of {width} x {height} pixels cannot be halved {self.down} times; "
                    f"make both sides a multiple of {self.multiple} (data.size), or lower `down`"
                ]
            )
        shown = planes.stacked.to(image.dtype)
        # Half precision on processors is four times as fast with channels last; elsewhere it makes no difference.
        x = self.stem(image.contiguous(memory_format=torch.channels_last), shown)
        skips: list[tuple[Tensor, Tensor]] = []
        for strided, block in zip(self.strided, self.encoder, strict=True):
            skips.append((x, shown))
            x = block(strided(x, shown))
            shown = functional.avg_pool2d(shown, 2) if shown.shape[1] else shown[..., ::2, ::2]
        x = self.blocks(x)
        for merge, block in zip(self.merges, self.decoder, strict=True):
            skip, shown = skips.pop()
            x = functional.interpolate(x, scale_factor=2.0, mode="bilinear")
            x = block(merge(torch.cat([x, skip], dim=1), shown))
        made = self.head(x).float()
        return [(image.float() + made).clamp(-1, 1) if self.residual else torch.tanh(made)]
