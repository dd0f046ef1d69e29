"""The network that turns a photo into the target domain."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

from ptk.generators.warp_and_paint.unet import UNet

__all__ = ["Styler"]


class Styler(UNet):
    """(photo (B, 3, H, W), planes (B, P, H, W)) -> the photo in the domain of the planes, of the same shape.

    A U-Net on the photo folded to 1 / `fold`, which predicts a residual.
    """

    def __init__(self, plane_channels: int, width: int, fold: int) -> None:
        super().__init__(3 * fold**2, plane_channels, (width, 2 * width, 3 * width), 3 * fold**2)
        self.fold = fold

    def forward(self, photo: Tensor, stacked: Tensor) -> Tensor:
        """Stylise `photo` in [-1, 1]."""
        planes = functional.avg_pool2d(stacked, self.fold)
        residual = self.predict(functional.pixel_unshuffle(photo, self.fold), planes)
        return (photo.float() + functional.pixel_shuffle(residual.float(), self.fold)).clamp(-1, 1)
