"""Cut mouths out of images, level with their corners, and paste them back, in torch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ptk.motion.mouth_frame import HIGH, WIDE, MouthFrame

__all__ = ["COLUMNS", "ROWS", "cut_mouth", "mouth_grid", "paste_mouth"]

COLUMNS, ROWS = 120, 80
"""The pixels of the rectangle around a mouth."""


def cut_mouth(frame: MouthFrame, image: Tensor) -> Tensor:
    """Cut what of images (B, C, H, W) is in the frames, (B, C, ROWS, COLUMNS)."""
    x, y = mouth_grid(image)
    places = torch.stack([x.expand(ROWS, -1), y.expand(-1, COLUMNS)], dim=-1).reshape(1, -1, 2)
    x, y = (frame.outside(places)[..., axis] / image.shape[-1 - axis] for axis in (0, 1))
    found = (torch.stack([x, y], dim=-1) * 2 - 1).reshape(-1, ROWS, COLUMNS, 2)
    return functional.grid_sample(image.float(), found, padding_mode="border", align_corners=False)


def paste_mouth(frame: MouthFrame, part: Tensor, height: int, width: int) -> Tensor:
    """Paste `part` (B, C, ROWS, COLUMNS) at the frames into images (B, C, height, width) of zeros."""
    found = frame.pixels(height, width) * torch.tensor([2 / WIDE, 2 / HIGH], device=part.device)
    return functional.grid_sample(part, found.reshape(-1, height, width, 2), align_corners=False)


def mouth_grid(like: Tensor) -> tuple[Tensor, Tensor]:
    """List x (1, COLUMNS) and y (ROWS, 1) of the frame's pixels."""
    x = (torch.arange(COLUMNS, device=like.device) + 0.5) / COLUMNS - 0.5
    y = (torch.arange(ROWS, device=like.device) + 0.5) / ROWS - 0.5
    return WIDE * x[None], HIGH * y[:, None]
