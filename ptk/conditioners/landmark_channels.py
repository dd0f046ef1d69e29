"""The target's landmarks, one channel a point: the network need not guess which point is which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ptk.faces.drawing.spots import offsets, scale_stroke
from ptk.faces.topologies import IBUG68, Topology
from ptk.motion.face_geometry import CURRENT, FaceGeometry

if TYPE_CHECKING:
    from ptk.types import Faces, Target

__all__ = ["LandmarkChannels"]


class LandmarkChannels(nn.Module):
    """Each of the target's landmarks as a Gaussian spot of height 1 in a channel of its own, (B, count, H, W).

    There are as many as the `topology` has: 68, or 478.

    `sigma` is in pixels of a 256 px image and grows with the image, as for `landmark_map`. Points outside the crop
    leave their channel empty. Mirroring a face permutes the channels. Source: the heat maps of Pfister, Charles and
    Zisserman, "Flowing ConvNets" (2015).
    """

    needs_landmarks = True

    def __init__(self, sigma: float = 1.5, *, geometry: FaceGeometry = CURRENT, topology: Topology = IBUG68) -> None:
        super().__init__()
        if sigma <= 0:
            raise ValueError(f"sigma must be above 0, not {sigma}")
        self.sigma, self.geometry = sigma, geometry
        self.channels = topology.count

    def forward(self, source: Faces, target: Target) -> Tensor:
        """The maps (B, count, H, W) in [0, 1], of the size, dtype and device of `source.image`."""
        height, width = source.image.shape[-2:]
        sigma = max(scale_stroke(self.sigma, height, width), self.geometry.drawing.spot)
        x, y = (torch.exp(offset.square() / (-2 * sigma**2)) for offset in offsets(target.all_points, height, width))
        dtype = source.image.dtype
        return y.to(dtype).unsqueeze(-1) * x.to(dtype).unsqueeze(-2)
