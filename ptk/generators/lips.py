"""Lips as lines: a motion between two faces' landmarks, made exact where lips meet and teeth come and go."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from ptk.frame import curve, sampling_grid, shifted
from ptk.generators.mouth_frame import MouthFrame

__all__ = ["lip_motion"]

# The lines of the lips from corner to corner, from above to below, as places in the mouth's 20 landmarks. Between the
# first two is the upper lip, between the last two the lower, and between the others the inside of the mouth.
_LINES = [
    [0, 1, 2, 3, 4, 5, 6],
    [0, 12, 13, 14, 15, 16, 6],
    [0, 12, 19, 18, 17, 16, 6],
    [0, 11, 10, 9, 8, 7, 6],
]
_INNER_UPPER, _INNER_LOWER = [13, 14, 15], [19, 18, 17]  # one below the other
# In widths of the mouth, but for _HEIGHT:
_FADE = 0.12  # over so much beyond the lips their motion goes over into that of the face
_SHUT = 0.03  # a mouth that closes counts as shut when it is open by twice that: detectors see shut ones so
_TEETH = 0.02  # as far into the lips of a mouth that closes teeth may show: detectors are no nearer
_HEIGHT = (0.7, 1.3)  # times its own that a tooth may have: landmarks are not exact, and heads nod
_SLIT, _TOOTHY = 0.06, 0.09  # lips no further apart show nothing of the inside; smiles with teeth are from there on
_EDGE = 0.015  # how soft the edge of what was not seen is
_THIN = 1e-4  # less than that is nothing


def lip_motion(motion: Tensor, source: Tensor, target: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """`motion` (B, 2, H, W), in shares of the sides, with every part of the mouth coming from the same part, float32.

    And twice (B, 1, H, W) in [0, 1]: 1 where the mouth is open now and the source shows nothing of its inside, and
    1 where it is open further than the source shows, below the teeth.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1]. What is between two lines of the target's lips comes from
    between these lines of the source's; along the lips it comes from where `motion` says. Teeth hang from the upper lip
    and hardly change their height: a mouth that closes covers them from below, one that opens shows more below them.
    A smooth motion would squeeze them into a band between closed lips, or draw them out: mean squared error of the
    mouths of 8 people, smiling to neutral, was .0028 and .0053. Away from the lips it is `motion`.
    """
    height, width = motion.shape[-2:]
    motion = motion.float()
    here, there = (MouthFrame.around(points, height, width) for points in (target, source))
    moved = sampling_grid(motion)
    at, origin = here.everywhere(height, width), there.inside(moved)
    lines = _heights(here.lips, at[..., 0])
    columns = _Columns(lines, _heights(there.lips, origin[..., 0]), here.wider_than(there), _opened(here, there))
    row, unseen, below = columns.carried(at[..., 1])
    found = there.outside(torch.stack([origin[..., 0], row], dim=-1))
    change = _near(here.lips, at, lines)[..., None] * (found - moved)
    return shifted(motion, change), unseen.reshape(-1, 1, height, width), below.reshape(-1, 1, height, width)


def _heights(lips: Tensor, x: Tensor) -> list[Tensor]:
    """y (B, N) of the four lines at `x` (B, N): none above the one before, however noisy the points are."""
    found = list(curve(lips[:, _LINES], x).unbind(1))
    for index in (1, 2, 3):
        found[index] = torch.maximum(found[index], found[index - 1])
    return found


@dataclass(frozen=True, eq=False)
class _Columns:
    """Of each pixel's column: heights (B, N) of the four lines in the target, and of those that they come from.

    In the frames of target and source; `scale` (B, 1) is how many of the source's units one of the target's is, and
    `opened` (B, 1) is 1 where the source shows nothing of the inside of the mouth.
    """

    lines: list[Tensor]
    origins: list[Tensor]
    scale: Tensor
    opened: Tensor

    def carried(self, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Where heights `y` (B, N) come from; 1 where the source shows nothing of that; 1 below what it shows."""
        lines, origins, scale = self.lines, self.origins, self.scale
        gap, origin = (lines[2] - lines[1]) * scale, origins[2] - origins[1]
        closing = (origin - gap).clamp(min=0) / origin.clamp_min(_THIN)
        shut = torch.minimum(_SHUT * closing, (lines[2] - lines[1]) / 2)
        upper, lower = lines[1] + shut, lines[2] - shut
        last = torch.maximum(origins[1] - _TEETH * closing, origins[0])
        first = torch.minimum(origins[2] + _TEETH * closing, origins[3])
        above = origins[0] + (y - lines[0]).clamp(max=0) * scale + _part(y, lines[0], upper) * (last - origins[0])
        below = first + _part(y, lower, lines[3]) * (origins[3] - first) + (y - lines[3]).clamp(min=0) * scale
        opening = gap.clamp_min(_THIN) / origin.clamp_min(_THIN)
        depth = (y - lines[1]) * scale / opening.clamp(*_HEIGHT)
        inside = origins[1] + torch.minimum(depth.clamp(min=0), origin)
        row = torch.where(y < upper, above, torch.where(y > lower, below, inside))
        below = (1 - self.opened) * ((depth - origin) / _EDGE).clamp(0, 1)
        room = (torch.minimum(y - lines[1], lines[2] - y) / _EDGE).clamp(0, 1)
        room = room * ((lines[2] - lines[1]) / _SHUT - 1).clamp(0, 1)
        return row, self.opened * room, below * room


def _opened(here: MouthFrame, there: MouthFrame) -> Tensor:
    """1 (B, 1) for mouths, each as a whole, that open from lips that were shut, or nearly."""
    gap, origin = (_gap(frame).clamp_min(_THIN) for frame in (here, there))
    further = (2 * (gap * here.wider_than(there) / origin).log2() - 1).clamp(0, 1)  # 1 from twice as far on
    return further * ((_TOOTHY - origin) / (_TOOTHY - _SLIT)).clamp(0, 1)


def _gap(frame: MouthFrame) -> Tensor:
    """How far the inner lips are apart (B, 1), in widths of the mouth."""
    pairs = frame.lips[:, _INNER_LOWER, 1] - frame.lips[:, _INNER_UPPER, 1]
    return pairs.mean(dim=1, keepdim=True)


def _part(y: Tensor, start: Tensor, end: Tensor) -> Tensor:
    """How far `y` is from `start` to `end`, in [0, 1]."""
    return ((y - start) / (end - start).clamp_min(_THIN)).clamp(0, 1)


def _near(lips: Tensor, at: Tensor, lines: list[Tensor]) -> Tensor:
    """1 on the lips and between them, 0 away from them."""
    depth = torch.minimum(at[..., 1] - lines[0], lines[3] - at[..., 1])
    aside = torch.minimum(at[..., 0] - lips[:, 0, :1], lips[:, 6, :1] - at[..., 0])
    return (torch.minimum(depth, aside) / _FADE + 1).clamp(0, 1)
