"""The classification loss: the discriminator names the domain of an image, the generator lets it name the target's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptk.losses.precision import full

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Translation

__all__ = ["DomainClassification"]


class DomainClassification(nn.Module):
    """Cross entropy of the discriminator's classes and the target's domain: mean over rows, sum over levels.

    The critic's is of the target's images, which are real and in that domain; the generator's of those it made.

    Raises ValueError for verdicts without classes.

    Source: StarGAN (Choi et al. 2018), equations 2 and 3.
    """

    needs_classes = True

    def __init__(self, side: Literal["generator", "critic"]) -> None:
        super().__init__()
        self.side = side

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        image = "G(x)" if side == "generator" else "y"
        return f"-E[log D_class(c | {image})], c the domain of y"

    def forward(self, translation: Translation, networks: Networks) -> Tensor:  # noqa: ARG002
        """The loss of this side, a scalar."""
        verdicts = translation.fake_verdicts if self.side == "generator" else translation.real_verdicts
        classes = [level.classes for level in verdicts if level.classes is not None]
        if not classes:
            raise ValueError("the discriminator tells no domain: Verdict.classes is None at every level")
        return torch.stack([F.cross_entropy(full(each), translation.target.domain) for each in classes]).sum()
