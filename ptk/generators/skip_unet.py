"""pix2pix's generator: a U-Net down to one pixel, whose decoder sees the encoder at every size."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.errors import RecipeError

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["SkipUNet"]

_DROPPED = 0.5
_WIDEST = 8  # times the width of the first level
_FIRST_DROPPED = 4  # the level of the decoder from which on, but for the innermost, channels are dropped


class SkipUNet(nn.Module):
    """(image (B, 3, H, W), planes) -> [image (B, 3, H, W)] in [-1, 1].

    `down` 4x4 convolutions of stride 2, from `width` channels on, doubled up to eight times as many; as many
    transposed ones back, each of which also sees what the encoder had at its size. Batch norm after each but the
    outermost and the innermost of the encoder. H and W must be multiples of 2^down.

    With `dropout`, half of the channels are dropped in training, from the fifth level of the decoder to the last before
    the innermost: the paper's noise. The paper drops them when it translates, too, and normalises by the batch then;
    here neither happens after training, so that an edit comes out the same every time.

    Raises ValueError for options out of range, RecipeError for images of a size that does not fit.

    Source: Isola et al., "Image-to-image translation with conditional adversarial networks" (2017), section 6.1, and
    the authors' code: `down` 8 is their unet_256, 7 their unet_128.
    """

    last_layers = ("decoder.0",)

    def __init__(self, plane_channels: int, *, width: int = 64, down: int = 8, dropout: bool = True) -> None:
        super().__init__()
        if width < 1 or down < 2:
            raise ValueError(f"width starts at 1, down at 2; got {width}, {down}")
        self.down = down
        widths = [width * min(2 ** min(level, 10), _WIDEST) for level in range(down)]
        self.stem = nn.Conv2d(3 + plane_channels, width, 4, stride=2, padding=1, bias=False)
        self.encoder = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1, bias=False) for a, b in pairwise(widths))
        self.encoder_norms = nn.ModuleList(nn.BatchNorm2d(b) for b in widths[1:-1])
        # From the outermost to the innermost; all but that see twice the channels.
        inner = [*(2 * each for each in widths[:-1]), widths[-1]]
        outer = [3, *widths[:-1]]
        self.decoder = nn.ModuleList(
            nn.ConvTranspose2d(a, b, 4, stride=2, padding=1, bias=not level)
            for level, (a, b) in enumerate(zip(inner, outer, strict=True))
        )
        self.decoder_norms = nn.ModuleList(nn.BatchNorm2d(b) for b in outer[1:])
        self.dropped = set(range(_FIRST_DROPPED, down - 1)) if dropout else set()
        self.apply(_initialise)

    def forward(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """One image (B, 3, H, W) in [-1, 1] from one in [-1, 1]."""
        self._check(*image.shape[-2:])
        x = self.stem(torch.cat([image, *planes.by_name.values()], dim=1))
        seen = [x]
        for level, convolution in enumerate(self.encoder):
            x = convolution(functional.leaky_relu(x, 0.2))
            if level < len(self.encoder_norms):
                x = self.encoder_norms[level](x)
            seen.append(x)
        x = seen.pop()
        for level in reversed(range(1, self.down)):
            x = self.decoder_norms[level - 1](self.decoder[level](functional.relu(x)))
            x = functional.dropout(x, _DROPPED, self.training and level in self.dropped)
            x = torch.cat([seen.pop(), x], dim=1)
        return [torch.tanh(self.decoder[0](functional.relu(x)))]

    def _check(self, height: int, width: int) -> None:
        multiple = 2**self.down
        if height % multiple or width % multiple:
            raise RecipeError(
                [
                    f"generator.unet: images of {width} x {height} pixels cannot be halved {self.down} times; make "
                    f"both sides a multiple of {multiple} (data.size), or lower `down`"
                ]
            )


def _initialise(module: nn.Module) -> None:
    """Normal weights of deviation 0.02, those of norms around 1. Source: section 6.2, and the authors' code."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
        nn.init.zeros_(module.bias)
