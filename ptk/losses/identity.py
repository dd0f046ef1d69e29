"""The identity loss: the same person in the target expression and style is known, and should come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from ptk.losses.precision import full
from ptk.motion.regions import weigh_regions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Translation

__all__ = ["Identity"]


class Identity(nn.Module):
    """mean |fake - target| of the finest image, in units of the [-1, 1] range: 0 to 2.

    The smaller images of the pyramid are left to the discriminators of their levels, and to feature matching there:
    L_multi has one L_id outside of its sum over levels.

    With `lean` it is a weighted mean, whose weights grow from 1 to 1 + `lean` at the target's mouth and eyes: they are
    a twentieth of the picture, and light that changed all over it outshouts them.

    Source: L_id of PortraitGAN (Duan, Guo, Kuo 2020).
    """

    needs_truth = True
    zero_at_target = True
    needs_landmarks = ("lean",)

    def __init__(self, lean: float = 0.0) -> None:
        super().__init__()
        if lean < 0:
            raise ValueError(f"lean must be 0 or more, not {lean}")
        self.lean = lean

    @classmethod
    def equation(cls, side: str, options: Mapping[str, Any]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        lean = options.get("lean", 0)
        return "E|G(x) - y|" + (f", {1 + lean:g} times at mouth and eyes" if lean else "")

    def forward(self, translation: Translation, networks: Networks) -> Tensor:  # noqa: ARG002
        """The loss, a scalar."""
        gap = (full(translation.fake[0]) - full(translation.target.image)).abs()
        if not self.lean:
            return gap.mean()
        weights = weigh_regions(translation.target.points, gap.shape[-2], gap.shape[-1], self.lean)
        return (gap * weights).mean() / weights.mean()
