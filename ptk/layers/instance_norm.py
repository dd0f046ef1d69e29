"""Instance norm, by the fastest of torch's ways."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["InstanceNorm2d"]


class InstanceNorm2d(nn.Module):
    """(B, C, H, W) -> the same with mean 0 and variance 1 in every channel of every image; nothing to learn.

    It is group norm with one channel a group (Wu and He 2018), which torch computes several times as fast as instance
    norm on a processor. CUDA keeps torch's instance norm, which stays in half precision under autocast.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels

    def forward(self, x: Tensor) -> Tensor:
        """`x` normalised."""
        if x.is_cuda:
            return F.instance_norm(x)
        return F.group_norm(x, self.channels)

    def extra_repr(self) -> str:
        """What `print` shows of it."""
        return str(self.channels)
