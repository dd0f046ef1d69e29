"""Takes short beards off: skin of the cheeks goes on over the chin, with their grain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from ptk_beard.chart import PATCHES
from ptk_beard.skin import LIPS, LUMA, Skin, fit_canvas, ramp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]

__all__ = ["shave"]

_FINER = 0.5
"""Colours are spread over pictures of twice the fineness at which skin is looked for."""


def shave(rgb: Floats, points: Floats, size: float, skin: Skin) -> Floats:
    """`rgb` (H, W, 3) in [0, 1] without the hair that lies on the lower face at `points` (68, 2)."""
    height, width = rgb.shape[:2]
    small, factor = fit_canvas(rgb, size * _FINER)
    unit, marks = size / factor, (points + 0.5) / factor - 0.5
    region = _draw_region(small, marks, unit)
    share = np.asarray(cv2.resize(skin.share, (small.shape[1], small.shape[0])), np.float32)
    beyond = _measure_beyond(small, marks)
    bare = _find_bare(small, marks, unit, share) + 0.5 * _find_neck(small, marks, share)
    fill = _spread(small, bare, unit)
    region *= _find_hair(small, fill, unit) * _find_own(small, marks, beyond, unit)
    light = _keep_light(small, fill, region, unit) * _shape_chin(small, marks, unit)[..., None]
    fill, region = (np.asarray(cv2.resize(each, (width, height)), np.float32) for each in (fill * light, region))
    painted = fill * (1 + _find_grain(rgb, points, size)[..., None])
    return np.asarray((rgb + region[..., None] * (painted - rgb)).clip(0, 1), np.float32)


def _draw_region(small: Floats, points: Floats, size: float) -> Floats:
    """Where beards grow, with soft borders; not on lips, and little beyond the jaw."""
    region = np.zeros(small.shape[:2], np.float32)
    for patch in PATCHES:
        s = np.linspace(0, patch.steps, 81)
        low, high = patch.place(points, s, 0 * s)[0], patch.place(points, s, 0 * s + 1)[0]
        if patch is PATCHES[0]:
            # A beard also grows above the line that a painted one has.
            high = high + 0.25 * (points[30] - high) * np.minimum(np.abs(s - 8) / 3, 1)[:, None]
        cv2.fillPoly(region, [np.round(np.concatenate([low, high[::-1]]) * 16).astype(np.int32)], 1.0, shift=4)
    lips = np.zeros_like(region)
    cv2.fillPoly(lips, [np.round(points[LIPS] * 16).astype(np.int32)], 1.0, shift=4)
    soft = (1.4 * cv2.GaussianBlur(region, (0, 0), 0.05 * size)).clip(0, 1)
    return np.asarray(soft * (1 - cv2.GaussianBlur(lips, (0, 0), 0.02 * size)), np.float32)


def _find_bare(small: Floats, points: Floats, size: float, share: Floats) -> Floats:
    """Skin on which no beard grows: cheeks below the eyes, nose, and a little of the forehead."""
    outline = np.concatenate([points[[1, 2]], points[[31, 33, 35]], points[[14, 15]], points[[45, 27, 36]]])
    outline[[0, 1]] += 0.1 * (points[30] - outline[[0, 1]])
    outline[[5, 6]] += 0.1 * (points[30] - outline[[5, 6]])
    bare = np.zeros(small.shape[:2], np.float32)
    cv2.fillPoly(bare, [np.round(outline * 16).astype(np.int32)], 1.0, shift=4)
    for eye in (points[36:42], points[42:48]):
        cv2.fillPoly(
            bare, [np.round((eye.mean(axis=0) + 1.8 * (eye - eye.mean(axis=0))) * 16).astype(np.int32)], 0.0, shift=4
        )
    cv2.polylines(
        bare, [np.round(points[31:36] * 16).astype(np.int32)], False, 0.0, max(1, round(0.14 * size)), shift=4
    )
    return np.asarray(bare * share)


def _spread(small: Floats, bare: Floats, size: float) -> Floats:
    """The colours of bare skin, continued: those of the nearest, and smoothly from one to the other."""
    fill, weight = np.zeros_like(small), np.full(bare.shape, 1e-9, np.float32)
    for reach, trust in ((0.12, 1.0), (0.3, 0.03), (0.7, 1e-3), (1.5, 1e-5)):
        fill = fill + trust * _blur(small * bare[..., None], reach * size)
        weight = weight + trust * _blur(bare, reach * size)
    return np.asarray(fill / weight[..., None], np.float32)


def _blur(picture: Floats, sigma: float) -> Floats:
    """A Gaussian, a wide one over a smaller picture."""
    height, width = picture.shape[:2]
    factor = min(max(sigma / 4, 1.0), height / 4, width / 4)
    shrunk = cv2.resize(picture, (round(width / factor), round(height / factor)), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(shrunk, (0, 0), sigma / factor)
    return np.asarray(cv2.resize(blurred, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _find_neck(small: Floats, points: Floats, share: Floats) -> Floats:
    """The skin of the throat, below where most stubble ends."""
    chin = points[5:12] - points[33]
    neck = np.zeros(small.shape[:2], np.float32)
    outline = np.concatenate([points[33] + 1.25 * chin, (points[33] + 1.5 * chin)[::-1]])
    cv2.fillPoly(neck, [np.round(outline * 16).astype(np.int32)], 1.0, shift=4)
    return np.asarray(neck * ramp(share, 0.6, 0.95))


def _measure_beyond(small: Floats, points: Floats) -> Floats:
    """How far each place is from the face, in pixels; 0 inside."""
    face = np.full(small.shape[:2], 255, np.uint8)
    cv2.fillPoly(face, [np.round(np.concatenate([points[:17], points[[26, 19]]]) * 16).astype(np.int32)], 0, shift=4)
    return np.asarray(cv2.distanceTransform(face, cv2.DIST_L2, 3), np.float32)


def _find_own(small: Floats, points: Floats, beyond: Floats, size: float) -> Floats:
    """What is of the face: all inside of the jaw's line, and just beyond what differs from all that is behind."""
    ring = ((beyond > 0.25 * size) & (beyond < 0.5 * size)).astype(np.float32)
    behind = _spread(small, ring, size)
    differs = ramp(np.asarray(np.abs(np.log((small + 0.05) / (behind + 0.05))).max(axis=2), np.float32), 0.2, 0.5)
    # Beside the ears it may be hair of the head.
    low = ramp(_measure_along(small, points) / size, 0.15, 0.35)
    own = np.where(beyond <= 0, 1.0, low * differs * (1 - ramp(beyond / size, 0.04, 0.14)))
    return np.asarray(cv2.GaussianBlur(own.astype(np.float32), (0, 0), 0.015 * size))


