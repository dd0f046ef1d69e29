"""The conditioner: a plane that is bright where a beard grows on the target face."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from ptk_beard.chart import PATCHES

if TYPE_CHECKING:
    import ptk

__all__ = ["BeardRegion"]

_SPOTS = ((6, 12), (6, 8))
"""How finely each patch is sampled, in spots a step of s and rows of t: closer together than a spot is wide."""

_SPOT = 0.08
"""The standard deviation of a spot as a share of the face's size."""

_SMALLEST_SIGMA = 0.7
"""In pixels: narrower spots would fall between the pixels."""


class BeardRegion(nn.Module):
    """How thickly a beard grows at each pixel of the target face, (B, 1, H, W) in [0, 1]: 1 on chin and jaw, 0 on lips.

    It is the density by which the domain `beard` roots its hairs, carried from the chart to the picture by a change of
    variables, sum_k density_k |J_k| G(x - x_k) with Gaussian spots G, so that a stretched cheek is as bright as a
    compressed one. `softness` widens the spots. Gradients reach the points; whether there is a beard at all, the
    target's domain says.
    """

    channels = 1
    needs_landmarks = True
    places: Tensor
    along: Tensor
    across: Tensor
    share: Tensor

    def __init__(self, softness: float = 1.0) -> None:
        super().__init__()
        if not 0 < softness <= 10:
            raise ValueError(f"softness must be above 0 and at most 10, not {softness}")
        self.softness = softness
        grids = [patch.grid(*fineness) for patch, fineness in zip(PATCHES, _SPOTS, strict=True)]
        tables = {
            "places": np.concatenate([spots.weights for spots in grids]),
            "along": np.concatenate([spots.along for spots in grids]),
            "across": np.concatenate([spots.across for spots in grids]),
            "share": np.concatenate([spots.density * spots.cell for spots in grids]),
        }
        for name, table in tables.items():
            # Made again whenever the part is built: no business of a weights file.
            self.register_buffer(name, torch.tensor(table, dtype=torch.float32), persistent=False)

    def forward(self, source: ptk.Faces, target: ptk.Target) -> Tensor:
        """The plane, of the size, dtype and device of `source.image`, for the points of `target`."""
        height, width = source.image.shape[-2:]
        points = target.points.float() * target.points.new_tensor([width, height], dtype=torch.float32)
        places, along, across = (_carried(table, points) for table in (self.places, self.along, self.across))
        area = (along[..., 0] * across[..., 1] - along[..., 1] * across[..., 0]).abs()
        spread = (points - points.mean(1, keepdim=True)).square().sum(-1).mean(1)
        sigma = (self.softness * _SPOT * spread.clamp_min(1e-6).sqrt()).clamp_min(_SMALLEST_SIGMA)[:, None]
        # Gaussians are products of a row and a column, so their sum is a product of two matrices.
        columns, rows = (_bells(places[..., axis, None], sigma, side) for axis, side in ((0, width), (1, height)))
        weight = self.share * area / (2 * math.pi * sigma.square())
        plane = rows.transpose(1, 2) @ (weight[..., None] * columns)
        return plane.clamp(max=1).unsqueeze(1).to(source.image.dtype)


def _carried(table: Tensor, points: Tensor) -> Tensor:
    """`table` (K, 68) of every row of `points` (B, 68, 2): (B, K, 2).

    Not as a matrix product: that would be rounded under autocast or TF32, to more than a pixel of a large image.
    """
    return (table[:, :, None] * points[:, None]).sum(2)


def _bells(places: Tensor, sigma: Tensor, side: int) -> Tensor:
    """Gaussians of height 1 around `places` (B, K, 1) in pixels, at the centres of `side` pixels: (B, K, side)."""
    centres = torch.arange(side, device=places.device) + 0.5
    return torch.exp((centres - places).square() / (-2 * sigma.square()[..., None]))
