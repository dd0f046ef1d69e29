"""Feature matching: the generated image should look to the discriminator like the real one, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ptk.losses.precision import full

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Translation

__all__ = ["FeatureMatching"]


class FeatureMatching(nn.Module):
    """sum_k 1/T sum_i mean |D_k^i(real) - D_k^i(fake)| over levels k and the T layers before the logits.

    The real image's features are a fixed goal: no gradient passes through them.

    Source: L_FM(G, D_k) of PortraitGAN (Duan, Guo, Kuo 2020), which is equation 4 of pix2pixHD (Wang et al. 2018).
    """

    needs_truth = True
    zero_at_target = True

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        return "Σ_k 1/T Σ_i E|D_k^i(y) - D_k^i(G(x))|"

    def forward(self, translation: Translation, networks: Networks) -> Tensor:  # noqa: ARG002
        """The loss, a scalar."""
        real = [level.detach() for level in translation.real_verdicts]
        return torch.stack(
            [
                torch.stack(
                    [
                        (full(one) - full(other)).abs().mean()
                        for one, other in zip(goal.features, level.features, strict=True)
                    ]
                ).mean()
                for goal, level in zip(real, translation.fake_verdicts, strict=True)
            ]
        ).sum()
