"""Coordinates of the lips: a rectangle around each mouth, level with its corners, and the lines of the lips in it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from ptk.focus import MOUTH

__all__ = ["COLUMNS", "ROWS", "MouthFrame", "curve", "grid", "line"]

COLUMNS, ROWS = 120, 80
_WIDE, _HIGH = 1.5, 1.0  # of the frame, in widths of the mouth
_ROUND = 1.2  # a mouth is at least as wide as so many of its heights: lips of an open one stay inside
_LEAST = 1.0  # pixels, of a mouth or between eyes: landmarks that are all in one place are no face
_NARROW, _STEEP = 1e-3, 3.0  # in widths of the mouth, and of slopes: points are not exact
_RIGHT_EYE, _LEFT_EYE = 36, 45


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

    def wider_than(self, other: MouthFrame) -> Tensor:
        """How many times as wide as `other`'s mouth this one is, in pixels of the picture, (B, 1)."""
        # A root of a quotient, and not a quotient of roots: that OpenVINO's compiler (2026.4) takes for a loop.
        mine, others = (frame.along.square().sum(-1, keepdim=True) for frame in (self, other))
        return (mine / others).sqrt()

    def inside(self, places: Tensor) -> Tensor:
        """Places (B or 1, N, 2) of the picture, in pixels -> (B, N, 2) in the frame."""
        return _in_frame(places - self.middle[:, None], self.along) / self.along.square().sum(-1)[:, None, None]

    def everywhere(self, height: int, width: int) -> Tensor:
        """Where all pixels of a picture of that size are in the frame, (B, height * width, 2)."""
        x = (torch.arange(width, device=self.middle.device) + 0.5 - self.middle[:, :1])[:, None]
        y = (torch.arange(height, device=self.middle.device) + 0.5 - self.middle[:, 1:])[:, :, None]
        along = self.along[:, :, None, None]
        found = torch.stack([x * along[:, 0] + y * along[:, 1], y * along[:, 0] - x * along[:, 1]], dim=-1)
        return found.flatten(1, 2) / self.along.square().sum(-1)[:, None, None]

    def outside(self, places: Tensor) -> Tensor:
        """Places (B or 1, N, 2) in the frame -> (B, N, 2) of the picture, in pixels."""
        return self.middle[:, None] + _from_frame(places, self.along)

    def cut(self, image: Tensor) -> Tensor:
        """What of images (B, C, H, W) is in the frames, (B, C, rows, columns)."""
        x, y = grid(image)
        places = torch.stack([x.expand(ROWS, -1), y.expand(-1, COLUMNS)], dim=-1).reshape(1, -1, 2)
        sides = torch.tensor([image.shape[-1], image.shape[-2]], device=image.device)
        found = self.outside(places) / sides * 2 - 1
        return functional.grid_sample(
            image.float(), found.reshape(-1, ROWS, COLUMNS, 2), padding_mode="border", align_corners=False
        )

    def pasted(self, part: Tensor, height: int, width: int) -> Tensor:
        """Images (B, C, height, width) that have `part` (B, C, rows, columns) in the frames, and zeros around."""
        found = self.everywhere(height, width) * torch.tensor([2 / _WIDE, 2 / _HIGH], device=part.device)
        return functional.grid_sample(part, found.reshape(-1, height, width, 2), align_corners=False)


def line(knots: Tensor, x: Tensor) -> Tensor:
    """y (B, N) at each `x` (B or 1, N) of the line through `knots` (B, K, 2) from left to right.

    Beyond the ends it goes on level. Where a knot is left of the one before, the line jumps.
    """
    start, step = knots[:, :-1], knots.diff(dim=1)
    found = knots[:, :1, 1].expand(-1, x.shape[-1])
    for index in range(start.shape[1]):
        share = (x - start[:, index, :1]) / step[:, index, :1].clamp_min(_NARROW)
        found = found + step[:, index, 1:] * share.clamp(0, 1)
    return found


def curve(knots: Tensor, x: Tensor) -> Tensor:
    """As `line`, but round: cubic between knots, with the slope at each of the line through its two neighbours.

    Source: Catmull and Rom, "A class of local interpolating splines" (1974).
    """
    step = knots.diff(dim=1)
    wide = step[..., 0].clamp_min(_NARROW)
    ends = torch.cat([step[:, :1], knots[:, 2:] - knots[:, :-2], step[:, -1:]], dim=1)
    slope = (ends[..., 1] / ends[..., 0].clamp_min(_NARROW)).clamp(-_STEEP, _STEEP)
    found = knots[:, :1, 1].expand(-1, x.shape[-1])
    for index in range(step.shape[1]):
        t = ((x - knots[:, index, :1]) / wide[:, index : index + 1]).clamp(0, 1)
        before, after = (wide[:, index] * slope[:, index + one] for one in (0, 1))
        bent = t * (1 - t) * ((1 - t) * before[:, None] - t * after[:, None])
        found = found + step[:, index, 1:] * t * t * (3 - 2 * t) + bent
    return found


def grid(like: Tensor) -> tuple[Tensor, Tensor]:
    """x (1, columns) and y (rows, 1) of the frame's pixels."""
    x = (torch.arange(COLUMNS, device=like.device) + 0.5) / COLUMNS - 0.5
    y = (torch.arange(ROWS, device=like.device) + 0.5) / ROWS - 0.5
    return _WIDE * x[None], _HIGH * y[:, None]


def _in_frame(offsets: Tensor, along: Tensor) -> Tensor:
    """Offsets (B, N, 2) as seen by one whose x axis is `along` (B, 2), times its length."""
    x, y = along[:, None, 0], along[:, None, 1]
    return torch.stack([offsets[..., 0] * x + offsets[..., 1] * y, offsets[..., 1] * x - offsets[..., 0] * y], dim=-1)


def _from_frame(places: Tensor, along: Tensor) -> Tensor:
    """The way back of `_in_frame`: places (B or 1, N, 2) in lengths of `along` (B, 2) -> offsets (B, N, 2)."""
    x, y = along[:, None, 0], along[:, None, 1]
    return torch.stack([places[..., 0] * x - places[..., 1] * y, places[..., 0] * y + places[..., 1] * x], dim=-1)
