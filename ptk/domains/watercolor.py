"""A watercolor: flat washes from an anisotropic Kuwahara filter, laid down as pigment on paper."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

from ptk.domains.filters import Filter, blurred, edge_flow, pixel_grid, sampled, texture

__all__ = ["Watercolor", "anisotropic_kuwahara"]

_SECTORS = 8
_BROAD_RADIUS, _FINE_RADIUS = 6.0, 2.1
_BROAD_TAPS, _FINE_TAPS = 40, 24
_PIXELS_AT_ONCE = 8192
_LEVELS = 7


class Watercolor(Filter):
    """A watercolor: washes along the forms, details with a finer brush, pigment that gathers at edges and in paper.

    The washes are an anisotropic Kuwahara filter (Kyprianidis et al. 2009), their steps of tone the soft quantisation
    of Winnemoeller et al. 2006, the pigment follows Bousseau et al. 2006, "Interactive watercolor rendering".
    """

    title = "watercolor"

    def paint(self, rgb: Tensor, scale: float) -> Tensor:
        """Render one image (1, 3, h, w) in [0, 1]."""
        broad = anisotropic_kuwahara(rgb, _BROAD_RADIUS * scale, _BROAD_TAPS)
        fine = anisotropic_kuwahara(rgb, _FINE_RADIUS * scale, _FINE_TAPS)
        # Where the broad brush would lose what makes an expression, relative to the tone: eyes on dark skin count too.
        lost = blurred((fine - broad).abs().amax(1, keepdim=True), scale) / (fine.mean(1, keepdim=True) + 0.25)
        detail = ((lost - 0.05) / 0.08).clamp(0, 1)
        return self._pigmented(_layered(broad + detail * (fine - broad)), scale)

    def _pigmented(self, washes: Tensor, scale: float) -> Tensor:
        """Washes as pigment of varying density on paper: darker at edges, uneven where it flowed, grainy."""
        luma = washes.mean(1, keepdim=True)
        saturated = luma + 1.25 * (washes - luma)
        cool_shadows = luma * (1 - luma) * washes.new_tensor([0.0, 0.0, 0.08]).view(1, 3, 1, 1)
        colour = (saturated + cool_shadows).clamp(0.02, 1)
        step = (blurred(colour, 1.6 * scale) - colour).mean(1, keepdim=True)
        edges = (7 * step.clamp(min=0) - 3 * step.clamp(max=0)).clamp(max=0.8)
        flow = 0.4 * texture(washes, scale, seed=4, along=5, across=5)
        flow = flow + 0.24 * texture(washes, scale, seed=5, along=14, across=14) - 0.32
        grain = 0.22 * texture(washes, scale, seed=3, along=0.8, across=0.8) - 0.11
        return colour * (1 - (edges + flow + grain) * (1 - colour))


def _layered(washes: Tensor) -> Tensor:
    """The washes (1, 3, H, W) in a few softly stepped tones, on white paper."""
    luma = washes.mean(1, keepdim=True)
    # Watercolor is luminous: bright grounds become the bare paper, shadows stay transparent.
    level = (luma / 0.88).clamp(0, 1) ** 0.78 * _LEVELS
    middle = level.floor() + 0.5
    stepped = (middle + torch.tanh(2.4 * (level - middle)) / (2 * math.tanh(1.2))) / _LEVELS
    return washes * (stepped / luma.clamp(min=0.02))


def anisotropic_kuwahara(image: Tensor, radius: float, taps: int) -> Tensor:
    """`image` (1, C, H, W) under an anisotropic Kuwahara filter of `radius` pixels, in the values' own range.

    Every pixel becomes the mean of the least varying of eight sectors of an ellipse that lies along the edge flow:
    flat inside, sharp at edges, brushed along them. Instead of every pixel of the ellipse, the same `taps` points of
    the unit disc are sampled in it, so that the time for a pixel does not depend on the radius.
    """
    disc, weights = (part.to(image.device) for part in _disc(taps))
    # A Gaussian as wide as the gaps between the points keeps them from aliasing.
    prepared = blurred(image, max(0.6 * radius / math.sqrt(taps), 0.3))
    centres = pixel_grid(image).flatten(0, 1)
    axes = _ellipse_axes(image, radius).flatten(0, 1)
    # Block by block, so that the samples stay in the processor's cache.
    blocks = zip(torch.split(centres, _PIXELS_AT_ONCE), torch.split(axes, _PIXELS_AT_ONCE), strict=True)
    flat = [
        _least_varying(prepared, centre + torch.einsum("td,pdx->tpx", disc, axis), weights) for centre, axis in blocks
    ]
    return torch.cat(flat, 1).view_as(image)


def _least_varying(image: Tensor, places: Tensor, weights: Tensor) -> Tensor:
    """The means (C, P) of `image` (1, C, H, W) at `places` (taps, P, 2) over the sectors that vary least."""
    values = sampled(image, places)[0]
    means = torch.einsum("st,ctp->csp", weights, values)
    squares = weights @ values.square().sum(0)
    # Half a grey level of noise floor: below it sectors are equally good, and rounding must not choose.
    variance = (squares - means.square().sum(0)).clamp(min=0) * 255**2 + 0.25
    trust = variance**-2
    return (trust * means).sum(1) / trust.sum(0)


def _ellipse_axes(image: Tensor, radius: float) -> Tensor:
    """The half axes of every pixel's ellipse, (H, W, 2, 2): along the edge and across, each as (x, y) in pixels."""
    flow = edge_flow(image, 0.4 * radius)
    tangent = torch.stack([flow.angle.cos(), flow.angle.sin()], -1)[0, 0]
    normal = torch.stack([-flow.angle.sin(), flow.angle.cos()], -1)[0, 0]
    stretch = 1 + flow.anisotropy[0, 0, ..., None]
    return torch.stack([radius * stretch * tangent, radius / stretch * normal], -2)


@lru_cache(maxsize=2)
def _disc(taps: int) -> tuple[Tensor, Tensor]:
    """Points (taps, 2) spread evenly over the unit disc, and the weight of each in each sector, (8, taps).

    The weights are the polynomials [(x + zeta) - eta y^2]^2, where positive, turned to each sector, under a Gaussian:
    Kyprianidis et al. 2010, "Anisotropic Kuwahara filtering with polynomial weighting functions", section 3.
    """
    index = torch.arange(taps)
    radius = ((index + 0.5) / taps).sqrt()
    angle = index * (math.pi * (3 - math.sqrt(5)))
    points = torch.stack([radius * angle.cos(), radius * angle.sin()], -1)
    zeta, overlap = 1 / 3, 3 * math.pi / 8
    eta = (zeta + math.cos(overlap)) / math.sin(overlap) ** 2
    turn = torch.arange(_SECTORS)[:, None] * (2 * math.pi / _SECTORS)
    x = turn.cos() * points[:, 0] + turn.sin() * points[:, 1]
    y = turn.cos() * points[:, 1] - turn.sin() * points[:, 0]
    weights = ((x + zeta) - eta * y**2).clamp(min=0) ** 2 * torch.exp(-2 * radius**2)
    return points, weights / weights.sum(1, keepdim=True)
