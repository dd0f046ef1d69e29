"""The least-squares GAN loss of PortraitGAN: L_GAN, summed over the discriminator's levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor, nn

from ptk.losses.precision import full

if TYPE_CHECKING:
    from ptk.types import Networks, Translation

__all__ = ["LeastSquares"]


class LeastSquares(nn.Module):
    """Least-squares GAN, with labels 1 for real and 0 for generated; means over patches and batch, sum over levels.

    - generator: sum_k E[(D_k(fake) - 1)^2]
    - critic: sum_k 1/2 (E[(D_k(real) - 1)^2] + E[D_k(fake)^2])

    Source: L_GAN(G, D_k) of PortraitGAN (Duan, Guo, Kuo 2020), whose sum over k is L_multi's; the least squares are
    Mao et al. 2017, equation 9 with a = 0, b = c = 1. The generator's half is dropped and the critic's kept, as in
    CycleGAN and pix2pixHD, for which the published weights of the other terms were chosen.
    """

    def __init__(self, side: Literal["generator", "critic"]) -> None:
        super().__init__()
        self.side = side

    def forward(self, translation: Translation, networks: Networks) -> Tensor:  # noqa: ARG002
        """The loss of this side, a scalar."""
        fake = translation.fake_verdicts
        if self.side == "generator":
            return torch.stack([(full(level.logits) - 1).square().mean() for level in fake]).sum()
        real = translation.real_verdicts
        taken_for_fake = torch.stack([(full(level.logits) - 1).square().mean() for level in real]).sum()
        taken_for_real = torch.stack([full(level.logits).square().mean() for level in fake]).sum()
        return (taken_for_fake + taken_for_real) / 2
