"""A head that leans to a shoulder: all of it turns in the picture, with hair, hat and ears, and the neck follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import OUTER_EYE_CORNERS, RIGID
from ptk.motion.sampling import sample_photo

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Float64, UInt8

__all__ = ["find_roll", "fit_similarity", "roll_head"]

_FEW, _MANY = np.radians(1.5), np.radians(5.0)  # less is left to the face, from the larger on the whole head leans

# In outer eye distances, x to the face's left, y down, from the middle of the eyes:
_NECK = 0.45  # below the eyes: what heads lean about
_MIDDLE = -0.1  # of the head
_HALF = (1.15, 1.75, 1.4)  # how far the head reaches from its middle: aside, with hair up, and down to the chin
_FADED = 1.9  # times as far, nothing moves


def find_roll(start: Float[np.ndarray, "68 2"], goal: Float[np.ndarray, "68 2"]) -> float:
    """Find by how many radians a head leans in the picture, clockwise, whose landmarks go from `start` to `goal`.

    What is left to the face alone is taken off: all of a roll of 1.5 degrees, and nothing from 5 degrees on.
    """
    matrix = fit_similarity(start[list(RIGID)], goal[list(RIGID)])
    roll = float(np.arctan2(matrix[1, 0], matrix[0, 0]))
    part = float(np.clip((abs(roll) - _FEW) / (_MANY - _FEW), 0, 1))
    return roll * part * part * (3 - 2 * part)


def roll_head(
    pixels: UInt8[np.ndarray, "height width 3"], points: Float[np.ndarray, "68 2"], roll: float
) -> tuple[UInt8[np.ndarray, "height width 3"], Float32[np.ndarray, "68 2"]]:
    """A copy of `pixels` whose head leans by `roll` radians, clockwise, and where its landmarks `points` are then.

    It turns about the neck as one piece, as far as hair may reach; around it and down the neck the turn fades out. What
    moves are the photo's own pixels, sampled once (Lanczos).
    """
    corners = np.asarray(points[list(OUTER_EYE_CORNERS)], dtype=np.float64)
    middle, across = corners.mean(axis=0), corners[1] - corners[0]
    width = max(float(np.linalg.norm(across)), 1e-6)
    axes = np.stack([across, [-across[1], across[0]]]) / width
    pivot = middle + _NECK * width * axes[1]
    reach = _FADED * max(_HALF) * width + width
    (left, top), (right, bottom) = np.floor(middle - reach), np.ceil(middle + reach)
    left, right = (int(np.clip(x, 0, pixels.shape[1])) for x in (left, right))
    top, bottom = (int(np.clip(y, 0, pixels.shape[0])) for y in (top, bottom))
    result = pixels.copy()
    if right > left and bottom > top:
        x, y = np.meshgrid(np.arange(left, right, dtype=np.float32), np.arange(top, bottom, dtype=np.float32))
        turn = -np.float32(roll) * _share(x - np.float32(middle[0]), y - np.float32(middle[1]), axes, width)
        cosine, sine = np.cos(turn) - 1, np.sin(turn)
        x, y = x - np.float32(pivot[0]), y - np.float32(pivot[1])
        flow = np.stack([cosine * x - sine * y, sine * x + cosine * y], axis=2)
        levels = np.rint(sample_photo(pixels, (left, top, right, bottom), flow).clip(0, 255)).astype(np.uint8)
        np.copyto(result[top:bottom, left:right], levels, where=(turn != 0)[..., None])
    cosine, sine = np.cos(roll), np.sin(roll)
    turned = (np.asarray(points, np.float64) - pivot) @ np.array([[cosine, sine], [-sine, cosine]]) + pivot
    return result, turned.astype(np.float32)


def _share(x: np.ndarray, y: np.ndarray, axes: np.ndarray, width: float) -> Float32[np.ndarray, "rows columns"]:
    """How far places turn along, in [0, 1], by how far they are from the middle of the eyes."""
    aside = (x * np.float32(axes[0, 0]) + y * np.float32(axes[0, 1])) / np.float32(width)
    down = (x * np.float32(axes[1, 0]) + y * np.float32(axes[1, 1])) / np.float32(width) - np.float32(_MIDDLE)
    half = np.where(down < 0, np.float32(_HALF[1]), np.float32(_HALF[2]))
    part = ((_FADED - np.hypot(aside / np.float32(_HALF[0]), down / half)) / np.float32(_FADED - 1)).clip(0, 1)
    return np.asarray(part * part * (3 - 2 * part), dtype=np.float32)


def fit_similarity(
    here: Float[np.ndarray, "count 2"], there: Float[np.ndarray, "count 2"]
) -> Float64[np.ndarray, "2 3"]:
    """Fit the similarity that lays points `here` over `there` best: ``here @ m[:, :2].T + m[:, 2]``.

    Source: Umeyama 1991, in the plane.
    """
    start, end = here.mean(axis=0), there.mean(axis=0)
    a, b = here - start, there - end
    cosine, sine = np.array([(a * b).sum(), (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()]) / max((a**2).sum(), 1e-12)
    linear = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack([linear, end - linear @ start])
