"""Lion: the sign of a mean gradient, timm's."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn

from ptk.compat import mend_torchvision

mend_torchvision()  # timm imports torchvision
from timm.optim.lion import Lion as TimmLion  # noqa: E402

__all__ = ["Lion"]


class Lion(TimmLion):
    """Move each weight by `lr` against the sign of its mean gradient; keeps half of what Adam does.

    `betas` weigh the mean against the new gradient for the step, and for the next mean. `weight_decay` takes `lr` times
    that share of a weight away a step. Its authors take a third to a tenth of Adam's rate.
    Source: Chen et al. 2023, with their betas.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr, betas, weight_decay)
