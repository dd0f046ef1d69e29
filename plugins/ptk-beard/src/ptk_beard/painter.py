"""The base of the domains: what is painted on a face, cut out of whole photos or crops, and put back."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

import ptk

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Floats = NDArray[np.floating]

__all__ = ["FacePainter"]

_SMALLEST = 4.0
"""In pixels: a face of less size has no room for a hair."""


class FacePainter(ptk.Domain):
    """A domain that paints on the face alone: subclasses say in `_paint` how.

    `around` is how far beyond the landmarks it may, as a share of the face's size.
    """

    around = 0.6

    def stylise(self, faces: ptk.Faces) -> Tensor:
        """The photos `faces.image` (B, 3, H, W) in [-1, 1] with beards; same shape, range, dtype and device.

        Painted on the CPU, in float32. Faces of less than some pixels, or with points that are not finite, get none.
        """
        import torch

        with torch.no_grad():
            bearded = faces.image.clone()
            height, width = bearded.shape[-2:]
            points = faces.points.double().cpu().numpy() * (width, height)
            for image, landmarks in zip(bearded, points, strict=True):
                left, top, right, bottom = self._window(landmarks, height, width)
                if left < right and top < bottom:
                    window = image[:, top:bottom, left:right]
                    rgb = (window.permute(1, 2, 0).float().cpu().contiguous().numpy() + 1) / 2
                    shown = self._paint(rgb, landmarks - (left, top))
                    changed = torch.from_numpy(shown - rgb).permute(2, 0, 1) * 2
                    window.copy_((window.float().cpu() + changed).clamp(-1, 1))
        return bearded

    def render(
        self,
        pixels: NDArray[np.uint8],
        points: Floats | None,
        scale: float,  # noqa: ARG002 (hair is as thick as faces are large)
    ) -> NDArray[np.uint8]:
        """One photo (H, W, 3) with a beard on the face at `points` (68, 2) in [0, 1] of it; without torch."""
        bearded = pixels.copy()
        height, width = pixels.shape[:2]
        placed = np.full((68, 2), np.nan) if points is None else np.asarray(points, float) * (width, height)
        left, top, right, bottom = self._window(placed, height, width)
        if left < right and top < bottom:
            part = bearded[top:bottom, left:right]
            rgb = part.astype(np.float32) / 255
            part[:] = np.rint(self._paint(rgb, placed - (left, top)) * 255)
        return bearded

    def _paint(self, rgb: Floats, points: Floats) -> Floats:
        """`rgb` (H, W, 3) in [0, 1] with the face at `points` (68, 2) in its pixels painted."""
        raise NotImplementedError

    def _window(self, points: Floats, height: int, width: int) -> tuple[int, int, int, int]:
        """The left, top, right and bottom of what a beard can reach; empty without a face to be painted on."""
        from ptk_beard.strands import size_of

        size = size_of(points) if np.isfinite(points).all() else 0.0
        if not _SMALLEST <= size < 4 * max(height, width):
            return 0, 0, 0, 0
        around = self.around * size
        # Hair of the head is looked at, too.
        (left, top), (right, bottom) = points.min(axis=0) - (around, 1.4 * size), points.max(axis=0) + around
        return (
            max(math.floor(left), 0),
            max(math.floor(top), 0),
            min(math.ceil(right), width),
            min(math.ceil(bottom), height),
        )
