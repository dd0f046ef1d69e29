"""A watercolor: flat washes from an anisotropic Kuwahara filter, laid down as pigment on paper."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ptk.domains.filters import blur, find_edge_flow, sample
from ptk.domains.tiles import Filter, Place

if TYPE_CHECKING:
    from jaxtyping import Float32

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
    # An ellipse is at most twice the radius long; then come the blurs of its samples, of details and of edges.
    reach = 2 * _BROAD_RADIUS + 3 * (0.6 * _BROAD_RADIUS / math.sqrt(_BROAD_TAPS)) + 3 + 3 * 1.6 + 1

    def paint(self, rgb: Float32[np.ndarray, "h w 3"], place: Place) -> Float32[np.ndarray, "h w 3"]:
        """Render one image in [0, 1]."""
        scale = place.scale
        broad = anisotropic_kuwahara(rgb, _BROAD_RADIUS * scale, _BROAD_TAPS)
        fine = anisotropic_kuwahara(rgb, _FINE_RADIUS * scale, _FINE_TAPS)
        # Where the broad brush would lose what makes an expression, relative to the tone: eyes on dark skin count too.
        lost = blur(np.abs(fine - broad).max(axis=2), scale) / (fine.mean(axis=2) + 0.25)
        detail = ((lost - 0.05) / 0.08).clip(0, 1)[..., None]
        washes = broad + detail * (fine - broad)
        # A few softly stepped tones on white paper. Watercolor is luminous: bright grounds become the bare paper,
        # shadows stay transparent.
        luma = washes.mean(axis=2)
        level = (luma / 0.88).clip(0, 1) ** 0.78 * _LEVELS
        middle = np.floor(level) + 0.5
        stepped = (middle + np.tanh(2.4 * (level - middle)) / (2 * math.tanh(1.2))) / _LEVELS
        washes = np.asarray(washes * (stepped / luma.clip(min=0.02))[..., None])
        return _lay_pigment(washes, place)


def _lay_pigment(washes: Float32[np.ndarray, "h w 3"], place: Place) -> Float32[np.ndarray, "h w 3"]:
    """Washes as pigment of varying density on paper: darker at edges, uneven where it flowed, grainy."""
    luma = washes.mean(axis=2, keepdims=True)
    colour = luma + 1.25 * (washes - luma)
    colour[..., 2:] += 0.08 * luma * (1 - luma)  # shadows are cool
    colour = colour.clip(0.02, 1)
    step = (blur(colour, 1.6 * place.scale) - colour).mean(axis=2)
    density = (7 * step.clip(min=0) - 3 * step.clip(max=0)).clip(max=0.8)
    density += 0.4 * place.texture(washes, seed=4, along=5, across=5)
    density += 0.24 * place.texture(washes, seed=5, along=14, across=14) - 0.32
    density += 0.22 * place.texture(washes, seed=3, along=0.8, across=0.8) - 0.11
    return np.asarray(colour * (1 - density[..., None] * (1 - colour)))


def anisotropic_kuwahara(
    image: Float32[np.ndarray, "height width c"], radius: float, taps: int
) -> Float32[np.ndarray, "height width c"]:
    """`image` under an anisotropic Kuwahara filter of `radius` pixels, in the values' own range.

    Every pixel becomes the mean of the least varying of eight sectors of an ellipse that lies along the edge flow:
    flat inside, sharp at edges, brushed along them. Instead of every pixel of the ellipse, the same `taps` points of
    the unit disc are sampled in it, so that the time for a pixel does not depend on the radius.
    """
    height, width, channels = image.shape
    disc, weights = _make_disc(taps)
    # A Gaussian as wide as the gaps between the points keeps them from aliasing.
    prepared = blur(image, max(0.6 * radius / math.sqrt(taps), 0.3))
    # The half axes of every pixel's ellipse along the edge and across, each (2, H W) as (x, y) in pixels.
    flow = find_edge_flow(image, 0.4 * radius)
    normal = np.stack([-flow.tangent[..., 1], flow.tangent[..., 0]], axis=-1)
    stretch = 1 + flow.anisotropy[..., None]
    along = (radius * stretch * flow.tangent).reshape(-1, 2).T
    across = (radius / stretch * normal).reshape(-1, 2).T
    flat = np.empty((height * width, channels), dtype=np.float32)
    # Block by block, so that the samples stay in the processor's cache.
    for start in range(0, len(flat), _PIXELS_AT_ONCE):
        block = slice(start, start + _PIXELS_AT_ONCE)
        y, x = np.divmod(np.arange(start, min(start + _PIXELS_AT_ONCE, len(flat)), dtype=np.int32), width)
        places = [
            centre.astype(np.float32)
            + np.einsum("ta,ap->tp", disc, np.stack([along[axis, block], across[axis, block]]))
            for axis, centre in enumerate((x, y))
        ]
        flat[block] = _average_least_varying(sample(prepared, *places), weights)
    return flat.reshape(image.shape)


def _average_least_varying(
    values: Float32[np.ndarray, "taps pixels c"], weights: Float32[np.ndarray, "sectors taps"]
) -> Float32[np.ndarray, "pixels c"]:
    """The means of `values` over the sectors that vary least."""
    taps, pixels, channels = values.shape
    # By einsum: BLAS starts threads for matrices as small as these, and takes four times as long on busy cores.
    means = np.einsum("st,tx->sx", weights, values.reshape(taps, -1)).reshape(-1, pixels, channels)
    squares = np.einsum("st,tp->sp", weights, np.einsum("tpc,tpc->tp", values, values))
    # Half a grey level of noise floor: below it sectors are equally good, and rounding must not choose.
    variance = (squares - np.einsum("spc,spc->sp", means, means)).clip(min=0) * 255**2 + 0.25
    trust = 1 / (variance * variance)
    return np.asarray(np.einsum("sp,spc->pc", trust, means) / trust.sum(axis=0)[:, None])


@lru_cache(maxsize=2)
def _make_disc(taps: int) -> tuple[Float32[np.ndarray, "taps 2"], Float32[np.ndarray, "sectors taps"]]:
    """Points spread evenly over the unit disc, and the weight of each in each sector.

    The weights are the polynomials [(x + zeta) - eta y^2]^2, where positive, turned to each sector, under a Gaussian:
    Kyprianidis et al. 2010, "Anisotropic Kuwahara filtering with polynomial weighting functions", section 3.
    """
    index = np.arange(taps)
    radius = np.sqrt((index + 0.5) / taps)
    angle = index * (math.pi * (3 - math.sqrt(5)))
    points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    zeta, overlap = 1 / 3, 3 * math.pi / 8
    eta = (zeta + math.cos(overlap)) / math.sin(overlap) ** 2
    turn = np.arange(_SECTORS)[:, None] * (2 * math.pi / _SECTORS)
    x = np.cos(turn) * points[:, 0] + np.sin(turn) * points[:, 1]
    y = np.cos(turn) * points[:, 1] - np.sin(turn) * points[:, 0]
    weights = ((x + zeta) - eta * y**2).clip(min=0) ** 2 * np.exp(-2 * radius**2)
    weights /= weights.sum(axis=1, keepdims=True)
    return points.astype(np.float32), weights.astype(np.float32)
