"""Coordinates of a part of a face, level with its corners, and lines through landmarks in them."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Frame", "below", "curve", "line", "products", "sampling_grid", "shifted"]

_LEAST = 1.0  # pixels between corners: landmarks that are all in one place are no face
_NARROW, _STEEP = 1e-3, 3.0  # in units of the frame, and of slopes: points are not exact


@dataclass(frozen=True, eq=False)
class Frame:
    """Coordinates in each picture of a batch: `middle` (B, 2), and units to the right and downwards, in pixels (B, 2).

    In the frame a place is x times `along` and y times `down` from `middle`.
    """

    middle: Tensor
    along: Tensor
    down: Tensor

    @classmethod
    def between(cls, left: Tensor, right: Tensor) -> Frame:
        """The frame around the middle of two places (B, 2) in pixels; its unit is their distance, at least a pixel."""
        across = right - left
        wide = across.norm(dim=-1, keepdim=True)
        level = torch.tensor([_LEAST, 0.0], device=left.device)
        along = torch.where(wide > _LEAST, across, level)
        return cls((left + right) / 2, along, below(along))

    def inside(self, places: Tensor) -> Tensor:
        """Places (B or 1, N, 2) of the picture, in pixels -> (B, N, 2) in the frame."""
        return products(places - self.middle[:, None], *self._shares())

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


def below(along: Tensor) -> Tensor:
    """What `along` (B, 2) is, turned from right to down."""
    return torch.stack([-along[:, 1], along[:, 0]], dim=-1)


def products(offsets: Tensor, along: Tensor, down: Tensor) -> Tensor:
    """The scalar products of offsets (B, N, 2) with `along` and with `down` (B, 2), (B, N, 2)."""
    return torch.stack([(offsets * axis[:, None]).sum(-1) for axis in (along, down)], dim=-1)


def sampling_grid(motion: Tensor) -> Tensor:
    """Where each pixel comes from (B, H * W, 2), in pixels, by a motion (B, 2, H, W) in shares of the sides."""
    height, width = motion.shape[-2:]
    x = torch.arange(width, device=motion.device) + 0.5
    y = torch.arange(height, device=motion.device) + 0.5
    return torch.stack([motion[:, 0] * width + x, motion[:, 1] * height + y[:, None]], dim=-1).flatten(1, 2)


def shifted(motion: Tensor, change: Tensor) -> Tensor:
    """`motion` (B, 2, H, W), in shares of the sides, with pixels from `change` (B, H * W, 2), in pixels, further on."""
    height, width = motion.shape[-2:]
    sides = torch.tensor([width, height], dtype=torch.float32, device=motion.device)
    return motion + (change / sides).transpose(1, 2).reshape(-1, 2, height, width)


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
