"""A network for the mouth alone, in coordinates of the lips: teeth begin where the upper lip ends."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.focus import MOUTH
from ptk.generators.unet import UNet

__all__ = ["Mouth", "MouthFrame"]

_COLUMNS, _ROWS = 120, 80
_WIDE, _HIGH = 1.5, 1.0  # of the frame, in widths of the mouth
_ROUND = 1.2  # a mouth is at least as wide as so many of its heights: lips of an open one stay inside
_MARGIN, _FADE = 0.06, 0.06  # beyond the lips that much is repainted, and fades over that much more
_CHART = 11  # channels
_TEXTURE, _TEXTURE_ROWS, _TEXTURE_COLUMNS = 12, 16, 48
_ACROSS, _DOWN = 0.4, 0.3  # of the outer eye distance: what the texture covers to each side, and below the upper lip
_MOST = 4.0  # log2 of how far a motion stretches or squeezes
_AROUND = 5  # pixels: what is that near to squeezed teeth is left alone
_EDGE = 0.015  # how soft lines of lips are drawn, in widths of the mouth
_LEAST = 1.0  # pixels, of a mouth or between eyes: landmarks that are all in one place are no face
_RIGHT_EYE, _LEFT_EYE = 36, 45

# Lines of the lips from the person's right corner to the left, as places in the mouth's 20 landmarks.
_OUTER_UPPER = (0, 1, 2, 3, 4, 5, 6)
_OUTER_LOWER = (0, 11, 10, 9, 8, 7, 6)
_INNER_UPPER = (12, 13, 14, 15, 16)
_INNER_LOWER = (12, 19, 18, 17, 16)
_MIDDLE = 14


@dataclass(frozen=True, eq=False)
class MouthFrame:
    """A rectangle around each mouth of a batch, level with its corners.

    `middle` (B, 2) and `along` (B, 2), the vector of one width of the mouth, are in pixels. In the frame x and y are in
    widths of the mouth from `middle`; `lips` (B, 20, 2) are landmarks 48 to 67 there, and `eyes` (B,) the distance of
    the outer eye corners.
    """

    middle: Tensor
    along: Tensor
    lips: Tensor
    eyes: Tensor

    @classmethod
    def around(cls, points: Tensor, height: int, width: int) -> MouthFrame:
        """The frames of landmarks (B, 68, 2) in [0, 1] of images of that size."""
        places = points.float() * torch.tensor([width, height], dtype=torch.float32, device=points.device)
        lips = places[:, MOUTH]
        across = lips[:, 6] - lips[:, 0]
        wide = across.norm(dim=-1, keepdim=True)
        level = torch.tensor([1.0, 0.0], device=points.device)
        direction = torch.where(wide > _LEAST, across / wide.clamp_min(_LEAST), level)
        turned = _in_frame(lips - lips[:, :1], direction)
        low, high = turned.amin(1), turned.amax(1)
        size = torch.maximum(wide, _ROUND * (high - low)[:, 1:]).clamp_min(_LEAST)
        along = direction * size
        centre = (low + high) / 2 / size
        middle = lips[:, 0] + _from_frame(centre[:, None], along)[:, 0]
        eyes = (places[:, _LEFT_EYE] - places[:, _RIGHT_EYE]).norm(dim=-1)
        return cls(middle, along, turned / size[:, None] - centre[:, None], eyes.clamp_min(_LEAST) / size[:, 0])

    def cut(self, image: Tensor) -> Tensor:
        """What of images (B, C, H, W) is in the frames, (B, C, rows, columns)."""
        x, y = _grid(image)
        places = torch.stack([x.expand(_ROWS, -1), y.expand(-1, _COLUMNS)], dim=-1).reshape(1, -1, 2)
        sides = torch.tensor([image.shape[-1], image.shape[-2]], device=image.device)
        found = (self.middle[:, None] + _from_frame(places, self.along)) / sides * 2 - 1
        return functional.grid_sample(
            image.float(), found.reshape(-1, _ROWS, _COLUMNS, 2), padding_mode="border", align_corners=False
        )

    def pasted(self, part: Tensor, height: int, width: int) -> Tensor:
        """Images (B, C, height, width) that have `part` (B, C, rows, columns) in the frames, and zeros around."""
        x = torch.arange(width, device=part.device) + 0.5
        y = torch.arange(height, device=part.device) + 0.5
        places = torch.stack([x.expand(height, -1), y[:, None].expand(-1, width)], dim=-1).reshape(1, -1, 2)
        size = self.along.square().sum(-1)[:, None, None]
        inside = _in_frame(places - self.middle[:, None], self.along) / size
        found = inside * torch.tensor([2 / _WIDE, 2 / _HIGH], device=part.device)
        return functional.grid_sample(part, found.reshape(-1, height, width, 2), align_corners=False)


class Mouth(UNet):
    """(image under the mouth, motion that made it, target's points) -> what stays of it, paint, and where that counts.

    The image is (B, 3, H, W) in [-1, 1], the motion (B, 2, H, W) in shares of the sides, the points (B, 68, 2) in
    [0, 1]. A U-Net sees a `MouthFrame` of it at 120 x 80 pixels. It is told how far each pixel is above and below the
    four lines of the lips; a texture that is learned, not computed, and hangs from the upper lip, so that teeth are in
    the same place of it in every face; and how far the motion stretched what is there: closed lips as far as an open
    mouth, or teeth not at all. Teeth squeezed into a line are left to others: dots would stay.

    Sources: a network for each part of a face is the local pathway of TP-GAN (Huang et al. 2017); the texture follows
    deferred neural rendering (Thies et al. 2019).
    """

    def __init__(self, width: int) -> None:
        super().__init__(3, _CHART + _TEXTURE + 1, (width, 2 * width, 2 * width), 4)
        self.texture = nn.Parameter(0.1 * torch.randn(1, _TEXTURE, _TEXTURE_ROWS, _TEXTURE_COLUMNS))

    def forward(self, image: Tensor, motion: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(B, 1, H, W) and (B, 3, H, W) in the units of the head, and (B, 1, H, W) in [0, 1]."""
        height, width = image.shape[-2:]
        frame = MouthFrame.around(points, height, width)
        seen = frame.cut(image)
        squeezed = _squeezed(motion)
        textured, stretched = self._textured(frame, seen), frame.cut(squeezed) / _MOST
        told = torch.cat([_chart(frame.lips, seen), textured, stretched], dim=1)
        both = torch.cat([self.predicted(seen, told).float(), _share(frame.lips, seen)], dim=1)
        kept, paint, share = torch.split(frame.pasted(both, height, width), [1, 3, 1], dim=1)
        worst = functional.max_pool2d(squeezed, _AROUND, stride=1, padding=_AROUND // 2)
        return kept, paint, share * (2 - worst).clamp(0, 1)

    def _textured(self, frame: MouthFrame, like: Tensor) -> Tensor:
        x, y = _grid(like)
        below = y - _line(frame.lips[:, _INNER_UPPER], x)
        eyes = frame.eyes[:, None, None]
        across = (x - frame.lips[:, _MIDDLE, :1, None]) / eyes / _ACROSS
        down = below / eyes / _DOWN * 2 - 1
        places = torch.stack([across.expand_as(down), down], dim=-1)
        texture = self.texture.float().expand(len(places), -1, -1, -1)
        return functional.grid_sample(texture, places, padding_mode="border", align_corners=False)


def _chart(lips: Tensor, like: Tensor) -> Tensor:
    """Where each pixel is (B, _CHART, rows, columns): below each line of the lips, far and near; inside; place."""
    x, y = _grid(like)
    lines = [_line(lips[:, places], x) for places in (_OUTER_UPPER, _INNER_UPPER, _INNER_LOWER, _OUTER_LOWER)]
    below = torch.stack([y - line for line in lines], dim=1)
    edges = torch.sigmoid(below / _EDGE)
    inside = edges[:, 1:2] * (1 - edges[:, 2:3]) * _between(lips[:, 12, 0], lips[:, 16, 0], x)[:, None]
    place = torch.stack([x.expand_as(below[:, 0]), y.expand_as(below[:, 0])], dim=1)
    return torch.cat([3 * below, edges, inside, place], dim=1)


def _share(lips: Tensor, like: Tensor) -> Tensor:
    """How much of a pixel is repainted (B, 1, rows, columns): all on the lips and between, nothing away from them."""
    x, y = _grid(like)
    depth = torch.minimum(y - _line(lips[:, _OUTER_UPPER], x), _line(lips[:, _OUTER_LOWER], x) - y)
    aside = torch.minimum(x - lips[:, 0, :1, None], lips[:, 6, :1, None] - x)
    return ((torch.minimum(depth, aside) + _MARGIN + _FADE) / _FADE).clamp(0, 1)[:, None]


def _squeezed(motion: Tensor) -> Tensor:
    """How many rows of the source are in one of the result (B, 1, H, W), as log2 from -4 to 4: above 0 if squeezed."""
    rows = functional.pad(motion[:, 1:].float().diff(dim=-2), (0, 0, 0, 1), mode="replicate") * motion.shape[-2]
    return (1 + rows).clamp(2**-_MOST, 2**_MOST).log2()


def _between(first: Tensor, last: Tensor, x: Tensor) -> Tensor:
    return torch.sigmoid((x - first[:, None, None]) / _EDGE) * torch.sigmoid((last[:, None, None] - x) / _EDGE)


def _line(knots: Tensor, x: Tensor) -> Tensor:
    """y (B, 1, columns) at each `x` (1, columns) of the line through `knots` (B, N, 2) from left to right.

    Beyond the ends it goes on level. Where a knot is left of the one before, the line jumps.
    """
    start, step = knots[:, :-1, None], knots.diff(dim=1)[:, :, None]
    share = ((x - start[..., 0]) / step[..., 0].clamp_min(1e-3)).clamp(0, 1)
    return knots[:, :1, 1:] + (step[..., 1] * share).sum(1, keepdim=True)


def _grid(like: Tensor) -> tuple[Tensor, Tensor]:
    """x (1, columns) and y (rows, 1) of the frame's pixels."""
    x = (torch.arange(_COLUMNS, device=like.device) + 0.5) / _COLUMNS - 0.5
    y = (torch.arange(_ROWS, device=like.device) + 0.5) / _ROWS - 0.5
    return _WIDE * x[None], _HIGH * y[:, None]


def _in_frame(offsets: Tensor, along: Tensor) -> Tensor:
    """Offsets (B, N, 2) as seen by one whose x axis is `along` (B, 2), times its length."""
    x, y = along[:, None, 0], along[:, None, 1]
    return torch.stack([offsets[..., 0] * x + offsets[..., 1] * y, offsets[..., 1] * x - offsets[..., 0] * y], dim=-1)


def _from_frame(places: Tensor, along: Tensor) -> Tensor:
    """The way back of `_in_frame`: places (B or 1, N, 2) in lengths of `along` (B, 2) -> offsets (B, N, 2)."""
    x, y = along[:, None, 0], along[:, None, 1]
    return torch.stack([places[..., 0] * x - places[..., 1] * y, places[..., 0] * y + places[..., 1] * x], dim=-1)
