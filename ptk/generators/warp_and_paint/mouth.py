"""The network for the mouth, in coordinates of the lips: teeth begin where the upper lip ends."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.faces.topology import (
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
    UPPER_LIP_MIDDLE,
    in_mouth,
)
from ptk.generators.warp_and_paint.unet import UNet
from ptk.motion.curves import line
from ptk.motion.face_geometry import FaceGeometry
from ptk.motion.mouth_cut import cut_mouth, mouth_grid, paste_mouth
from ptk.motion.mouth_frame import LEFT, RIGHT, MouthFrame

__all__ = ["Mouth"]

_CHART = 11  # channels
_TEXTURE, _TEXTURE_ROWS, _TEXTURE_COLUMNS = 12, 16, 48

# In a frame's `lips`:
_OUTER_UPPER, _OUTER_LOWER = in_mouth(OUTER_UPPER_LIP), in_mouth(OUTER_LOWER_LIP)
_INNER_UPPER, _INNER_LOWER = in_mouth(INNER_UPPER_LIP), in_mouth(INNER_LOWER_LIP)
_MIDDLE = in_mouth([UPPER_LIP_MIDDLE])[0]


class Mouth(UNet):
    """(warped image, its flow, target's points) -> visibility logits, residual, and mask.

    The image is (B, 3, H, W) in [-1, 1], the flow (B, 2, H, W) in shares of the sides, the points (B, 68, 2) in [0, 1].
    A U-Net sees a `MouthFrame` of it at 120 x 80 pixels (those of `geometry`), conditioned on each pixel's distances to
    the four lines of the lips; on a learned texture that hangs from the upper lip, so that teeth are in the same place
    of it in every face; and on how far the flow stretched the image there: closed lips as far as an open mouth, or
    teeth not at all.

    Sources: a network for each part of a face is the local pathway of TP-GAN (Huang et al. 2017); the texture follows
    deferred neural rendering (Thies et al. 2019).
    """

    def __init__(self, width: int, geometry: FaceGeometry) -> None:
        super().__init__(3, _CHART + _TEXTURE + 1, (width, 2 * width, 2 * width), 4)
        self.geometry = geometry
        self.texture = nn.Parameter(0.1 * torch.randn(1, _TEXTURE, _TEXTURE_ROWS, _TEXTURE_COLUMNS))

    def forward(self, image: Tensor, flow: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Predict (B, 1, H, W) and (B, 3, H, W) in the units of the head, and the mask (B, 1, H, W) in [0, 1]."""
        height, width = image.shape[-2:]
        frame = MouthFrame.around(points.float(), height, width, self.geometry).narrowed()
        return self.predict_mouth(image, flow[:, 1:].float() * height, frame)

    def predict_mouth(self, image: Tensor, rows: Tensor, frame: MouthFrame) -> tuple[Tensor, Tensor, Tensor]:
        """Predict as `forward` does, in a frame in pixels of `image`; `rows` (B, 1, H, W) is the flow down."""
        seen = cut_mouth(frame, image)
        most = self.geometry.mouth_network.stretch
        texture, stretch = self._place_texture(frame, seen), cut_mouth(frame, _stretch(rows, most)) / most
        planes = torch.cat([_chart(frame, seen), texture, stretch], dim=1)
        both = torch.cat([self.predict(seen, planes).float(), _mask(frame, seen)], dim=1)
        logits, residual, mask = torch.split(paste_mouth(frame, both, *image.shape[-2:]), [1, 3, 1], dim=1)
        return logits, residual, mask

    def _place_texture(self, frame: MouthFrame, like: Tensor) -> Tensor:
        by = self.geometry.mouth_network
        x, y = mouth_grid(like, self.geometry.mouth_frame)
        below = y - line(frame.lips[:, _INNER_UPPER], x, self.geometry.curves)[:, None]
        eyes = frame.eyes[:, None, None]
        across = (x - frame.lips[:, _MIDDLE, :1, None]) / eyes / by.across
        down = below / eyes / by.down * 2 - 1
        places = torch.stack([across.expand_as(down), down], dim=-1)
        texture = self.texture.float().expand(len(places), -1, -1, -1)
        return functional.grid_sample(texture, places, padding_mode="border", align_corners=False)


def _chart(frame: MouthFrame, like: Tensor) -> Tensor:
    """Chart each pixel (B, _CHART, rows, columns): distances to the lips' lines, far and near; inside; place."""
    lips, by, curves = frame.lips, frame.geometry.mouth_network, frame.geometry.curves
    x, y = mouth_grid(like, frame.geometry.mouth_frame)
    order = (_OUTER_UPPER, _INNER_UPPER, _INNER_LOWER, _OUTER_LOWER)
    lines = [line(lips[:, places], x, curves)[:, None] for places in order]
    below = torch.stack([y - line for line in lines], dim=1)
    edges = torch.sigmoid(below / by.edge)
    first, last = (lips[:, place, 0] for place in (_INNER_UPPER[0], _INNER_UPPER[-1]))
    across = torch.sigmoid((x - first[:, None, None]) / by.edge) * torch.sigmoid((last[:, None, None] - x) / by.edge)
    inside = edges[:, 1:2] * (1 - edges[:, 2:3]) * across[:, None]
    place = torch.stack([x.expand_as(below[:, 0]), y.expand_as(below[:, 0])], dim=1)
    return torch.cat([by.distance * below, edges, inside, place], dim=1)


def _mask(frame: MouthFrame, like: Tensor) -> Tensor:
    """Mask what is repainted, (B, 1, rows, columns): 1 on the lips and between, 0 away from them."""
    lips, by = frame.lips, frame.geometry.mouth_network
    x, y = mouth_grid(like, frame.geometry.mouth_frame)
    upper, lower = (line(lips[:, places], x, frame.geometry.curves)[:, None] for places in (_OUTER_UPPER, _OUTER_LOWER))
    depth = torch.minimum(y - upper, lower - y)
    aside = torch.minimum(x - lips[:, RIGHT, :1, None], lips[:, LEFT, :1, None] - x)
    return ((torch.minimum(depth, aside) + by.margin + by.fade) / by.fade).clamp(0, 1)[:, None]


def _stretch(rows: Tensor, most: float) -> Tensor:
    """Count rows of the source in one of the result (B, 1, H, W), as log2 from -most to most: above 0 if squeezed."""
    steps = rows.diff(dim=-2)
    return (1 + torch.cat([steps, steps[..., -1:, :]], dim=-2)).clamp(2**-most, 2**most).log2()
