"""A pencil drawing: lines from differences of Gaussians along the edges, shading by hatching."""

from __future__ import annotations

import torch
from torch import Tensor

from ptk.domains.filters import Filter, blurred, edge_flow, smoothed_along, texture

__all__ = ["Sketch"]

_BRIGHTNESS = (0.1, 0.6, 0.3)
"""Red, green, blue. Little red, as in orthochromatic film: lips stand out, and skin from a grey background."""

_LINE_SIGMA = 0.75
_LINE_RATIO = 1.6
_LINE_THRESHOLD = 0.008
_LINE_SLOPE = 18
_DARKNESS = 0.06
"""Added to a brightness before anything is divided by it, so that noise in black hair draws no lines."""

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

    def paint(self, rgb: Tensor, scale: float) -> Tensor:
        """Render one image (1, 3, h, w) in [0, 1]."""
        brightness = (rgb * rgb.new_tensor(_BRIGHTNESS).view(1, 3, 1, 1)).sum(1, keepdim=True)
        grain = texture(brightness, scale, seed=0, along=0.6, across=0.6)
        lines = _lines(brightness, scale) * (0.72 + 0.28 * grain)
        graphite = 1 - (1 - lines) * (1 - _hatching(brightness, scale))
        return (1 - _BLACKEST * graphite).expand(-1, 3, -1, -1)


def _lines(brightness: Tensor, scale: float) -> Tensor:
    """How dark the lines are, (1, 1, h, w) in [0, 1]: on the dark side of edges."""
    sigma = _LINE_SIGMA * scale
    fine, coarse = blurred(brightness, sigma), blurred(brightness, sigma * _LINE_RATIO)
    difference = (coarse - fine) / (coarse + _DARKNESS)
    drawn = smoothed_along(difference, edge_flow(fine, 2 * scale), 1.6 * scale, steps=4)
    return torch.tanh(_LINE_SLOPE * (drawn - _LINE_THRESHOLD).clamp(min=0))


def _hatching(brightness: Tensor, scale: float) -> Tensor:
    """How dark the hatching is, (1, 1, h, w) in [0, 1]: by tone, and by what is darker than around, as eyes are."""
    tone, around = blurred(brightness, 1.2 * scale), blurred(brightness, 9 * scale)
    shadow = (1 - tone / _PAPER).clamp(0, 1) ** 1.3
    hollow = (1 - tone / (around + _DARKNESS)).clamp(0, 1)
    depth = (0.62 * shadow + 0.75 * hollow).clamp(0, 1)
    strokes = texture(brightness, scale, seed=1, along=9, across=0.5, degrees=-50)
    crossing = texture(brightness, scale, seed=2, along=7, across=0.5, degrees=-20)
    first = (1.6 * (1.25 * depth - 0.75 * strokes) + 0.25).clamp(0, 1) * (2 * depth).clamp(0, 1)
    second = (1.6 * (1.25 * depth - 0.75 * crossing - 0.35)).clamp(0, 1)
    return 0.5 * first + 0.35 * second
