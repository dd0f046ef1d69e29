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
from ptk.motion.mouth_cut import cut_mouth, mouth_grid, paste_mouth
from ptk.motion.mouth_frame import LEFT, RIGHT, MouthFrame

__all__ = ["Mouth"]

_MARGIN, _FADE = 0.06, 0.06  # beyond the lips that much is repainted, and fades over that much more
_CHART = 11  # channels
_TEXTURE, _TEXTURE_ROWS, _TEXTURE_COLUMNS = 12, 16, 48
_ACROSS, _DOWN = 0.4, 0.3  # of the outer eye distance: what the texture covers to each side, and below the upper lip
_MOST = 4.0  # log2 of how far a flow stretches or squeezes
_EDGE = 0.015  # how soft lines of lips are drawn, in widths of the mouth

# In a frame's `lips`:
_OUTER_UPPER, _OUTER_LOWER = in_mouth(OUTER_UPPER_LIP), in_mouth(OUTER_LOWER_LIP)
_INNER_UPPER, _INNER_LOWER = in_mouth(INNER_UPPER_LIP), in_mouth(INNER_LOWER_LIP)
_MIDDLE = in_mouth([UPPER_LIP_MIDDLE])[0]


class Mouth(UNet):
    """(warped image, its flow, target's points) -> visibility logits, residual, and mask.

    The image is (B, 3, H, W) in [-1, 1], the flow (B, 2, H, W) in shares of the sides, the points (B, 68, 2) in [0, 1].
    A U-Net sees a `MouthFrame` of it at 120 x 80 pixels, conditioned on each pixel's distances to the four lines of the
    lips; on a learned texture that hangs from the upper lip, so that teeth are in the same place of it in every face;
    and on how far the flow stretched the image there: closed lips as far as an open mouth, or teeth not at all.

    Sources: a network for each part of a face is the local pathway of TP-GAN (Huang et al. 2017); the texture follows
    deferred neural rendering (Thies et al. 2019).
    """

    def __init__(self, width: int) -> None:
        super().__init__(3, _CHART + _TEXTURE + 1, (width, 2 * width, 2 * width), 4)
        self.texture = nn.Parameter(0.1 * torch.randn(1, _TEXTURE, _TEXTURE_ROWS, _TEXTURE_COLUMNS))

    def forward(self, image: Tensor, flow: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Predict (B, 1, H, W) and (B, 3, H, W) in the units of the head, and the mask (B, 1, H, W) in [0, 1]."""
        height, width = image.shape[-2:]
        frame = MouthFrame.around(points.float(), height, width).narrowed()
        return self.predict_mouth(image, flow[:, 1:].float() * height, frame)

    def predict_mouth(self, image: Tensor, rows: Tensor, frame: MouthFrame) -> tuple[Tensor, Tensor, Tensor]:
        """Predict as `forward` does, in a frame in pixels of `image`; `rows` (B, 1, H, W) is the flow down."""
        seen = cut_mouth(frame, image)
        texture, stretch = self._place_texture(frame, seen), cut_mouth(frame, _stretch(rows)) / _MOST
        planes = torch.cat([_chart(frame.lips, seen), texture, stretch], dim=1)
        both = torch.cat([self.predict(seen, planes).float(), _mask(frame.lips, seen)], dim=1)
        logits, residual, mask = torch.split(paste_mouth(frame, both, *image.shape[-2:]), [1, 3, 1], dim=1)
        return logits, residual, mask

    def _place_texture(self, frame: MouthFrame, like: Tensor) -> Tensor:
        x, y = mouth_grid(like)
        below = y - line(frame.lips[:, _INNER_UPPER], x)[:, None]
        eyes = frame.eyes[:, None, None]
        across = (x - frame.lips[:, _MIDDLE, :1, None]) / eyes / _ACROSS
        down = below / eyes / _DOWN * 2 - 1
        places = torch.stack([across.expand_as(down), down], dim=-1)
        texture = self.texture.float().expand(len(places), -1, -1, -1)
        return functional.grid_sample(texture, places, padding_mode="border", align_corners=False)


def _chart(lips: Tensor, like: Tensor) -> Tensor:
    """Chart each pixel (B, _CHART, rows, columns): distances to the lips' lines, far and near; inside; place."""
    x, y = mouth_grid(like)
    lines = [line(lips[:, places], x)[:, None] for places in (_OUTER_UPPER, _INNER_UPPER, _INNER_LOWER, _OUTER_LOWER)]
    below = torch.stack([y - line for line in lines], dim=1)
    edges = torch.sigmoid(below / _EDGE)
    first, last = (lips[:, place, 0] for place in (_INNER_UPPER[0], _INNER_UPPER[-1]))
    inside = edges[:, 1:2] * (1 - edges[:, 2:3]) * _between(first, last, x)[:, None]
    place = torch.stack([x.expand_as(below[:, 0]), y.expand_as(below[:, 0])], dim=1)
    return torch.cat([3 * below, edges, inside, place], dim=1)


def _mask(lips: Tensor, like: Tensor) -> Tensor:
    """Mask what is repainted, (B, 1, rows, columns): 1 on the lips and between, 0 away from them."""
    x, y = mouth_grid(like)
    depth = torch.minimum(y - line(lips[:, _OUTER_UPPER], x)[:, None], line(lips[:, _OUTER_LOWER], x)[:, None] - y)
    aside = torch.minimum(x - lips[:, RIGHT, :1, None], lips[:, LEFT, :1, None] - x)
    return ((torch.minimum(depth, aside) + _MARGIN + _FADE) / _FADE).clamp(0, 1)[:, None]


def _stretch(rows: Tensor) -> Tensor:
    """Count rows of the source in one of the result (B, 1, H, W), as log2 from -4 to 4: above 0 if squeezed."""
    steps = rows.diff(dim=-2)
    return (1 + torch.cat([steps, steps[..., -1:, :]], dim=-2)).clamp(2**-_MOST, 2**_MOST).log2()


def _between(first: Tensor, last: Tensor, x: Tensor) -> Tensor:
    return torch.sigmoid((x - first[:, None, None]) / _EDGE) * torch.sigmoid((last[:, None, None] - x) / _EDGE)
