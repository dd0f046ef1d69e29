"""In which precision losses are computed."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

__all__ = ["full", "without_autocast"]


def full(tensor: Tensor) -> Tensor:
    """`tensor` in at least float32: squares and sums over a whole image drown in half precision under autocast."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))


def without_autocast(device: torch.device) -> AbstractContextManager[object]:
    """Inside, autocast is off on `device`. The meta device, where steps are reckoned, has none to turn off."""
    return nullcontext() if device.type == "meta" else torch.autocast(device.type, enabled=False)
