"""Coordinates of the lips: a rectangle around each mouth, level with its corners, and the lines of the lips in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

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

    `middle` (B, 2) and the frame's units to the right and downwards, `along` and `down` (B, 2), are in pixels: one
    width of the mouth, but for `squeezed` frames. In the frame x and y are in these units from `middle`; `lips`
    (B, 20, 2) are landmarks 48 to 67 there, and `eyes` (B,) the distance of the outer eye corners.
    """

    middle: Tensor
    along: Tensor
    down: Tensor
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
        turned = _along(lips - lips[:, :1], direction, _below(direction))
        low, high = turned.amin(1), turned.amax(1)
        size = torch.maximum(wide, _ROUND * (high - low)[:, 1:]).clamp_min(_LEAST)
        along = direction * size
        centre = (low + high) / 2 / size
        middle = lips[:, 0] + centre[:, :1] * along + centre[:, 1:] * _below(along)
        eyes = (places[:, _LEFT_EYE] - places[:, _RIGHT_EYE]).norm(dim=-1)
        turned = turned / size[:, None] - centre[:, None]
        return cls(middle, along, _below(along), turned, eyes.clamp_min(_LEAST) / size[:, 0])

    def squeezed(self, by: Tensor) -> MouthFrame:
        """The frames in which mouths are `by` (B,) times less tall."""
        lips = torch.stack([self.lips[..., 0], self.lips[..., 1] / by[:, None]], dim=-1)
        return replace(self, down=self.down * by[:, None], lips=lips)

    def wider_than(self, other: MouthFrame) -> Tensor:
        """How many times as wide as `other`'s mouth this one is, in pixels of the picture, (B, 1)."""
        # A root of a quotient, and not a quotient of roots: that OpenVINO's compiler (2026.4) takes for a loop.
        mine, others = (frame.along.square().sum(-1, keepdim=True) for frame in (self, other))
        return (mine / others).sqrt()

    def inside(self, places: Tensor) -> Tensor:
        """Places (B or 1, N, 2) of the picture, in pixels -> (B, N, 2) in the frame."""
        return _along(places - self.middle[:, None], *self._shares())

    def everywhere(self, height: int, width: int) -> Tensor:
        """Where all pixels of a picture of that size are in the frame, (B, height * width, 2)."""
        x = (torch.arange(width, device=self.middle.device) + 0.5 - self.middle[:, :1])[:, None]
        y = (torch.arange(height, device=self.middle.device) + 0.5 - self.middle[:, 1:])[:, :, None]
        found = [x * axis[:, 0, None, None] + y * axis[:, 1, None, None] for axis in self._shares()]
        return torch.stack(found, dim=-1).flatten(1, 2)

    def outside(self, places: Tensor) -> Tensor:
        """Places (B or 1, N, 2) in the frame -> (B, N, 2) of the picture, in pixels."""
        return self.middle[:, None] + places[..., :1] * self.along[:, None] + places[..., 1:] * self.down[:, None]

    def _shares(self) -> tuple[Tensor, Tensor]:
        """What offsets in pixels are multiplied with (B, 2) to tell how far they go along each axis of the frame."""
        along, down = (axis / axis.square().sum(-1, keepdim=True) for axis in (self.along, self.down))
        return along, down

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
    """y (B, L, N) at each `x` (B, N) of L lines as `line` draws them, through `knots` (B, L, K, 2), but round.

    Cubic between knots, with the slope at each of the line through its two neighbours.

    Source: Catmull and Rom, "A class of local interpolating splines" (1974).
    """
    step = knots.diff(dim=2)
    wide, rise = step[..., 0].clamp_min(_NARROW), step[..., 1]
    ends = torch.cat([step[:, :, :1], knots[:, :, 2:] - knots[:, :, :-2], step[:, :, -1:]], dim=2)
    slope = (ends[..., 1] / ends[..., 0].clamp_min(_NARROW)).clamp(-_STEEP, _STEEP)
    before, after = wide * slope[..., :-1], wide * slope[..., 1:]
    # What each piece adds is t (before + t (second + t third)): few operations, for there are as many as pieces.
    second, third = 3 * rise - 2 * before - after, before + after - 2 * rise
    pieces = zip(
        *(torch.split(each, 1, dim=-1) for each in (knots[:, :, :-1, 0], wide, before, second, third)), strict=True
    )
    found = knots[:, :, :1, 1].expand(-1, -1, x.shape[-1])
    for start, width, first, two, three in pieces:
        t = ((x[:, None] - start) / width).clamp(0, 1)
        found = found + t * (first + t * (two + t * three))
    return found


def grid(like: Tensor) -> tuple[Tensor, Tensor]:
    """x (1, columns) and y (rows, 1) of the frame's pixels."""
    x = (torch.arange(COLUMNS, device=like.device) + 0.5) / COLUMNS - 0.5
    y = (torch.arange(ROWS, device=like.device) + 0.5) / ROWS - 0.5
    return _WIDE * x[None], _HIGH * y[:, None]


def _below(along: Tensor) -> Tensor:
    """What `along` (B, 2) is, turned from right to down."""
    return torch.stack([-along[:, 1], along[:, 0]], dim=-1)


def _along(offsets: Tensor, along: Tensor, down: Tensor) -> Tensor:
    """The scalar products of offsets (B, N, 2) with `along` and with `down` (B, 2), (B, N, 2)."""
    return torch.stack([(offsets * axis[:, None]).sum(-1) for axis in (along, down)], dim=-1)
