"""Smooth noise in space, the same on every machine for the same seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["fractal", "smooth_step"]

_LATTICE = 32


def fractal(points: Floats, size: float, seed: int, octaves: int = 3) -> Floats:
    """Noise (N,) of about unit variance at `points` (N, 3): blobs of `size` (same unit), and finer ones within."""
    rng = np.random.default_rng(seed)
    total, norm = np.zeros(len(points)), 0.0
    for octave in range(octaves):
        weight = 0.5**octave
        total += weight * _value(points / size * 2**octave + rng.uniform(0, _LATTICE, 3), rng)
        norm += weight**2
    noise: Floats = total / np.sqrt(norm)
    return noise


def _value(points: Floats, rng: np.random.Generator) -> Floats:
    """Value noise on a lattice of unit cells that repeats, smoothly interpolated."""
    lattice = rng.standard_normal((_LATTICE, _LATTICE, _LATTICE))
    cell = np.floor(points).astype(np.int64)
    at = points - cell
    at = at * at * (3 - 2 * at)
    total = np.zeros(len(points))
    for corner in range(8):
        offset = np.array([corner & 1, corner >> 1 & 1, corner >> 2 & 1])
        weight = np.where(offset, at, 1 - at).prod(axis=1)
        x, y, z = ((cell + offset) % _LATTICE).T
        total += weight * lattice[x, y, z]
    return total * 1.7  # interpolation averages the lattice's variance down


def smooth_step(values: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high` (or the reverse where `low` is above `high`), smooth in between."""
    t = np.clip((values - low) / (high - low), 0, 1)
    step: Floats = t * t * (3 - 2 * t)
    return step
