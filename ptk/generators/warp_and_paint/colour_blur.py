"""Chroma averaged around each pixel of a residual: eyes resolve colour less finely than brightness."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

__all__ = ["ColourBlur"]


class ColourBlur:
    """Average the chroma (all but grey) of images (B, 3, H, W) like `image` over squares of `side` pixels, twice.

    As products with band matrices: pooling takes ten times as long. With `side` 0 nothing is averaged.
    """

    def __init__(self, image: Tensor, side: int) -> None:
        self._side = side
        height, width = image.shape[-2:] if side else (0, 0)
        with _full_precision(image.device):
            self._rows = _average(height, side, image.device)
            # Of an exported network sides may be unknown: asking whether they are equal would fix them.
            square = isinstance(width, int) and width == height
            self._columns = self._rows if square else _average(width, side, image.device)

    def __call__(self, residual: Tensor) -> Tensor:
        """Average the chroma of `residual` (B, 3, H, W); its grey stays."""
        if not self._side:
            return residual
        with _full_precision(residual.device):
            residual = residual.float()
            grey = residual.mean(dim=1, keepdim=True)
            return grey + self._rows @ (residual - grey) @ self._columns.mT


def _full_precision(device: torch.device) -> AbstractContextManager[object]:
    """A context in which matrix products are not rounded under autocast, which the meta device has not."""
    return nullcontext() if device.type == "meta" else torch.autocast(device.type, enabled=False)


def _average(count: int, side: int, device: torch.device) -> Tensor:
    """The matrix (count, count) that averages over `side` neighbours, as far as there are so many, twice."""
    place = torch.arange(count, device=device)
    near = ((place[:, None] - place).abs() <= side // 2).float()
    once = near / near.sum(dim=1, keepdim=True)
    return once @ once
