"""In which precision losses are computed."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["full"]


def full(tensor: Tensor) -> Tensor:
    """`tensor` in at least float32: squares and sums over a whole image drown in half precision under autocast."""
    return tensor.to(torch.promote_types(tensor.dtype, torch.float32))
