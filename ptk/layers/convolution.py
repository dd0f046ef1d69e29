"""Convolutions, by the fastest of torch's ways."""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Border", "ConvToFew2d"]

Border = Literal["zeros", "reflect", "replicate"]

_PAD_MODES = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}


class ConvToFew2d(nn.Conv2d):
    """(B, C, H, W) -> (B, few, H, W): `nn.Conv2d` of stride 1 and odd kernels that keep the size, with its parameters.

    On a processor a large kernel that ends in a few channels reaches a fifth of what others do. There each row of the
    kernel becomes channels of their own, which are then shifted and added: the same sums, two to three times as fast.
    CUDA and half precision, whose sums would be rounded in between, keep torch's convolution, as does torch.compile:
    what torch 2.13 makes of this for a processor corrupts memory.
    """

    def __init__(self, channels: int, few: int, kernel: int, *, padding_mode: Border = "zeros") -> None:
        if kernel % 2 == 0 or padding_mode not in _PAD_MODES:
            raise ValueError(f"kernels are odd, borders one of {', '.join(_PAD_MODES)}; got {kernel}, {padding_mode}")
        super().__init__(channels, few, kernel, padding=kernel // 2, padding_mode=padding_mode)

    def forward(self, input: Tensor) -> Tensor:
        """`input` convolved."""
        whole = input.dtype in (torch.float32, torch.float64) and not torch.is_autocast_enabled("cpu")
        if input.is_cuda or not whole or torch.compiler.is_compiling():
            return super().forward(input)
        few, channels, rows, columns = self.weight.shape
        padded = F.pad(input, (rows // 2,) * 4, _PAD_MODES[self.padding_mode])
        # `fold` adds row i of the kernel i places further down, where a convolution looks i places further down.
        kernels = self.weight.flip(2).permute(0, 2, 1, 3).reshape(few * rows, channels, 1, columns)
        lines = F.conv2d(padded, kernels)
        height, width = padded.shape[2] - rows + 1, lines.shape[3]
        out = F.fold(lines.flatten(2), (height, width), (rows, 1), padding=(rows - 1, 0))
        return out if self.bias is None else out + self.bias[:, None, None]
