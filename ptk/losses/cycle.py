"""The cycle loss: there and back again should give the photo one started from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from ptk.losses.precision import full

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Translation

__all__ = ["Cycle"]


class Cycle(nn.Module):
    """mean |restored - source| of the finest image, in units of the [-1, 1] range: 0 to 2.

    Source: L_cyc of PortraitGAN (Duan, Guo, Kuo 2020), after CycleGAN's equation 2 (Zhu et al. 2017). Both directions
    arrive in one batch, so the mean is half of their sum; every other loss of ptk has the same factor.
    """

    zero_at_target = True

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        return "E|G(G(x)) - x|"

    def forward(self, translation: Translation, networks: Networks) -> Tensor:  # noqa: ARG002
        """The loss, a scalar."""
        return (full(translation.restored[0]) - full(translation.source.image)).abs().mean()
