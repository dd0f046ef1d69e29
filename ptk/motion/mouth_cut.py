"""Cut mouths out of images, level with their corners, and paste them back, in torch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ptk.motion.face_geometry import MouthFrameGeometry
from ptk.motion.mouth_frame import MouthFrame

__all__ = ["cut_mouth", "mouth_grid", "paste_mouth"]


def cut_mouth(frame: MouthFrame, image: Tensor) -> Tensor:
    """Cut what of images (B, C, H, W) is in the frames, (B, C, rows, columns)."""
    by = frame.geometry.mouth_frame
    x, y = mouth_grid(image, by)
    places = torch.stack([x.expand(by.rows, -1), y.expand(-1, by.columns)], dim=-1).reshape(1, -1, 2)
    x, y = (frame.outside(places)[..., axis] / image.shape[-1 - axis] for axis in (0, 1))
    found = (torch.stack([x, y], dim=-1) * 2 - 1).reshape(-1, by.rows, by.columns, 2)
    return functional.grid_sample(image.float(), found, padding_mode="border", align_corners=False)


def paste_mouth(frame: MouthFrame, part: Tensor, height: int, width: int) -> Tensor:
    """Paste `part` (B, C, rows, columns) at the frames into images (B, C, height, width) of zeros."""
    by = frame.geometry.mouth_frame
    found = frame.pixels(height, width) * torch.tensor([2 / by.wide, 2 / by.high], device=part.device)
    return functional.grid_sample(part, found.reshape(-1, height, width, 2), align_corners=False)


def mouth_grid(like: Tensor, by: MouthFrameGeometry) -> tuple[Tensor, Tensor]:
    """List x (1, columns) and y (rows, 1) of the frame's pixels."""
    x = (torch.arange(by.columns, device=like.device) + 0.5) / by.columns - 0.5
    y = (torch.arange(by.rows, device=like.device) + 0.5) / by.rows - 0.5
    return by.wide * x[None], by.high * y[:, None]
