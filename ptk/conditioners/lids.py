"""Eyes that close: a motion between two faces' landmarks in which lids move over the eyes, which stay."""

from __future__ import annotations

import torch
from torch import Tensor

from ptk.frame import Frame, curve, sampling_grid, shifted

__all__ = ["lid_motion"]

# Of each eye: the upper and the lower lid's line from corner to corner.
_EYES = (
    [[36, 37, 38, 39], [36, 41, 40, 39]],
    [[42, 43, 44, 45], [42, 47, 46, 45]],
)
_LEAST = 0.02  # widths of the eye that lids are apart at least
_CLOSING = (0.5, 0.7)  # an eye that stays more open than that, by its share, moves as the face does
_SHUT = 0.4  # from there on lids move further than their landmarks,
_LASHES = 0.05  # in the end by so much of the eye's width: detectors are no nearer, and else white shows at lashes
_ABOVE, _BELOW, _BESIDE = 0.55, 0.35, 0.15  # widths of the eye over which the motion of lids goes over into the face's
_EDGE = 4.0  # times as fast as elsewhere places follow each other at the edge of a lid: a step would have corners


def lid_motion(motion: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """`motion` (B, 2, H, W), in shares of the sides, where eyes close, as lids do it, float32.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1]. A smooth motion squeezes an eye that closes, iris and all,
    and folds before it is shut. Here skin above an upper lid, and below a lower, comes along with its edge, and what
    stays open between them shows what the source has there. An eye that hardly closes moves by `motion`.
    """
    motion = motion.float()
    height, width = motion.shape[-2:]
    sides = torch.tensor([width, height], dtype=torch.float32, device=motion.device)
    for lids in _EYES:
        change = _change(motion, *(points[:, lids].float() * sides for points in (source, target)))
        motion = shifted(motion, change)
    return motion


def _change(motion: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """What one eye, whose lids (B, 2, 4, 2) are in pixels, adds to where pixels come from, (B, H * W, 2)."""
    height, width = motion.shape[-2:]
    here, there = (Frame.between(lids[:, 0, 0], lids[:, 0, 3]) for lids in (target, source))
    moved = sampling_grid(motion)
    at, origin = here.everywhere(height, width), there.inside(moved)
    goals, lines = (
        frame.inside(lids.flatten(1, 2)).reshape(-1, 2, 4, 2) for frame, lids in ((here, target), (there, source))
    )
    left = (_open(goals) / _open(lines))[:, None]
    row = _row(at[..., 1], origin[..., 1], curve(goals, at[..., 0]), curve(lines, origin[..., 0]), left)
    least, most = _CLOSING
    share = ((most - left) / (most - least)).clamp(0, 1) * ((0.5 + _BESIDE - at[..., 0].abs()) / _BESIDE).clamp(0, 1)
    found = there.outside(torch.stack([origin[..., 0], row], dim=-1))
    eyes = _in_order(goals) & _in_order(lines)
    return torch.where(eyes, share, 0)[..., None] * (found - moved)


def _in_order(lids: Tensor) -> Tensor:
    """Whether points (B, 2, 4, 2) go from one corner to the other (B, 1): what does not is no eye."""
    return (lids[..., 0].diff(dim=-1) > 0).flatten(1).all(dim=1, keepdim=True)


def _open(lids: Tensor) -> Tensor:
    """How far an eye (B, 2, 4, 2) is open (B,), at least a little: one that was shut does not close."""
    return (lids[:, 1, 1:3, 1] - lids[:, 0, 1:3, 1]).mean(-1).clamp_min(_LEAST)


def _row(y: Tensor, moved: Tensor, goals: Tensor, lines: Tensor, left: Tensor) -> Tensor:
    """Where heights `y` (B, N) come from, elsewhere from `moved`; lids (B, 2, N) go from `lines` to `goals`.

    `left` (B, 1) is the share by which the eye stays open.
    """
    upper, lower = goals[:, 0], torch.maximum(goals[:, 0], goals[:, 1])
    first, last = lines[:, 0], torch.maximum(lines[:, 0], lines[:, 1])
    lashes = _LASHES * (1 - left / _SHUT).clamp(0, 1)
    shut = torch.minimum(lashes, (lower - upper) / 2)
    upper, lower = upper + shut, lower - shut
    skin = moved - y
    over, under = ((1 - away / reach).clamp(0, 1) for away, reach in ((upper - y, _ABOVE), (y - lower, _BELOW)))
    above = y + torch.lerp(skin, first - lashes - upper, over)
    below = y + torch.lerp(skin, last + lashes - lower, under)
    inside = torch.minimum(torch.maximum(y, first), last)
    inside = torch.minimum(inside, first + _EDGE * (y - upper))
    inside = torch.maximum(inside, last - _EDGE * (lower - y))
    return torch.where(y < upper, above, torch.where(y > lower, below, inside))
