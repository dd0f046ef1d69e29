"""Symmetric matrices that describe images, computed once for each image that comes again."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from ptk.types import Faces

__all__ = ["GramCache"]

_BYTES = 1 << 31
"""Of what is kept: the Gram matrices of five stages of a VGG take 1.2 MB an image, so 1700 images."""


class GramCache:
    """Faces -> what `describe` makes of their images (N, 3, H, W): symmetric matrices (N, C, C), for any number of C.

    What an image with a `key` is described by is kept, upper triangles only, for the first keys, as many as fit in
    `limit` bytes. Those images are described one by one, always: then a run gives the same bits whether an image is
    remembered or, after a new start, not. Gradients must be off.
    """

    def __init__(self, limit: int = _BYTES) -> None:
        self.limit = limit
        self._kept: dict[int, list[Tensor]] = {}
        self._each = 0

    def __call__(self, faces: Faces, describe: Callable[[Tensor], Sequence[Tensor]]) -> list[Tensor]:
        """The matrices of all images of the batch."""
        if faces.key is None:
            return list(describe(faces.image))
        if not self._each:
            self._each = sum(_pack_triangle(each).nbytes for each in describe(faces.image[:1]))
        keys = faces.key.tolist()
        known = [row for row, key in enumerate(keys) if 0 <= key < self.limit // self._each]
        others = [row for row in range(len(keys)) if row not in known]
        for row in known:
            if keys[row] not in self._kept:
                self._kept[keys[row]] = [_pack_triangle(each) for each in describe(faces.image[row : row + 1])]
        if not known:
            return list(describe(faces.image))
        remembered = [
            _unpack_triangle(torch.cat(each)) for each in zip(*(self._kept[keys[row]] for row in known), strict=True)
        ]
        if not others:
            return remembered
        order = torch.tensor([*known, *others]).argsort().to(faces.image.device)
        new = describe(faces.image[others])
        return [torch.cat(both)[order] for both in zip(remembered, new, strict=True)]

    def __deepcopy__(self, memo: object) -> GramCache:
        """A copy remembers for itself: it may be for another device."""
        return GramCache(self.limit)


def _pack_triangle(matrices: Tensor) -> Tensor:
    """(N, C, C), symmetric -> (N, C (C + 1) / 2)."""
    row, column = torch.triu_indices(*matrices.shape[1:], device=matrices.device)
    return matrices[:, row, column]


def _unpack_triangle(triangles: Tensor) -> Tensor:
    """What `_pack_triangle` came from."""
    side = (math.isqrt(8 * triangles.shape[1] + 1) - 1) // 2
    row, column = torch.triu_indices(side, side, device=triangles.device)
    matrices = triangles.new_empty(len(triangles), side, side)
    matrices[:, row, column] = triangles
    matrices[:, column, row] = triangles
    return matrices
