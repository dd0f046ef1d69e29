"""A small U-Net of three levels, conditioned on planes at each: the styler's and the mouth's."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.layers.blocks import ConditionedConvolution, Residual

__all__ = ["UNet"]


class UNet(nn.Module):
    """(x (B, C, h, w), planes (B, P, h, w)) -> (B, D, h, w), D `out` channels; h and w are multiples of 4.

    `widths` are the channels at full, half and a quarter of the sides. Beyond the border its convolutions see the
    border again: zeros there would show, as dots along the edges of a sketch. The backward pass of that is not
    deterministic on CUDA. The last layer starts near zero.

    Source: Ronneberger et al. 2015, with residual blocks.
    """

    def __init__(self, channels: int, plane_channels: int, widths: tuple[int, int, int], out: int) -> None:
        super().__init__()
        full, half, quarter = widths
        self.stem = ConditionedConvolution(channels, plane_channels, full, border="replicate")
        self.fine = Residual(full, "replicate")
        self.halved = ConditionedConvolution(full, plane_channels, half, stride=2, border="replicate")
        self.middle = Residual(half, "replicate")
        self.quartered = ConditionedConvolution(half, plane_channels, quarter, stride=2, border="replicate")
        self.coarse = nn.Sequential(Residual(quarter, "replicate"), Residual(quarter, "replicate"))
        self.merge_middle = ConditionedConvolution(quarter + half, plane_channels, half, border="replicate")
        self.merge_fine = ConditionedConvolution(half + full, plane_channels, full, border="replicate")
        self.finish = Residual(full, "replicate")
        self.head = nn.Conv2d(full, out, 3, padding=1, padding_mode="replicate")
        nn.init.normal_(self.head.weight, std=1e-3)
        nn.init.zeros_(cast("Tensor", self.head.bias))

    def predict(self, x: Tensor, planes: Tensor) -> Tensor:
        """Predict (B, D, h, w), in the units of the head, from `x` (B, C, h, w) and `planes` (B, P, h, w)."""
        half = functional.avg_pool2d(planes, 2)
        fine = self.fine(self.stem(x, planes))
        middle = self.middle(self.halved(fine, planes))
        x = self.coarse(self.quartered(middle, half))
        x = self.merge_middle(torch.cat([functional.interpolate(x, scale_factor=2.0), middle], dim=1), half)
        x = self.merge_fine(torch.cat([functional.interpolate(x, scale_factor=2.0), fine], dim=1), planes)
        return cast("Tensor", self.head(self.finish(x)))
