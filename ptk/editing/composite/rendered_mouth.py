"""Teeth, tongue and walls of an open mouth, as a rendered head shows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Float32

    from ptk.motion.lips import Hollow

__all__ = ["GAPING", "RenderedMouth", "TeethRows"]

GAPING = 0.5
"""How far a mouth gapes that is taken to gape altogether: half drawn it would show a network's teeth through these."""

_PICTURE = Path(__file__).parent / "mouth_inside.png"
"""A mouth of `c-frame/valid-avatars-glb` (MIT, Do et al. 2022), rendered wide open from the front, in five planes.

From top to bottom: how much of a place is an upper tooth, and its light; the same of lower teeth; the light of tongue
and walls. Values are squares of those stored. Columns run from corner to corner, rows from a parabola along the lip on,
over `_REACH`.
"""

_ROWS = (56, 56, 96, 96, 96)
_REACH = (0.28, 0.48)  # widths of the mouth, below the upper lip and above the lower
_SIZE, _WIDE_SIZE = 0.85, 0.8  # of those in the picture teeth are: its mouth is a narrow one, and smiles are wide
_COVERED = (0.075, 0.035)  # widths of upper and lower teeth, of those in the picture, are behind the lips
_RAISED, _BRIGHT = 0.02, 0.75  # the same of upper teeth in smiles, and the power of their light
_SIDES, _ROUND = (0.4, 0.75), 0.6  # over which lower teeth end, and how much darker teeth are at the corners
_PLACES = np.linspace(-1, 1, 33)
_MOST_ASIDE = 0.7  # of half a mouth: of faces turned further the middle is beyond what is seen
_BOUNDS = (-0.65, -0.41, 0.0, 0.42, 0.69)  # between upper teeth, in half widths of the picture
_WELL_LIT, _CONTRAST = (0.58, 0.9), 1.4  # of the picture's light upper and lower teeth have; its light is too even
_NOTCH, _ROUNDER, _BESIDE = 0.03, 0.05, 0.04  # of `_REACH` edges rise between teeth, and children's more; how far aside
_SHORTER, _SPACE = 0.3, 0.025  # a child's teeth are that much shorter, and half of the half widths between them
_ASIDE = (0.5, 0.62)  # of half a mouth the middle is aside, from which on gaping lips begin to cover teeth, and do
_BEND = 0.05  # widths of the mouth: teeth follow lips that are further from their parabola
_MIDDLE, _ENOUGH, _SMALLEST, _LEVEL = 0.85, 24, 4, 0.2  # of the mouth; pixels; pixels; slopes: less says nothing
_UPPER, _LOWER = (0.1, 0.24), (0.2, 0.45)  # openings, in widths, from which on such teeth show, and show whole


@dataclass(frozen=True, eq=False)
class RenderedMouth:
    """What is seen at each pixel of a hollow, (H, W).

    `teeth` in [0, 1] is how much of a pixel is teeth and `enamel` their light, as a share of what teeth well lit
    reflect; `flesh` that of tongue and walls, as a share of the lower lip's.
    """

    teeth: Float32[np.ndarray, "height width"]
    enamel: Float32[np.ndarray, "height width"]
    flesh: Float32[np.ndarray, "height width"]


@dataclass(frozen=True, eq=False)
class TeethRows:
    """How rows of teeth lie in a mouth: along parabolas that follow the lips, not along each bend of these.

    `upper` and `lower` are how far each lip is below, or above, its parabola at places across the mouth, in widths of
    it, after distances from it were divided by a scale: (scale, (33,)). `opening` is how far the mouth is open below
    the teeth that the photo shows, in widths, `middle` where the middle of the lips is, from -1 to 1 between corners:
    of a face that is turned its teeth are seen there. Those of a `child`, in [0, 1], are shorter and rounder, with
    gaps between them. A mouth that `smiles`, in [0, 1], shows more of the
    upper ones.
    """

    upper: tuple[float, Float[np.ndarray, "33"]]
    lower: tuple[float, Float[np.ndarray, "33"]]
    opening: float
    middle: float = 0.0
    child: float = 0.0
    smiles: float = 0.0

    @classmethod
    def of(cls, hollow: Hollow, middle: float = 0.0, child: float = 0.0, smiles: float = 0.0) -> TeethRows:
        """Fit the rows of a hollow, seen whole, whose lips have their `middle` there between the corners."""
        middle = float(np.clip(middle, -_MOST_ASIDE, _MOST_ASIDE))
        below, above, across = (np.asarray(each)[0, 0] for each in (hollow.teeth, hollow.lip, hollow.across))
        inside = np.asarray(hollow.share)[0, 0] > 0
        opening = float((below + above)[inside].max()) if inside.any() else 0.0
        upper, lower = (_fit_row(each, across, inside, middle) for each in (below, above))
        return cls(upper, lower, opening, middle, child, smiles)

    def look_up(self, hollow: Hollow) -> RenderedMouth:
        """Look up teeth, tongue and walls in a hollow: upper teeth only where it gapes, others are the photo's own."""
        below, above, across = (np.asarray(each)[0, 0] for each in (hollow.teeth, hollow.lip, hollow.across))
        across = _turn(across, self.middle)
        below, above = (
            each / scale + np.interp(across, _PLACES, bends)
            for each, (scale, bends) in ((below, self.upper), (above, self.lower))
        )
        upper, upper_light, lower, lower_light, flesh = _read_planes()
        size = _SIZE + self.smiles * (_WIDE_SIZE - _SIZE)
        covered = _COVERED[0] + self.smiles * (_RAISED - _COVERED[0])
        place, up = across / size, above / _REACH[1]
        down, gums = (below / size + covered) / _REACH[0], (above / size + _COVERED[1]) / _REACH[1]
        beside = np.abs(place[..., None] - np.array(_BOUNDS, dtype=np.float32)).min(axis=2)
        down = down * (1 + self.child * _SHORTER) + (_NOTCH + self.child * _ROUNDER) * np.exp(-beside / _BESIDE)
        gapes = _ramp(float(hollow.gapes[0, 0]), 0, GAPING)
        upper = _sample(upper, place, down) * gapes * max(self.smiles, _ramp(self.opening, *_UPPER))
        upper = upper * (1 - self.child * np.exp(-((beside / _SPACE) ** 2)))
        corners = np.clip((_SIDES[1] - np.abs(across)) / (_SIDES[1] - _SIDES[0]), 0, 1)
        lower = _sample(lower, place, gums) * corners * _ramp(self.opening, *_LOWER)
        # Lips that gape in a turned face leave a rim of teeth alone, on one side: behind round lips there may be none.
        aside = (1 - self.smiles) * _ramp(abs(self.middle), *_ASIDE)
        upper = upper * (1 - aside)
        lower = lower * (1 - aside)
        teeth = upper + lower * (1 - upper)
        light = upper * _sample(upper_light, place, down) + (1 - upper) * lower * _sample(lower_light, place, gums)
        light = light / np.maximum(teeth, 1e-4) * (1 - _ROUND * across**2)
        light = light ** (1 + self.smiles * (_BRIGHT - 1))  # less of it is lost below a lip that rises
        return RenderedMouth(teeth, light, _sample(flesh, across, up))


