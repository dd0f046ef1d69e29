"""What an enlarged picture lacks beside a photo: edges as steep, and grain as fine as that of the skin around."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import CHEEKS, LEFT_EYE_OUTER, RIGHT_EYE_OUTER

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8

    from ptk.faces.crop import Window

__all__ = ["sharpen", "skin_grain", "tile_grain"]

_PATCH = 0.1  # outer eye distances: half the side of a patch of skin
_LARGEST = 256  # pixels of a tile: grain of a large photo repeats that often
_SMOOTH = 0.5  # enlarged pixels: edges lose the steps of these
_LESS = 4 / 3  # pixels enlarged less than four times have smaller steps, and detail that would be lost
_BLURRED = 0.8  # enlarged pixels: edges are held against a copy so blurred
_AMOUNT = 3.0  # of that difference: edges get as steep as their neighbourhood allows


def sharpen(picture: Float32[np.ndarray, "height width 3"], scale: float) -> Float32[np.ndarray, "height width 3"]:
    """Steepen the edges of a picture that was enlarged `scale` times, with no brighter or darker rims beside them.

    Smoothed, so that slanted edges run straight where the small picture had steps, then sharpened by an unsharp mask as
    wide as the enlarged pixels, limited to the values around each place. The idea is that of shock filters: Alvarez and
    Mazorra, "Signal and image restoration using shock filters and anisotropic diffusion" (1994).
    """
    import cv2

    if scale <= 1:
        return picture
    smooth = cv2.GaussianBlur(picture, (0, 0), _SMOOTH * min(scale, _LESS * (scale - 1)))
    blurred = cv2.GaussianBlur(smooth, (0, 0), _BLURRED * scale)
    side = 2 * round(0.75 * scale) + 1
    around = np.ones((side, side), np.uint8)
    steeper = smooth + _AMOUNT * (smooth - blurred)
    return np.asarray(np.clip(steeper, cv2.erode(smooth, around), cv2.dilate(smooth, around)))


def skin_grain(
    pixels: UInt8[np.ndarray, "height width 3"], points: Float[np.ndarray, "68 2"], scale: float
) -> Float32[np.ndarray, "side side"] | None:
    """A tile of grain like that of the cheeks of a face at `points` (photo pixels), in levels; None without any.

    It is what a picture `scale` times smaller has not, with its spectrum and random phases, so that nothing of the
    face's features is in it: Galerne, Gousseau, Morel, "Random phase textures" (2011).
    """
    import cv2

    eyes = float(np.linalg.norm(points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]))
    half = min(max(round(_PATCH * eyes), 8), _LARGEST // 2)
    height, width = pixels.shape[:2]
    found = []
    for a, b in CHEEKS:
        left, top = ((points[a] + points[b]) / 2 - half).round().astype(int)
        if left < 0 or top < 0 or left + 2 * half > width or top + 2 * half > height:
            continue
        patch = pixels[top : top + 2 * half, left : left + 2 * half].mean(axis=2, dtype=np.float32)
        found.append(patch - cv2.GaussianBlur(patch, (0, 0), 0.6 * max(scale, 1.0)))
    if not found or scale <= 1:
        return None
    # The quieter of both: hair, glasses and hard light are no grain.
    calm = min(found, key=lambda fine: float(fine.std()))
    phases = np.random.default_rng(0).standard_normal(calm.shape)
    noise = np.fft.rfft2(phases)
    spectrum = np.abs(np.fft.rfft2(calm - calm.mean())) * noise / np.maximum(np.abs(noise), 1e-9)
    return np.asarray(np.fft.irfft2(spectrum, calm.shape), dtype=np.float32)


def tile_grain(tile: Float32[np.ndarray, "side side"], window: Window) -> Float32[np.ndarray, "height width 1"]:
    """The tile repeated over a part of the photo, the same at each place whatever the part."""
    left, top, right, bottom = window
    rows, columns = np.arange(top, bottom) % len(tile), np.arange(left, right) % tile.shape[1]
    return np.asarray(tile[rows[:, None], columns][..., None])
