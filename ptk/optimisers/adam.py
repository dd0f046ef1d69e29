"""Adam, and with decoupled weight decay: torch's, in one kernel for all parameters."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn

__all__ = ["Adam", "AdamW"]


class Adam(torch.optim.Adam):
    """Move each weight by its mean gradient over the root of its mean squared gradient.

    `betas` are the decays a step of the two means, `eps` is added to the root; `weight_decay` adds that share of a
    weight to its gradient. Source: Kingma and Ba 2015; the betas are pix2pixHD's.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        betas: tuple[float, float] = (0.5, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, fused=True)


class AdamW(torch.optim.AdamW):
    """Adam with decoupled weight decay: each step takes `lr` times `weight_decay` of a weight away.

    `betas` are the decays a step of the means of gradients and of their squares, `eps` is added to the root.
    Source: Loshchilov and Hutter 2019; the betas are pix2pixHD's.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        betas: tuple[float, float] = (0.5, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, fused=True)
