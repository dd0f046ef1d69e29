"""Coordinates of the lips: a rectangle around each mouth, level with its corners."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from ptk.focus import MOUTH
from ptk.frame import Frame, below, products

__all__ = ["COLUMNS", "ROWS", "MouthFrame", "grid"]

COLUMNS, ROWS = 120, 80
_WIDE, _HIGH = 1.5, 1.0  # of the frame, in widths of the mouth
_ROUND = 1.2  # a mouth is at least as wide as so many of its heights: lips of an open one stay inside
_LEAST = 1.0  # pixels, of a mouth or between eyes: landmarks that are all in one place are no face
_RIGHT_EYE, _LEFT_EYE = 36, 45


@dataclass(frozen=True, eq=False)
class MouthFrame(Frame):
    """A rectangle around each mouth of a batch, level with its corners.

    `middle` (B, 2) and the frame's units to the right and downwards, `along` and `down` (B, 2), are in pixels: one
    width of the mouth, but for `squeezed` frames. In the frame x and y are in these units from `middle`; `lips`
    (B, 20, 2) are landmarks 48 to 67 there, and `eyes` (B,) the distance of the outer eye corners.
    """

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
        turned = products(lips - lips[:, :1], direction, below(direction))
        low, high = turned.amin(1), turned.amax(1)
        size = torch.maximum(wide, _ROUND * (high - low)[:, 1:]).clamp_min(_LEAST)
        along = direction * size
        centre = (low + high) / 2 / size
        middle = lips[:, 0] + centre[:, :1] * along + centre[:, 1:] * below(along)
        eyes = (places[:, _LEFT_EYE] - places[:, _RIGHT_EYE]).norm(dim=-1)
        turned = turned / size[:, None] - centre[:, None]
        return cls(middle, along, below(along), turned, eyes.clamp_min(_LEAST) / size[:, 0])

    def squeezed(self, by: Tensor) -> MouthFrame:
        """The frames in which mouths are `by` (B,) times less tall."""
        lips = torch.stack([self.lips[..., 0], self.lips[..., 1] / by[:, None]], dim=-1)
        return replace(self, down=self.down * by[:, None], lips=lips)

    def wider_than(self, other: MouthFrame) -> Tensor:
        """How many times as wide as `other`'s mouth this one is, in pixels of the picture, (B, 1)."""
        # A root of a quotient, and not a quotient of roots: that OpenVINO's compiler (2026.4) takes for a loop.
        mine, others = (frame.along.square().sum(-1, keepdim=True) for frame in (self, other))
        return (mine / others).sqrt()

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


def grid(like: Tensor) -> tuple[Tensor, Tensor]:
    """x (1, columns) and y (rows, 1) of the frame's pixels."""
    x = (torch.arange(COLUMNS, device=like.device) + 0.5) / COLUMNS - 0.5
    y = (torch.arange(ROWS, device=like.device) + 0.5) / ROWS - 0.5
    return _WIDE * x[None], _HIGH * y[:, None]
