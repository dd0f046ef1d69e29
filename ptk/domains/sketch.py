"""A pencil drawing: lines from differences of Gaussians along the edges, shading by hatching."""

from __future__ import annotations

import torch
from torch import Tensor

from ptk.domains.filters import Filter, blurred, edge_flow, smoothed_along, texture

__all__ = ["Sketch"]

_LUMA = (0.1, 0.6, 0.3)
_LINE_SIGMA = 0.75
_LINE_RATIO = 1.6
_FLOOR = 0.06


class Sketch(Filter):
    """A pencil drawing on white paper, grey in all three channels.

    Lines are an extended difference of Gaussians along the edge tangent flow (Winnemoeller et al. 2012, "XDoG: an
    eXtended difference-of-Gaussians compendium", equations 5 to 7), taken relative to the brightness around: a mouth
    is as clear on dark skin as on light. Shading is hatched in two directions, the darker the denser.
    """

    title = "pencil sketch"

    def __init__(self, lines: float = 1.0, shading: float = 1.0) -> None:
        """`lines` and `shading` scale how dark either is drawn, 0 (none) to 1 and more."""
        self.lines = lines
        self.shading = shading

    def paint(self, rgb: Tensor, scale: float) -> Tensor:
        """Render one image (1, 3, h, w) in [0, 1]."""
        luma = (rgb * rgb.new_tensor(_LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
        grain = texture(luma, scale, seed=0, along=0.6, across=0.6)
        lines = self.lines * self._lines(luma, scale) * (0.72 + 0.28 * grain)
        ink = 1 - (1 - lines.clamp(0, 1)) * (1 - self.shading * self._shading(luma, scale)).clamp(0, 1)
        return (1 - 0.93 * ink).expand(-1, 3, -1, -1)

    def _lines(self, luma: Tensor, scale: float) -> Tensor:
        """How dark the lines are, (1, 1, h, w) in [0, 1]."""
        sigma = _LINE_SIGMA * scale
        fine, coarse = blurred(luma, sigma), blurred(luma, sigma * _LINE_RATIO)
        difference = (fine - coarse) / (coarse + _FLOOR)
        flow = edge_flow(fine, 2 * scale)
        response = smoothed_along(difference, flow, 1.6 * scale, 4)
        return torch.tanh((-response - 0.008).clamp(min=0) * 18)

    def _shading(self, luma: Tensor, scale: float) -> Tensor:
        """How dark the hatching is, (1, 1, h, w) in [0, 1]."""
        tone = blurred(luma, 1.2 * scale)
        around = blurred(luma, 9 * scale)
        dark = ((0.75 - tone) / 0.75).clamp(0, 1)
        hollow = (1 - tone / (around + _FLOOR)).clamp(0, 1)
        depth = (0.62 * dark ** 1.3 + 0.75 * hollow).clamp(0, 1)
        strokes = texture(luma, scale, seed=1, along=9, across=0.5, degrees=-50)
        cross = texture(luma, scale, seed=2, along=7, across=0.5, degrees=-20)
        first = ((depth * 1.25 - 0.75 * strokes) * 1.6 + 0.25).clamp(0, 1)
        second = ((depth * 1.25 - 0.35 - 0.75 * cross) * 1.6).clamp(0, 1)
        return 0.5 * first * (2 * depth).clamp(0, 1) + 0.35 * second
