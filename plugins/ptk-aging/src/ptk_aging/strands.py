"""Hair that goes grey hair by hair, and back to the colour that it had."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ptk_aging.face import Face, blur, brightness, ramp

if TYPE_CHECKING:
    from jaxtyping import Float32

    Plane = Float32[np.ndarray, "height width"]
    Pixels = Float32[np.ndarray, "height width 3"]

__all__ = ["colour_hair", "grey_hair"]

_BINS, _TILE, _LONG = 16, 512, 22  # directions of hair, and pixels of a tile of noise and of a hair in it
_WIDTH = 0.0045  # of a hair, in outer eye distances
_CERTAIN = 0.28, 0.48  # of what is found: grey hair that is less than the first is none


@cache
def _noise() -> Float32[np.ndarray, "bins tile tile"]:
    """Noise that is drawn out along each of the directions, of mean 0 and deviation 1; tiles join at their borders."""
    white = np.random.default_rng(7).standard_normal((_TILE, _TILE)).astype(np.float32)
    wave = np.fft.rfft2(white)
    y, x = np.fft.fftfreq(_TILE)[:, None], np.fft.rfftfreq(_TILE)[None]
    tiles = []
    for angle in np.arange(_BINS) * np.pi / _BINS:
        along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
        shape = np.exp(-2 * np.pi**2 * ((along * _LONG / 2) ** 2 + (across * 0.6) ** 2))
        tile = np.fft.irfft2(wave * shape, s=(_TILE, _TILE))
        tiles.append(tile / tile.std())
    return np.asarray(tiles, dtype=np.float32)


def _draw_strands(grey: Plane, width: float) -> Plane:
    """Noise along the hair in `grey`, of strands `width` pixels wide; none where hair has no direction."""
    import cv2

    small = cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    across, down = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    wide = max(2.0, 3 * width)
    even = blur(across * across - down * down, wide)
    odd = blur(2 * across * down, wide)
    sure = np.hypot(even, odd) / (blur(across * across + down * down, wide) + 4)
    # hair runs across its gradients; twice its angle has no sign
    layers = cv2.resize(np.stack([-even, -odd, ramp(sure, 0.1, 0.5)], axis=2), grey.shape[::-1])
    place = (np.arctan2(layers[..., 1], layers[..., 0]) / (2 * np.pi) * _BINS) % _BINS
    first = place.astype(np.int32)
    share = place - first
    scale = 1 / max(width, 1.0)
    rows = (np.arange(grey.shape[0]) * scale).astype(np.int32)[:, None] % _TILE
    columns = (np.arange(grey.shape[1]) * scale).astype(np.int32)[None] % _TILE
    noise = _noise()
    one, other = noise[first % _BINS, rows, columns], noise[(first + 1) % _BINS, rows, columns]
    return np.asarray(layers[..., 2] * (one + share * (other - one)), dtype=np.float32)


def _find_faded(rgb: Pixels, width: float) -> Plane:
    """How grey or white hair is already, in [0, 1], averaged over `width` pixels."""
    grey = brightness(rgb)
    vivid = blur((rgb.max(axis=2) - rgb.min(axis=2)) / (grey + 12), width)
    return np.asarray((1 - ramp(vivid, 0.16, 0.32)) * ramp(blur(grey, width), 45, 85))


def grey_hair(face: Face, rgb: Pixels, hair: Plane, share: float) -> Pixels:
    """Grey the `hair` of a `face`, in [0, 1] of each pixel of `rgb`, strand by strand, first at the temples."""
    rows, columns = np.flatnonzero(hair.max(axis=1) > 0.02), np.flatnonzero(hair.max(axis=0) > 0.02)
    if not len(rows):
        return rgb
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    own = rgb[part]
    cover, grey = hair[part] * (1 - 0.8 * _find_faded(own, 0.02 * face.eyes)), brightness(own)
    usual = float(np.median(grey[cover > 0.5])) if (cover > 0.5).any() else float(grey.mean())
    weight = cover + np.float32(0.01)
    wide = blur(grey * weight, 0.04 * face.eyes) / blur(weight, 0.04 * face.eyes)
    detail = grey - wide
    spread = np.sqrt(blur(detail * detail, 0.1 * face.eyes)) + 1
    sharp = ramp(spread, 1.5, 6)
    detail = (detail / spread).clip(-2, 1.5)
    strand = 0.8 * sharp * _draw_strands(grey, _WIDTH * face.eyes) + 0.6 * detail
    x, y = (np.broadcast_to(each, hair.shape)[part] for each in face.places)
    temple = np.exp(-((np.abs(x) - 0.8) ** 2 + (y + 0.1) ** 2) / 0.35**2)
    locks = blur(strand, 0.05 * face.eyes)
    turned = ramp(strand + 0.6 * locks + 0.9 * temple, -1.6, 1.4)
    lit = face.grey[face.oval > 0.5]
    white = float(np.clip(0.39 * np.percentile(lit, (50, 97)).sum(), 45, 190)) if lit.size else 150.0
    bright = white * ((wide + 6) / (usual + 6)).clip(0.1, 1.3) ** 0.6
    contrast = np.minimum(0.13 * bright, 2.2 * spread)
    fresh = np.maximum(bright * (0.78 + 0.3 * turned) + contrast * detail, np.minimum(grey, 1.2 * white))
    silver = fresh[..., None] * np.array([1.0, 0.985, 0.95], np.float32) + 0.15 * (own - grey[..., None])
    dull = own + 0.45 * (grey[..., None] - own)
    target = dull + (0.45 + 0.5 * turned)[..., None] * (silver - dull)
    painted = rgb.copy()
    painted[part] = own + (share * cover)[..., None] * (target - own)
    return painted


def colour_hair(face: Face, rgb: Pixels, hair: Plane, share: float) -> Pixels:
    """Give grey `hair`, in [0, 1] of each pixel of `rgb`, the colour of its darkest strands.

    Other hair keeps its own.
    """
    rows, columns = np.flatnonzero(hair.max(axis=1) > 0.02), np.flatnonzero(hair.max(axis=0) > 0.02)
    if not len(rows):
        return rgb
    part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    x, y = (np.broadcast_to(each, hair.shape)[part] for each in face.places)
    forehead = (x / 0.65) ** 2 + (y / 0.75) ** 2 < 1
    rough = ramp(blur(face.rough, 0.03 * face.eyes)[part], 0.018, 0.032)
    own, grey = rgb[part], brightness(rgb[part])
    faded = _find_faded(own, 0.02 * face.eyes)
    # bald heads and white scarfs are smooth: where little of it is grey hair, none is
    certain = float((hair[part] * rough * faded).sum() / max(float(hair[part].sum()), 1))
    cover = hair[part] * np.where(forehead & (y < -0.35), 0, rough) * np.float32(ramp(np.asarray(certain), *_CERTAIN))
    if not cover.any():
        return rgb
    dark = np.percentile(grey[cover > 0.5], 6) if (cover > 0.5).sum() > 20 else 40.0
    aim = float(np.clip(dark, 26, 60))
    wide = blur(grey, 0.05 * face.eyes)
    usual = float(np.median(wide[cover > 0.5])) if (cover > 0.5).any() else float(wide.mean())
    bright = aim * 1.35 * ((wide + 6) / (usual + 6)) ** 0.7 + 0.4 * (grey - wide)
    warm = np.array([1.14, 0.98, 0.88], np.float32)
    warm = 1 + (warm - 1) * min(1.0, 8 * float(np.ptp(face.tones[0]) / (face.usual + 1)))  # grey photos stay grey
    target = bright.clip(3, 255)[..., None] * warm.astype(np.float32)
    painted = rgb.copy()
    painted[part] = own + (share * cover * faded)[..., None] * (target - own)
    return painted
