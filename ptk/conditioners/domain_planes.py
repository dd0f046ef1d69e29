"""A domain as one-hot planes: how a single generator is told the style."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from ptk.types import Faces, Target

__all__ = ["DomainPlanes"]


class DomainPlanes(nn.Module):
    """One plane a domain, in recipe order, (B, domains, H, W): ones for the target's domain, zeros for the others.

    `of` "source" says which domain the image is in, rather than where it goes: for generators of one target.

    Source: StarGAN (Choi et al. 2018), section 3; PortraitGAN (Duan, Guo, Kuo 2020) takes it over.
    """

    needs_landmarks = False

    def __init__(self, domains: int, of: Literal["target", "source"] = "target") -> None:
        super().__init__()
        self.of = of
        self.channels = domains

    def forward(self, source: Faces, target: Target) -> Tensor:
        """The planes (B, domains, H, W), of the size, dtype and device of `source.image`."""
        height, width = source.image.shape[-2:]
        domain = (source if self.of == "source" else target).domain.to(source.image.device)
        planes = F.one_hot(domain, self.channels).to(source.image.dtype)
        return planes[:, :, None, None].expand(-1, -1, height, width)