def _fit_row(
    distance: Float[np.ndarray, "height width"],
    across: Float[np.ndarray, "height width"],
    inside: Bool[np.ndarray, "height width"],
    middle: float,
) -> tuple[float, Float[np.ndarray, "33"]]:
    """The scale of distances from a lip, and how far it is from the parabola that follows it best."""
    turned = _turn(across, middle)
    known = inside & (np.abs(turned) < _MIDDLE) & (distance > 0)
    if known.sum() < _ENOUGH or min(across.shape) < _SMALLEST:
        return 1.0, np.zeros(len(_PLACES))
    steps, right = np.gradient(across)  # `across` is linear in pixels, but for its ends: 2 in a width of the mouth
    rows, columns = np.nonzero(known)
    y = (np.median(right[known]) * rows - np.median(steps[known]) * columns) / 2
    x, seen = turned[known], distance[known]
    terms = np.stack([y, np.ones_like(x), x, x**2], axis=1)
    slope, *line = np.linalg.lstsq(terms, seen, rcond=None)[0]
    scale = abs(float(slope))
    if scale < _LEVEL:
        return 1.0, np.zeros(len(_PLACES))
    gaps = np.sign(slope) * y + (line[0] + line[1] * x + line[2] * x**2) / scale - seen / scale
    order = np.argsort(x)
    return scale, np.interp(_PLACES, x[order], _smooth(gaps[order])).clip(-_BEND, _BEND)


def _turn(across: Float[np.ndarray, "..."], middle: float) -> Float[np.ndarray, "..."]:
    """Places between the corners as from the front: the `middle` is at 0, and corners stay. It is projective."""
    return np.asarray((across - middle) / (1 - middle * across))


def _smooth(values: Float[np.ndarray, "pixels"]) -> Float[np.ndarray, "pixels"]:
    """Average with neighbours, of which a column of pixels has many: they differ by rounding alone."""
    side = max(1, len(values) // (2 * len(_PLACES)))
    ends = np.pad(values, side, mode="edge")
    return np.convolve(ends, np.full(2 * side + 1, 1 / (2 * side + 1)), mode="valid")


@cache
def _read_planes() -> list[Float32[np.ndarray, "rows columns"]]:
    stored = (np.asarray(Image.open(_PICTURE), dtype=np.float32) / 255) ** 2
    planes = np.split(stored, np.cumsum(_ROWS)[:-1])
    for index, brightest in zip((1, 3), _WELL_LIT, strict=True):
        planes[index] = (planes[index] / brightest) ** _CONTRAST
    return planes


def _sample(
    plane: Float32[np.ndarray, "rows columns"],
    across: Float[np.ndarray, "height width"],
    down: Float[np.ndarray, "height width"],
) -> Float32[np.ndarray, "height width"]:
    """A plane at places from -1 to 1 between the corners and from 0 to 1 away from a lip; beyond, as at its edge."""
    import cv2

    rows, columns = plane.shape
    x, y = (across + 1) / 2 * columns - 0.5, down * rows - 0.5
    x, y = (np.ascontiguousarray(each, dtype=np.float32) for each in (x, y))
    found = cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, dtype=np.float32)


def _ramp(value: float, start: float, end: float) -> float:
    return float(np.clip((value - start) / (end - start), 0, 1))
