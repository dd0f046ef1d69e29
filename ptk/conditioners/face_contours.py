"""Landmarks joined as lines: jaw, brows, nose, eyes and lips as a drawing."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ptk.faces.drawing.spots import offsets, scale_stroke
from ptk.faces.topologies import IBUG68, Topology
from ptk.motion.face_geometry import CURRENT, FaceGeometry

if TYPE_CHECKING:
    from ptk.types import Faces, Target

__all__ = ["FaceContours"]


class FaceContours(nn.Module):
    """The target's contours as antialiased lines of height 1, (B, 1, H, W).

    `width` of a line is in pixels of a 256 px image and grows with the image; it never falls below one pixel.
    What lies outside the crop is not drawn. Source: the face sketches of "Video-to-Video Synthesis" (Wang et al. 2018).
    """

    channels = 1
    needs_landmarks = True

    def __init__(self, width: float = 1.5, *, geometry: FaceGeometry = CURRENT, topology: Topology = IBUG68) -> None:
        super().__init__()
        if width <= 0:
            raise ValueError(f"width must be above 0, not {width}")
        self.width, self.geometry = width, geometry
        self.segments = tuple(pair for contour in topology.contours for pair in pairwise(contour))

    def forward(self, source: Faces, target: Target) -> Tensor:
        """The drawing (B, 1, H, W) in [0, 1], of the size, dtype and device of `source.image`."""
        height, width = source.image.shape[-2:]
        x, y = offsets(target.all_points, height, width)
        nearest = torch.full((x.shape[0], height, width), torch.inf, device=x.device, dtype=x.dtype)
        # Segment by segment with a running minimum: all at once would be 60 maps an image.
        for start, end in self.segments:
            nearest = torch.minimum(nearest, _squared_distance(x, y, start, end))
        # The square root has no slope at 0; the floor keeps gradients to the points finite there.
        distance = nearest.clamp_min(1e-12).sqrt()
        half = max(scale_stroke(self.width, height, width), self.geometry.drawing.line) / 2
        return (half + 0.5 - distance).clamp(0, 1).unsqueeze(1).to(source.image.dtype)


def _squared_distance(x: Tensor, y: Tensor, start: int, end: int) -> Tensor:
    """Squared distance (B, H, W) of each pixel centre to the segment between two points, from their offsets."""
    from_x, from_y = x[:, start], y[:, start]
    along_x = (from_x - x[:, end])[:, :1]
    along_y = (from_y - y[:, end])[:, :1]
    length = (along_x.square() + along_y.square()).clamp_min(1e-12)
    share = (from_x * along_x / length)[:, None, :] + (from_y * along_y / length)[:, :, None]
    share = share.clamp(0, 1)
    gap_x = torch.addcmul(from_x[:, None, :], share, along_x[:, :, None], value=-1)
    gap_y = torch.addcmul(from_y[:, :, None], share, along_y[:, :, None], value=-1)
    return gap_x.square_().addcmul_(gap_y, gap_y)
