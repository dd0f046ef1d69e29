"""The target's 68 landmarks in one channel: the map that PortraitGAN's generator is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ptk.conditioners.drawing import offsets, pixels

if TYPE_CHECKING:
    from ptk.types import Faces, Target

__all__ = ["SMALLEST_SIGMA", "LandmarkMap"]

SMALLEST_SIGMA = 0.7
"""In pixels. A narrower point that falls between four pixel centres fades: this one still reaches 0.6 there."""


class LandmarkMap(nn.Module):
    """Each of the target's 68 points as a Gaussian spot of height 1, (B, 1, H, W); where spots meet the higher counts.

    `sigma` is in pixels of a 256 px image and grows with the image; it never falls below `SMALLEST_SIGMA` pixels.
    Points outside the crop fall out. Source: PortraitGAN (Duan, Guo, Kuo 2020), one landmark channel; how the points
    are drawn is not stated there.
    """

    channels = 1

    def __init__(self, sigma: float = 1.5) -> None:
        super().__init__()
        if sigma <= 0:
            raise ValueError(f"sigma must be above 0, not {sigma}")
        self.sigma = sigma

    def forward(self, source: Faces, target: Target) -> Tensor:
        """The map (B, 1, H, W) in [0, 1], of the size, dtype and device of `source.image`."""
        height, width = source.image.shape[-2:]
        x, y = offsets(target.points, height, width)
        x, y = x.square(), y.square()
        nearest = x[:, 0, None, :] + y[:, 0, :, None]
        # The highest spot is the nearest point's: a running minimum needs one (B, H, W), not one a point.
        for index in range(1, x.shape[1]):
            nearest = torch.minimum(nearest, x[:, index, None, :] + y[:, index, :, None])
        sigma = max(pixels(self.sigma, height, width), SMALLEST_SIGMA)
        return torch.exp(nearest / (-2 * sigma**2)).unsqueeze(1).to(source.image.dtype)
