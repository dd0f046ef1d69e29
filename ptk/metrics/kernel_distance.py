"""The kernel distance of two small sets of faces, on local features of a network."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ptk.metrics.lpips import Trunk

__all__ = ["KernelDistance"]

_LEAST = 4  # images: below that there is no spread to speak of


class KernelDistance:
    """How far a set of images is from the set of true ones, times 1000: 0, or a little below, where they are alike.

    The features are the five stages of LPIPS's AlexNet, each averaged over the image and made unit length: what is seen
    of skin, lines and colours, wherever it is. It is no FID or KID, which need Inception's weights; numbers compare
    within one data set only. Raises MissingExtra without the package that has the weights.

    Source: the unbiased squared maximum mean discrepancy under a cubic kernel, as in Bińkowski, Sutherland, Arbel,
    Gretton, "Demystifying MMD GANs" (2018), of sets of any two sizes.
    """

    lower_is_better = True
    of_face_box = True
    compares_sets = True

    def __init__(self) -> None:
        self.trunk = Trunk("metric kernel_distance")

    @torch.no_grad()
    def describe(self, images: Tensor) -> Tensor:
        """(B, 1152) of `images` (B, 3, H, W) in [-1, 1], 32 pixels or more a side."""
        self.trunk.to(images.device)
        features = [stage.mean((2, 3)) for stage in self.trunk(images)]
        return torch.cat([one / one.norm(dim=1, keepdim=True) for one in features], dim=1)

    def compare(self, made: Tensor, true: Tensor) -> float:
        """The distance of descriptions (N, 1152) from those (M, 1152) of true images; nan for fewer than 4 of them."""
        if min(len(made), len(true)) < _LEAST:
            return math.nan
        made, true = made.double(), true.double()
        apart = _kernel(made, true).mean()  # torchmetrics takes both sets for one size
        return 1000 * float(_mean_of_others(made) + _mean_of_others(true) - 2 * apart)


def _kernel(one: Tensor, other: Tensor) -> Tensor:
    return (one @ other.T / one.shape[1] + 1) ** 3


def _mean_of_others(set_: Tensor) -> Tensor:
    """The mean kernel of two different members of a set."""
    kernel = _kernel(set_, set_)
    return (kernel.sum() - kernel.diagonal().sum()) / (len(set_) * (len(set_) - 1))
