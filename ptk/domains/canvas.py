"""Whole photos on a canvas that fits the memory, and the photo's fine detail on top."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ptk.domains.filters import REFERENCE, blur
from ptk.domains.tiles import cut_tiles, scale_pixels

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["carry_change", "render_on_canvas"]

_LARGEST = 3_000_000
"""Pixels of a canvas: a network that looks at all of it at once takes 0.3 GB for a million."""

_SMALLEST = 128
_MODELLING = 0.6  # of the photo's shading within a face that is laid over the painting
_FORMS = 1 / 24  # of a face's crop: the standard deviation beyond which shading is the painting's own business
_WINDOW = 1.5  # canvas pixels: the standard deviation of the window in which the photo is held against the painting
_NOISE = (4 / 255) ** 2  # of brightness: below this variance the photo says nothing about the painting


def render_on_canvas(pixels: Pixels, scale: float, side: int, paint: Callable[[Pixels], Pixels]) -> Pixels:
    """`paint` a photo where a face's crop is `side` pixels wide, at most at 3 megapixels, and bring it to its size.

    `scale` is how many pixels of the photo a reference pixel has.

    A network normalises by the mean and spread of all that it sees: tiles would differ in colour, so the canvas is
    painted at once. Such norms flatten a face that is brighter or darker than the rest of the photo, so a part of the
    photo's shading on the scale of cheeks and brows is laid over it. Where the photo is finer, detail is brought as in
    guided filtering (He and Sun 2015, "Fast guided filter"): around each pixel the painting's colours follow the
    photo's brightness with a slope; what the canvas lost of that brightness is added times the slope.
    """
    height, width = pixels.shape[:2]
    factor = min(side / (REFERENCE * scale), math.sqrt(_LARGEST / (height * width)))
    factor = max(factor, _SMALLEST / min(height, width))
    canvas = scale_pixels(pixels, round(height * factor), round(width * factor))
    painted, brightness = paint(canvas), _measure_brightness(canvas)
    shading = brightness - blur(brightness, factor * scale * REFERENCE * _FORMS)
    painted = _to_levels(painted + _MODELLING * 255 * shading[..., None])
    if factor >= 1:
        return scale_pixels(painted, height, width)
    return _enlarge(painted, canvas, pixels)


def _enlarge(painted: Pixels, canvas: Pixels, pixels: Pixels) -> Pixels:
    """`painted` at the size of `pixels`, with the detail that they have and the `canvas` lost; tile by tile."""
    slope, brightness = _find_slope(painted, canvas) * 255, _measure_brightness(canvas)
    result = np.empty_like(pixels)
    for tile, _ in cut_tiles(pixels.shape[:2], 0):
        coarse, steep, seen = (_see(each, tile, pixels.shape) for each in (painted, slope, brightness))
        lost = _measure_brightness(pixels[tile]) - seen
        result[tile] = _to_levels(coarse + steep * lost[..., None])
    return result


def carry_change(painted: Pixels, canvas: Pixels, pixels: Pixels) -> Pixels:
    """`pixels` with what `painted` changed in the smaller `canvas`; where it changed nothing they stay as they are."""
    change = painted.astype(np.float32) - canvas
    result = np.empty_like(pixels)
    for tile, _ in cut_tiles(pixels.shape[:2], 0):
        result[tile] = _to_levels(pixels[tile] + _see(change, tile, pixels.shape))
    return result


def _find_slope(painted: Pixels, canvas: Pixels) -> Float32[np.ndarray, "h w 3"]:
    """By how much each colour of the painting changes with the photo's brightness, around each pixel."""
    brightness = _measure_brightness(canvas)[..., None]
    colours = painted.astype(np.float32) / 255
    mean, means = blur(brightness, _WINDOW)[..., None], blur(colours, _WINDOW)
    covariance = blur(brightness * colours, _WINDOW) - mean * means
    variance = blur(brightness * brightness, _WINDOW)[..., None] - mean * mean
    return np.asarray(covariance / (variance.clip(min=0) + _NOISE))


def _measure_brightness(pixels: Pixels) -> Float32[np.ndarray, "h w"]:
    return np.asarray(pixels @ np.array([0.299, 0.587, 0.114], dtype=np.float32) / 255)


def _see(picture: np.ndarray, tile: tuple[slice, slice], shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
    """The `tile` of `picture` (h, w, ...) enlarged to a photo of `shape`, bicubically."""
    import cv2

    shrink = [small / large for small, large in zip(picture.shape[:2], shape[:2], strict=True)]
    # OpenCV counts from the centre of the first pixel
    y, x = ((side.start + 0.5) * share - 0.5 for side, share in zip(tile, shrink, strict=True))
    matrix = np.array([[shrink[1], 0, x], [0, shrink[0], y]])
    size = (tile[1].stop - tile[1].start, tile[0].stop - tile[0].start)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(picture.astype(np.float32), matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    )


def _to_levels(colours: np.ndarray) -> Pixels:
    return np.asarray(np.rint(colours.clip(0, 255)).astype(np.uint8))
