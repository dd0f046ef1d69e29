"""The domain: the same photo, with a full beard."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import torch

import ptk
from ptk_beard.paint import COLOURS, Portrait, own_colour, painted
from ptk_beard.strands import grow, size_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Floats = NDArray[np.float64]

__all__ = ["Beard"]

Colour = Literal["own", "black", "brown", "red", "blond", "grey", "white"]

_SMALLEST = 4.0
"""In pixels: a face of less size has no room for a hair."""

_AROUND = 0.6
"""How far hair reaches beyond the landmarks, as a share of the face's size; more than the longest does."""


class Beard(ptk.Domain):
    """A full beard: sideburns, cheeks, jaw, chin, moustache and a tuft under the lip, each hair a tapering curve.

    `length` and `density` of the hair are relative to a beard of some weeks, above 0 and at most 2 and 3; `colour` is
    the person's own, taken from the brows, or a named one. Hairs are rooted in the landmarks and drawn by chance once
    and for all: a person has the same beard on every photo, and the same photo gives the same picture. They are lit as
    the skin under them is. Lips and mouth stay free, and all that is not near the beard is left as it is.
    """

    title = "full beard"

    def __init__(self, length: float = 1.0, density: float = 1.0, colour: Colour = "own") -> None:
        for name, value, most in (("length", length, 2), ("density", density, 3)):
            if not 0 < value <= most:
                raise ValueError(f"{name} must be above 0 and at most {most}, not {value}")
        if colour not in get_args(Colour):
            raise ValueError(f"colour must be one of {', '.join(get_args(Colour))}, not {colour}")
        self.length, self.density, self.colour = length, density, colour

    @torch.no_grad()
    def stylise(self, faces: ptk.Faces) -> Tensor:
        """The photos `faces.image` (B, 3, H, W) in [-1, 1] with beards; same shape, range, dtype and device.

        Painted on the CPU, in float64. Faces of less than some pixels, or with points that are not finite, get none.
        """
        bearded = faces.image.clone()
        height, width = bearded.shape[-2:]
        points = faces.points.double().cpu().numpy() * (width, height)
        for image, landmarks in zip(bearded, points, strict=True):
            left, top, right, bottom = _window(landmarks, height, width)
            if left < right and top < bottom:
                window = image[:, top:bottom, left:right]
                # In one piece: how sums are rounded depends on how memory lies.
                rgb = (window.permute(1, 2, 0).double().cpu().contiguous().numpy() + 1) / 2
                shown = torch.from_numpy(self._painted(rgb, landmarks - (left, top)))
                window.copy_(shown.permute(2, 0, 1) * 2 - 1)
        return bearded

    def _painted(self, rgb: Floats, points: Floats) -> Floats:
        """`rgb` (H, W, 3) in [0, 1] with a beard on the face at `points` (68, 2) in its pixels."""
        portrait = Portrait(rgb, points, size_of(points))
        colour = own_colour(portrait) if self.colour == "own" else np.array(COLOURS[self.colour])
        return painted(portrait, grow(points, self.length, self.density), colour)


def _window(points: Floats, height: int, width: int) -> tuple[int, int, int, int]:
    """The left, top, right and bottom of what a beard can reach; empty when there is no face to be painted on."""
    size = size_of(points) if np.isfinite(points).all() else 0.0
    if not _SMALLEST <= size < 4 * max(height, width):
        return 0, 0, 0, 0
    (left, top), (right, bottom) = points.min(axis=0) - _AROUND * size, points.max(axis=0) + _AROUND * size
    return (
        max(math.floor(left), 0),
        max(math.floor(top), 0),
        min(math.ceil(right), width),
        min(math.ceil(bottom), height),
    )
