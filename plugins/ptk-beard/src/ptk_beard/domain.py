"""The domain: the same photo, with a beard."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

import ptk

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    Floats = NDArray[np.floating]

__all__ = ["Beard"]

Colour = Literal["own", "black", "brown", "red", "blond", "grey", "white"]
Cover = Literal["full", "goatee", "moustache"]

_SMALLEST = 4.0
"""In pixels: a face of less size has no room for a hair."""

_AROUND = 0.6
"""How far hair reaches beyond the landmarks, as a share of the face's size, at a `length` of 1."""


class Beard(ptk.Domain):
    """A beard that grows from the skin, hair by hair, in the colour of the person's brows and head.

    `length` of the hair is relative to a beard of some weeks: 0.15 is stubble, 1 a full beard, 2 a long one; above 0.
    `cover` is full, goatee (moustache and chin) or moustache. `density` is the number of hairs, relative, above 0 and
    at most 3; `colour` is the person's own, or a named one. Hairs are rooted in the landmarks and drawn by chance once
    and for all: a person has the same beard on every photo, and the same photo gives the same picture. They are lit as
    the skin under them is. Lips, mouth, and what is no skin stay free, and all that is not near the beard is left as it
    is.
    """

    title = "beard"

    def __init__(
        self, length: float = 1.0, cover: Cover = "full", density: float = 1.0, colour: Colour = "own"
    ) -> None:
        for name, value, most in (("length", length, 2), ("density", density, 3)):
            if not 0 < value <= most:
                raise ValueError(f"{name} must be above 0 and at most {most}, not {value}")
        for name, word, words in (("cover", cover, get_args(Cover)), ("colour", colour, get_args(Colour))):
            if word not in words:
                raise ValueError(f"{name} must be one of {', '.join(words)}, not {word}")
        self.length, self.cover, self.density, self.colour = length, cover, density, colour

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
        """`rgb` (H, W, 3) in [0, 1] with a beard on the face at `points` (68, 2) in its pixels."""
        from ptk_beard.colour import find_tones, name_tones
        from ptk_beard.paint import paint
        from ptk_beard.skin import find_skin
        from ptk_beard.strands import grow, size_of

        size = size_of(points)
        skin = find_skin(rgb, points, size)
        tones = find_tones(rgb, points, size, skin) if self.colour == "own" else name_tones(self.colour, skin)
        hairs = grow(points, skin, self.length, self.density, self.cover)
        return paint(rgb, points, size, skin, tones, hairs)

    def _window(self, points: Floats, height: int, width: int) -> tuple[int, int, int, int]:
        """The left, top, right and bottom of what a beard can reach; empty without a face to be painted on."""
        from ptk_beard.strands import size_of

        size = size_of(points) if np.isfinite(points).all() else 0.0
        if not _SMALLEST <= size < 4 * max(height, width):
            return 0, 0, 0, 0
        around = _AROUND * max(1.0, self.length) * size
        # Hair of the head is looked at, too.
        (left, top), (right, bottom) = points.min(axis=0) - (around, 1.4 * size), points.max(axis=0) + around
        return (
            max(math.floor(left), 0),
            max(math.floor(top), 0),
            min(math.ceil(right), width),
            min(math.ceil(bottom), height),
        )
