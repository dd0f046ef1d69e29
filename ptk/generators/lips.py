"""Lips as lines: a motion between two faces' landmarks, made exact where lips meet and teeth come and go."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor

from ptk.generators.mouth_frame import MouthFrame, line

__all__ = ["lip_motion"]

# The lines of the lips from corner to corner, from above to below, as places in the mouth's 20 landmarks. Between the
# first two is the upper lip, between the last two the lower, and between the others the inside of the mouth.
_LINES = (
    (0, 1, 2, 3, 4, 5, 6),
    (0, 12, 13, 14, 15, 16, 6),
    (0, 12, 19, 18, 17, 16, 6),
    (0, 11, 10, 9, 8, 7, 6),
)
# In widths of the mouth:
_FADE = 0.12  # over so much beyond the lips their motion goes over into that of the face
_SHUT = 0.03  # a mouth that closes counts as shut when it is open by twice that: detectors see shut ones so
_TEETH = 0.02  # as far into the lips of a mouth that closes teeth may show: detectors are no nearer
_EDGE = 0.015  # how soft the edge of what was not seen is
_THIN = 1e-4  # less than that is nothing


def lip_motion(motion: Tensor, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """`motion` (B, 2, H, W), in shares of the sides, with every part of the mouth coming from the same part, float32.

    And (B, 1, H, W) in [0, 1], 1 where an open mouth has come from lips that were shut, or nearly: there the source
    shows nothing of what is in it.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1]. What is between two lines of the target's lips comes from
    between these lines of the source's; along the lips it comes from where `motion` says. So lips that close leave no
    teeth between them, however many there were, where a smooth motion squeezes teeth into a band: mean squared error of
    the mouths of 8 people, smiling to neutral, was .0028 and .0053. Away from the lips it is `motion`.
    """
    height, width = motion.shape[-2:]
    motion = motion.float()
    here, there = (MouthFrame.around(points, height, width) for points in (target, source))
    moved = _moved(motion)
    at, origin = here.everywhere(height, width), there.inside(moved)
    heights, origins = _heights(here.lips, at[..., 0]), _heights(there.lips, origin[..., 0])
    scale = here.size / there.size
    row = _carried(at[..., 1], *_without_teeth(heights, origins, scale), scale)
    found = there.outside(torch.stack([origin[..., 0], row], dim=-1))
    change = _near(here.lips, at, heights)[..., None] * (found - moved)
    sides = torch.tensor([width, height], dtype=torch.float32, device=motion.device)
    unseen = _unseen(at[..., 1], heights, origins, scale)
    return motion + (change / sides).transpose(1, 2).reshape(-1, 2, height, width), unseen.reshape(-1, 1, height, width)


def _moved(motion: Tensor) -> Tensor:
    """Where each pixel comes from (B, H * W, 2), in pixels."""
    height, width = motion.shape[-2:]
    x = torch.arange(width, device=motion.device) + 0.5
    y = torch.arange(height, device=motion.device) + 0.5
    return torch.stack([motion[:, 0] * width + x, motion[:, 1] * height + y[:, None]], dim=-1).flatten(1, 2)


def _heights(lips: Tensor, x: Tensor) -> list[Tensor]:
    """y (B, N) of the four lines at `x` (B, N): none above the one before, however noisy the points are."""
    found = [line(lips[:, places], x) for places in _LINES]
    for index in (1, 2, 3):
        found[index] = torch.maximum(found[index], found[index - 1])
    return found


def _without_teeth(lines: list[Tensor], origins: list[Tensor], scale: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Both with the inner lines moved towards where no teeth are, as far as the mouth closes."""
    gap, origin = lines[2] - lines[1], origins[2] - origins[1]
    closing = (origin - gap * scale).clamp(min=0) / origin.clamp_min(_THIN)
    shut = torch.minimum(_SHUT * closing, gap / 2)
    lines = [lines[0], lines[1] + shut, lines[2] - shut, lines[3]]
    upper = torch.maximum(origins[1] - _TEETH * closing, origins[0])
    lower = torch.minimum(origins[2] + _TEETH * closing, origins[3])
    return lines, [origins[0], upper, lower, origins[3]]


def _carried(y: Tensor, lines: list[Tensor], origins: list[Tensor], scale: Tensor) -> Tensor:
    """Where heights `y` (B, N) come from, in the source's frame: straight between lines, beyond them just as far."""
    found = origins[0] + (y - lines[0]).clamp(max=0) * scale + (y - lines[3]).clamp(min=0) * scale
    for (upper, lower), (start, end) in zip(pairwise(lines), pairwise(origins), strict=True):
        found = found + (end - start) * ((y - upper) / (lower - upper).clamp_min(_THIN)).clamp(0, 1)
    return found


def _unseen(y: Tensor, lines: list[Tensor], origins: list[Tensor], scale: Tensor) -> Tensor:
    """1 between inner lips that are four times as far apart as they were, 0 where twice as far or less."""
    gap, origin = (lines[2] - lines[1]), origins[2] - origins[1]
    opening = ((gap * scale).clamp_min(_THIN) / origin.clamp_min(_THIN)).log2() - 1
    inside = torch.minimum(y - lines[1], lines[2] - y) / _EDGE
    return opening.clamp(0, 1) * (gap / _SHUT - 1).clamp(0, 1) * inside.clamp(0, 1)


def _near(lips: Tensor, at: Tensor, lines: list[Tensor]) -> Tensor:
    """1 on the lips and between them, 0 away from them."""
    depth = torch.minimum(at[..., 1] - lines[0], lines[3] - at[..., 1])
    aside = torch.minimum(at[..., 0] - lips[:, 0, :1], lips[:, 6, :1] - at[..., 0])
    return (torch.minimum(depth, aside) / _FADE + 1).clamp(0, 1)
