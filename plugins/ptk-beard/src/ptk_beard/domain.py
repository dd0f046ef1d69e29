"""The domains: the same photo, with a beard or without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from ptk_beard.painter import FacePainter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

__all__ = ["Beard", "Shaved"]

Colour = Literal["own", "black", "brown", "red", "blond", "grey", "white"]
Cover = Literal["full", "goatee", "moustache"]


class Beard(FacePainter):
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
        self.around = max(self.around, self.around * length)
        self.length, self.cover, self.density, self.colour = length, cover, density, colour

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


class Shaved(FacePainter):
    """The same face without stubble or short beard: skin over the hair, with the colours and the grain of the cheeks.

    What light and shade is broad stays. Hair beyond the outline of the face stays, too, so that long beards do not go.
    """

    title = "shaved"

    def _paint(self, rgb: Floats, points: Floats) -> Floats:
        """`rgb` (H, W, 3) in [0, 1], shaved, of the face at `points` (68, 2) in its pixels."""
        from ptk_beard.shave import shave
        from ptk_beard.skin import find_skin
        from ptk_beard.strands import size_of

        size = size_of(points)
        return shave(rgb, points, size, find_skin(rgb, points, size))
