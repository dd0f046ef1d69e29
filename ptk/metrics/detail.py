"""How much of a photo's finest detail an edit keeps: on skin, and in the mouth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from ptk.faces.topology import CHEEKS, CHIN, LEFT_EYE_OUTER, NOSE_TOP, OUTER_LIPS, RIGHT_EYE_OUTER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ptk.types import Faces

__all__ = ["MouthDetail", "SkinDetail"]

_HALF = 0.12  # outer eye distances: half the side of the squares of skin that are looked at
_FOREHEAD = 0.25  # lengths of the face above the bridge of the nose
_LEAST = 1e-3  # levels: a picture without any detail

_Box = tuple[int, int, int, int]


class SkinDetail:
    """Mean absolute Laplacian of cheeks and forehead, as a share of the source's: 1 where at least as fine.

    Of grey values, at the pixels of the images as they are: soft results are below 1, and at sizes at which the photo
    has no detail everything is about 1.
    """

    lower_is_better = False
    needs_landmarks = True

    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:
        """(B,) of `result` (B, 3, H, W) in [-1, 1] with the target's landmarks, beside the source's image and its."""
        return _shares(source, target, result, _find_skin)


class MouthDetail:
    """Mean absolute Laplacian of the box around the lips, as a share of the source's: 1 where at least as fine."""

    lower_is_better = False
    needs_landmarks = True

    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:
        """(B,) as `SkinDetail` has it."""
        return _shares(
            source, target, result, lambda points: [_box(points[OUTER_LIPS].amin(0), points[OUTER_LIPS].amax(0))]
        )


def _shares(source: Faces, target: Faces, result: Tensor, boxes: Callable[[Tensor], Iterable[_Box]]) -> Tensor:
    made, seen = (_compute_laplacian(image) for image in (result, source.image))
    sides = torch.tensor([result.shape[-1], result.shape[-2]], device=result.device)
    shares = []
    for row in range(len(result)):
        energies = [
            torch.stack([plane[row, 0, top:bottom, left:right].mean() for left, top, right, bottom in boxes(points)])
            for plane, points in ((made, target.points[row] * sides), (seen, source.points[row] * sides))
        ]
        share = energies[0].nanmean() / energies[1].nanmean().clamp_min(_LEAST)
        shares.append(share.nan_to_num(0.0).clamp(max=1))  # noise is no detail that was kept
    return torch.stack(shares) if shares else result.new_zeros(0)


def _compute_laplacian(image: Tensor) -> Tensor:
    """(B, 1, H, W) in levels of 255."""
    grey = image.float().mean(dim=1, keepdim=True) * 127.5
    kernel = torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]], device=image.device)
    return functional.conv2d(functional.pad(grey, (1, 1, 1, 1), mode="replicate"), kernel[None, None]).abs()


def _find_skin(points: Tensor) -> list[_Box]:
    eyes = float((points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]).norm())
    half = max(_HALF * eyes, 3.0)
    forehead = points[NOSE_TOP] - (points[CHIN] - points[NOSE_TOP]) * _FOREHEAD
    middles = *((points[a] + points[b]) / 2 for a, b in CHEEKS), forehead
    return [_box(middle - half, middle + half) for middle in middles]


def _box(low: Tensor, high: Tensor) -> _Box:
    left, top = (max(int(value), 0) for value in low.tolist())
    right, bottom = (max(int(value), 0) + 1 for value in high.tolist())
    return left, top, right, bottom
