"""A small network that turns a photo into the domain asked for."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from ptk.generators.unet import UNet

__all__ = ["Styler"]


class Styler(UNet):
    """(photo (B, 3, H, W), planes (B, P, H, W)) -> the photo in the style that the planes tell, of the same shape.

    A U-Net on the photo folded to 1 / `fold`, that predicts what is added to it.
    """

    def __init__(self, plane_channels: int, width: int, fold: int) -> None:
        super().__init__(3 * fold**2, plane_channels, (width, 2 * width, 3 * width), 3 * fold**2)
        self.fold = fold

    def forward(self, photo: Tensor, stacked: Tensor) -> Tensor:
        """The styled photo."""
        told = functional.avg_pool2d(stacked, self.fold)
        predicted = self.predicted(functional.pixel_unshuffle(photo, self.fold), told)
        return (photo.float() + functional.pixel_shuffle(predicted.float(), self.fold)).clamp(-1, 1)
