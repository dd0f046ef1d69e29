"""A small network that turns a photo into the domain asked for."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.generators.blocks import ConditionedConvolution, Residual

__all__ = ["Styler"]


class Styler(nn.Module):
    """(photo (B, 3, H, W), planes (B, P, H, W)) -> the photo in the style that the planes tell, of the same shape.

    A U-Net of three levels on the photo folded to 1 / `fold`, that predicts what is added to it. Beyond the border its
    convolutions see the border again: zeros there would show, as dots along the edges of a sketch. The backward pass of
    that is not deterministic on CUDA.
    """

    def __init__(self, plane_channels: int, width: int, fold: int) -> None:
        super().__init__()
        self.fold = fold
        self.stem = ConditionedConvolution(3 * fold**2, plane_channels, width, border="replicate")
        self.fine = Residual(width, "replicate")
        self.halved = ConditionedConvolution(width, plane_channels, 2 * width, stride=2, border="replicate")
        self.middle = Residual(2 * width, "replicate")
        self.quartered = ConditionedConvolution(2 * width, plane_channels, 3 * width, stride=2, border="replicate")
        self.coarse = nn.Sequential(Residual(3 * width, "replicate"), Residual(3 * width, "replicate"))
        self.merge_middle = ConditionedConvolution(5 * width, plane_channels, 2 * width, border="replicate")
        self.merge_fine = ConditionedConvolution(3 * width, plane_channels, width, border="replicate")
        self.finish = Residual(width, "replicate")
        self.head = nn.Conv2d(width, 3 * fold**2, 3, padding=1, padding_mode="replicate")
        nn.init.normal_(self.head.weight, std=1e-3)
        nn.init.zeros_(self.head.bias)  # type: ignore[arg-type]

    def forward(self, photo: Tensor, stacked: Tensor) -> Tensor:
        """The styled photo."""
        folded = functional.avg_pool2d(stacked, self.fold)
        half = functional.avg_pool2d(folded, 2)
        fine = self.fine(self.stem(functional.pixel_unshuffle(photo, self.fold), folded))
        middle = self.middle(self.halved(fine, folded))
        x = self.coarse(self.quartered(middle, half))
        x = self.merge_middle(torch.cat([functional.interpolate(x, scale_factor=2.0), middle], dim=1), half)
        x = self.merge_fine(torch.cat([functional.interpolate(x, scale_factor=2.0), fine], dim=1), folded)
        paint = functional.pixel_shuffle(self.head(self.finish(x)).float(), self.fold)
        return (photo.float() + paint).clamp(-1, 1)