def _measure_along(small: Floats, points: Floats) -> Floats:
    """How far each place is below the middle of the mouth, along the face, in pixels."""
    down = points[8] - points[27]
    down /= max(float(np.linalg.norm(down)), 1e-6)
    x, y = np.arange(small.shape[1]) - points[62, 0], np.arange(small.shape[0]) - points[62, 1]
    return np.asarray(y[:, None] * down[1] + x[None] * down[0])


def _shape_chin(small: Floats, points: Floats, size: float) -> Floats:
    """The shade that light from above leaves below the lip and towards the jaw, (h, w), 1 elsewhere."""
    inside = np.zeros(small.shape[:2], np.uint8)
    cv2.fillPoly(
        inside, [np.round(np.concatenate([points[:17], points[[26, 19]]]) * 16).astype(np.int32)], 255, shift=4
    )
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3) / size
    fold = points[57] + 0.3 * (points[8] - points[57])
    x = np.arange(small.shape[1]) - fold[0]
    below = _measure_along(small, points) - float(np.linalg.norm(fold - points[62]))
    crease = np.exp(-((x[None] / (0.26 * size)) ** 2) - (below / (0.08 * size)) ** 2)
    jaw = np.exp(-((depth / 0.16) ** 2)) * ramp(_measure_along(small, points) / size, 0.0, 0.4)
    return np.asarray((1 - 0.2 * jaw) * (1 - 0.16 * crease), np.float32)


def _find_hair(small: Floats, fill: Floats, size: float) -> Floats:
    """How far a place looks like hair or stubble: paler or rougher than the skin expected there, or much darker."""
    luma, expected = small @ LUMA + 0.03, fill @ LUMA + 0.03
    darker = np.log(expected / luma)
    cold, usual = (np.log((each[..., 2] + 0.04) / (each[..., 0] + 0.04)) for each in (small, fill))
    rough = cv2.blur(np.abs(luma - cv2.GaussianBlur(luma, (0, 0), 1.5)) / expected, (5, 5))
    odd = np.maximum(ramp(cold - usual, 0.08, 0.25), ramp(np.asarray(rough, np.float32), 0.035, 0.08))
    odd = np.maximum(odd, ramp(darker, 0.28, 0.6))
    odd = cv2.morphologyEx(odd.astype(np.float32), cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    # Hair seldom ends within a finger's width: between places with it there is some, too.
    return np.maximum(
        ramp(_blur(np.asarray(odd, np.float32), 0.2 * size), 0.12, 0.4), cv2.GaussianBlur(odd, (0, 0), 0.05 * size)
    )


def _keep_light(small: Floats, fill: Floats, region: Floats, size: float) -> Floats:
    """The light and shade that hair left of the skin's, (h, w, 1): more of it where the hair is short."""
    ratio = np.log((small @ LUMA + 0.03) / (fill @ LUMA + 0.03)).clip(-1.2, 0.4)
    reach = 0.11 * size
    broad = cv2.GaussianBlur(ratio * region, (0, 0), reach) / (cv2.GaussianBlur(region, (0, 0), reach) + 1e-3)
    middle = float((ratio * region).sum() / (region.sum() + 1e-3))
    kept = 0.95 - 0.6 * float(ramp(-middle, 0.15, 0.7))
    # What is much darker than the rest is a moustache rather than shade.
    return np.asarray(np.exp(kept * (broad - middle).clip(-0.12, 0.25) + 0.2 * min(middle, 0)))[..., None]


def _find_grain(rgb: Floats, points: Floats, size: float) -> Floats:
    """Grain with the spectrum of a cheek's, relative to its brightness, over the whole picture."""
    height, width = rgb.shape[:2]
    half = max(2, round(0.16 * size))
    x, y = np.mean([points[2], points[31], points[41]], axis=0).round().astype(int)
    luma = rgb @ LUMA
    fine = (luma - cv2.GaussianBlur(luma, (0, 0), max(0.012 * size, 0.8))) / (luma + 0.05)
    patch = fine[max(y - half, 0) : max(y + half, 0), max(x - half, 0) : max(x + half, 0)]
    if min(patch.shape) < 4:
        return np.zeros((height, width), np.float32)
    # Its phases by chance: wrinkles and moles do not come again, and tiles have no seams.
    phases = np.random.default_rng(68).uniform(0, 2 * np.pi, np.fft.rfft2(patch).shape)
    tile = np.fft.irfft2(np.abs(np.fft.rfft2(patch)) * np.exp(1j * phases), patch.shape)
    repeats = (height // tile.shape[0] + 1, width // tile.shape[1] + 1)
    return np.asarray(np.tile(tile, repeats)[:height, :width].clip(-0.15, 0.15), np.float32)
