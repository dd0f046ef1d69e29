"""Convolutions conditioned on planes, and residual blocks."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.layers.convolution import Border

__all__ = ["ConditionedConvolution", "Residual"]

_GROUPS = 8


class ConditionedConvolution(nn.Module):
    """A convolution conditioned on planes: (B, C, h, w), planes of that size -> (B, D, h / stride, w / stride)."""

    def __init__(
        self, channels: int, plane_channels: int, wider: int, stride: int = 1, border: Border = "zeros"
    ) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(
            channels + plane_channels, wider, 3, stride=stride, padding=1, padding_mode=border, bias=False
        )
        self.norm = _norm(wider)

    def forward(self, x: Tensor, planes: Tensor) -> Tensor:
        """Concatenate `planes` to `x`, convolve, normalise and activate."""
        return functional.silu(self.norm(self.convolution(torch.cat([x, planes.to(x.dtype)], dim=1))), inplace=True)


class Residual(nn.Module):
    """A residual block of two convolutions: (B, C, h, w) -> (B, C, h, w)."""

    def __init__(self, channels: int, border: Border = "zeros") -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode=border, bias=False),
            _norm(channels),
            nn.SiLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode=border),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Add the residual to `x`."""
        out: Tensor = x + self.body(x)
        return out


def _norm(channels: int) -> nn.GroupNorm:
    return nn.GroupNorm(math.gcd(_GROUPS, channels), channels)
