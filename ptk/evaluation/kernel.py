"""The kernel distance of two small sets of faces, on local features of a network."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ptk.errors import MissingExtra
from ptk.torchvision_import import mend_torchvision

if TYPE_CHECKING:
    from ptk.metrics.lpips import Trunk

__all__ = ["NAME", "Kernel"]

NAME = "kernel_distance"

_LEAST = 4  # images: below that there is no spread to speak of


class Kernel:
    """Collects features of images, and says how far sets of them are from the set of true ones.

    The features are the five stages of LPIPS's AlexNet, each averaged over the image and made unit length: what is seen
    of skin, lines and colours, wherever it is. It is no FID or KID, which need Inception's weights; numbers compare
    within one data set only. Times 1000; 0, or a little below, where the sets are alike.

    Source: the unbiased squared maximum mean discrepancy under a cubic kernel, as in Bińkowski, Sutherland, Arbel,
    Gretton, "Demystifying MMD GANs" (2018), computed by torchmetrics.
    """

    def __init__(self, trunk: Trunk | None) -> None:
        self._trunk = trunk
        self._seen: dict[tuple[str, str], list[Tensor]] = defaultdict(list)

    @classmethod
    def built(cls) -> tuple[Kernel, dict[str, str]]:
        """One, and why it is to be skipped, if it is."""
        from ptk.metrics.lpips import Trunk

        try:
            return cls(Trunk()), {}
        except MissingExtra as missing:
            return cls(None), {NAME: f"skipped: {str(missing).replace('metric lpips', NAME)}"}

    def see(self, domain: str, candidate: str, image: Tensor) -> None:
        """Remember `image` (1, 3, H, W) in [-1, 1]."""
        if self._trunk is None:
            return
        features = [stage.mean((2, 3)) for stage in self._trunk(image)]
        self._seen[domain, candidate].append(torch.cat([one / one.norm() for one in features], dim=1)[0])

    def distances(self) -> dict[str, dict[str, float]]:
        """Domain -> candidate -> distance to the true images of that domain."""
        mend_torchvision()
        from torchmetrics.image.kid import poly_mmd

        found: dict[str, dict[str, float]] = defaultdict(dict)
        for (domain, candidate), features in self._seen.items():
            true = self._seen[domain, "true"]
            if candidate != "true" and len(true) >= _LEAST:
                found[domain][candidate] = 1000 * float(poly_mmd(torch.stack(features), torch.stack(true)))
        return dict(found)
