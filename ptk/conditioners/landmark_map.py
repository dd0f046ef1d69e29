"""Landmarks in one channel: the map that PortraitGAN's generator is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

import torch
from torch import Tensor, nn

from ptk.faces.drawing.spots import draw_spots
from ptk.motion.face_geometry import CURRENT, FaceGeometry

if TYPE_CHECKING:
    from ptk.types import Faces, Target

__all__ = ["LandmarkMap"]


class LandmarkMap(nn.Module):
    """Each of the target's landmarks as a Gaussian spot of height 1, (B, 1, H, W); where spots meet the higher counts.

    `sigma` is in pixels of a 256 px image and grows with the image; it never falls below 0.7 pixels.
    Points outside the crop fall out. `of` says whose: the target's as in the paper, or those of "both", the source's in
    a first channel and the target's in a second. Source: PortraitGAN (Duan, Guo, Kuo 2020), one landmark channel; how
    the points are drawn is not stated there.
    """

    needs_landmarks = True

    def __init__(
        self, sigma: float = 1.5, of: Literal["target", "both"] = "target", *, geometry: FaceGeometry = CURRENT
    ) -> None:
        super().__init__()
        if sigma <= 0:
            raise ValueError(f"sigma must be above 0, not {sigma}")
        self.sigma, self.geometry = sigma, geometry
        self.of = of
        self.channels = 2 if of == "both" else 1

    def forward(self, source: Faces, target: Target) -> Tensor:
        """The map (B, 1, H, W) in [0, 1], or two of them, of the size, dtype and device of `source.image`."""
        drawn = [self._draw(points, source.image) for points in self._points(source, target)]
        return drawn[0] if len(drawn) == 1 else torch.cat(drawn, dim=1)

    def _points(self, source: Faces, target: Target) -> list[Tensor]:
        return [source.all_points, target.all_points] if self.of == "both" else [target.all_points]

    def _draw(self, points: Tensor, image: Tensor) -> Tensor:
        spots = draw_spots(points, image.shape[-2], image.shape[-1], self.sigma, self.geometry.drawing)
        return cast("Tensor", spots).to(image.dtype)
