"""A pencil drawing: lines from differences of Gaussians along the edges, shading by hatching."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.domains.filters import blur, blur_widely, find_edge_flow, smooth_along
from ptk.domains.tiles import Filter, Place

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = ["Sketch"]

_BRIGHTNESS = np.array([0.1, 0.6, 0.3], dtype=np.float32)
"""Red, green, blue. Little red, as in orthochromatic film: lips stand out, and skin from a grey background."""

_LINE_SIGMA = 0.75
_LINE_RATIO = 1.6
_LINE_THRESHOLD = 0.008
_LINE_SLOPE = 18
_DARKNESS = 0.06
"""Added to a brightness before anything is divided by it, so that noise in black hair draws no lines."""

_AROUND = 9.0
"""The standard deviation of the surroundings that a hollow is darker than."""

_PAPER = 0.75
"""The brightness from which on the paper stays bare."""

_BLACKEST = 0.93


class Sketch(Filter):
    """A pencil drawing on white paper, grey in all three channels.

    Lines are an extended difference of Gaussians, softly thresholded, along the edge tangent flow (Winnemoeller et al.
    2012, "XDoG: an eXtended difference-of-Gaussians compendium"), here relative to the brightness around: a mouth
    is as clear on dark skin as on light. Shading is hatched in two directions, denser where it is darker.
    """

    title = "pencil sketch"
    reach = 3 * _AROUND + 1

    def paint(self, rgb: Float32[np.ndarray, "h w 3"], place: Place) -> Float32[np.ndarray, "h w 3"]:
        """Render one image in [0, 1]."""
        brightness = rgb @ _BRIGHTNESS
        grain = place.texture(rgb, seed=0, along=0.6, across=0.6)
        sigma = _LINE_SIGMA * place.scale
        fine, coarse = blur(brightness, sigma), blur(brightness, sigma * _LINE_RATIO)
        difference = (coarse - fine) / (coarse + _DARKNESS)  # lines are on the dark side of edges
        drawn = smooth_along(difference, find_edge_flow(fine, 2 * place.scale), 1.6 * place.scale, steps=4)
        lines = np.asarray(np.tanh(_LINE_SLOPE * (drawn - _LINE_THRESHOLD).clip(min=0))) * (0.72 + 0.28 * grain)
        graphite = 1 - (1 - lines) * (1 - _hatch(brightness, place))
        return np.repeat((1 - _BLACKEST * graphite)[..., None], 3, axis=2)


def _hatch(brightness: Float32[np.ndarray, "h w"], place: Place) -> Float32[np.ndarray, "h w"]:
    """How dark the hatching is, in [0, 1]: by tone, and by what is darker than around, as eyes are."""
    tone, around = blur(brightness, 1.2 * place.scale), blur_widely(brightness, _AROUND * place.scale, place.origin)
    shadow = (1 - tone / _PAPER).clip(0, 1) ** 1.3
    hollow = (1 - tone / (around + _DARKNESS)).clip(0, 1)
    depth = (0.62 * shadow + 0.75 * hollow).clip(0, 1)
    strokes = place.texture(brightness, seed=1, along=9, across=0.5, degrees=-50)
    crossing = place.texture(brightness, seed=2, along=7, across=0.5, degrees=-20)
    first = (1.6 * (1.25 * depth - 0.75 * strokes) + 0.25).clip(0, 1) * (2 * depth).clip(0, 1)
    second = (1.6 * (1.25 * depth - 0.75 * crossing - 0.35)).clip(0, 1)
    return np.asarray(0.5 * first + 0.35 * second)
