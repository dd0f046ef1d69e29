"""A pool of earlier generated images, some of which a critic judges in the place of new ones."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

__all__ = ["ImagePool"]

Gather = Callable[[Tensor], tuple[Tensor, slice]]


class ImagePool(nn.Module):
    """Images (N, 3, H, W) of `domains` (N,) -> as many: each the new one or, half of the time, an older of its domain.

    A domain keeps `size` images. Until it has them, each new one is kept and given back as it is; then half of them,
    by chance, take the place of a kept one, which is given back instead. What is kept are buffers, so it goes through
    checkpoints, and nothing waits for the device.

    Processes that train together keep the same pool, of the images of all, by the random numbers of the first: it is
    the pool of one process, wherever each half of a batch goes to one domain.

    Source: Shrivastava et al. 2017, section 2.3, as CycleGAN has it (Zhu et al. 2017, section 4: 50 images).
    """

    images: Tensor
    counts: Tensor

    def __init__(self, size: int, domains: int) -> None:
        super().__init__()
        self.size = size
        self.register_buffer("images", torch.zeros(domains, 0))  # its shape is known when the first images come
        self.register_buffer("counts", torch.zeros(domains, dtype=torch.int64))

    @torch.no_grad()
    def forward(self, images: Tensor, domain: Tensor, gather: Gather) -> Tensor:
        """What to judge, (N, 3, H, W), without graph; `images` are kept, in part. `gather` is that of the networks."""
        if self.images.shape[2:] != images.shape[1:]:
            self.images = images.new_zeros(len(self.counts), self.size, *images.shape[1:])
            self.counts = torch.zeros_like(self.counts)
        everyone, mine = gather(images)
        domains, _ = gather(domain)
        drawn = gather(torch.rand(1, 2, len(self.counts), len(everyone), device=images.device))[0][0]
        # Numbers are drawn by domain, in the order of its images: the order of the others does not matter.
        turn = (domains[:, None] == domains).tril(-1).sum(1)
        older, slot = drawn[0, domains, turn] > 0.5, (drawn[1, domains, turn] * self.size).long()
        judged = [
            self._exchange(everyone[row : row + 1], domains[row : row + 1], older[row], slot[row])
            for row in range(len(everyone))
        ]
        return torch.cat(judged[mine])

    def _exchange(self, image: Tensor, domain: Tensor, older: Tensor, slot: Tensor) -> Tensor:
        """What is given back for one new image (1, 3, H, W)."""
        count = self.counts[domain]
        full = count >= self.size
        place = torch.where(full, slot, count)
        kept = self.images[domain, place]
        given = torch.where(full & older, kept, image)
        self.images[domain, place] = torch.where(full & ~older, kept, image)
        self.counts[domain] = count + (~full).long()
        return given
