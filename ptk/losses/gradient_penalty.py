"""The gradient penalty of Wasserstein GANs: the critic's slope between real and generated images should be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ptk.losses.precision import full, without_autocast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Translation

__all__ = ["GradientPenalty"]


class GradientPenalty(nn.Module):
    """sum_k E[(|grad_x D_k(x)|_2 - 1)^2], x at a random place on the line from the target's image to the generated.

    D_k is the sum of the logits of level k, the norm over all pixels and channels of a row, the mean over rows; the
    place is drawn a row, uniformly. It is computed in float32, by a pass of the discriminator of its own whose
    gradients have gradients: of the finest image, which smaller levels are reduced from.

    Source: Gulrajani et al. 2017, equation 3, as StarGAN has it (Choi et al. 2018, equation 8), weight 10.
    """

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        return "Σ_k E[(‖∇D_k(z)‖ - 1)²], z between y and G(x)"

    def forward(self, translation: Translation, networks: Networks) -> Tensor:
        """The loss of the critic, a scalar."""
        real, fake = full(translation.target.image), full(translation.fake[0])
        share = torch.rand(len(real), 1, 1, 1, dtype=real.dtype, device=real.device)
        between = (share * real + (1 - share) * fake).detach().requires_grad_()
        with torch.enable_grad(), without_autocast(real.device):
            verdicts = networks.judge([between], translation.planes, twice=True)
            penalties = []
            for level in verdicts:
                (slope,) = torch.autograd.grad(level.logits.sum(), between, create_graph=True)
                length: Tensor = torch.linalg.vector_norm(slope.flatten(1), dim=1)
                penalties.append((length - 1).square().mean())
            return torch.stack(penalties).sum()
