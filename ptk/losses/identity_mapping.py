"""The identity mapping: an image that is in its domain already should come back as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn

from ptk.losses.precision import full

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Translation

__all__ = ["IdentityMapping"]


class IdentityMapping(nn.Module):
    """mean |G(target, where it is, the domain it is in) - target| of the finest image, in units of [-1, 1]: 0 to 2.

    One more pass of the generator. The target's image is an input here, not a result to reach, so pairs need not show
    one person.

    Source: CycleGAN (Zhu et al. 2017), section 5.2, L_identity: |G(y) - y| for G: X -> Y. It keeps colours.
    """

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        return "E|G(y) - y|, y to its own domain"

    def forward(self, translation: Translation, networks: Networks) -> Tensor:
        """The loss, a scalar."""
        target = translation.target
        return (full(networks.generate(target, target.goal)[0]) - full(target.image)).abs().mean()
