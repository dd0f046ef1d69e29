"""The network that adds detail finer than the folded U-Net's pixels."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.layers.blocks import ConditionedConvolution, Residual

__all__ = ["Refiner"]

_FOLD = 2


class Refiner(nn.Module):
    """(picture (B, 3, H, W), the warped source under it, features (B, C, h, w)) -> a residual (B, 3, H, W).

    Two residual blocks of `width` channels at half of the sides: edges between lips and teeth are narrower than the
    pixels of the U-Net before it, which writes each block of them at once, as a pattern.
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.reduced = nn.Conv2d(channels, width, 1)
        self.stem = ConditionedConvolution(2 * 3 * _FOLD**2, width, width, border="replicate")
        self.body = nn.Sequential(Residual(width, "replicate"), Residual(width, "replicate"))
        self.head = nn.Conv2d(width, 3 * _FOLD**2, 3, padding=1, padding_mode="replicate")
        nn.init.normal_(self.head.weight, std=1e-3)
        nn.init.zeros_(cast("Tensor", self.head.bias))

    def forward(self, picture: Tensor, warped: Tensor, features: Tensor) -> Tensor:
        """Predict the residual of `picture`, in the units of the head."""
        folded = functional.pixel_unshuffle(torch.cat([picture, warped], dim=1), _FOLD)
        coarse = functional.interpolate(self.reduced(features), folded.shape[-2:], mode="bilinear")
        return functional.pixel_shuffle(self.head(self.body(self.stem(folded, coarse))), _FOLD)
