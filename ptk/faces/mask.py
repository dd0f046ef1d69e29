"""Soft masks over a crop: how far an edited face replaces the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = ["rounded_square"]


def rounded_square(size: int = 256, *, feather: float = 0.14) -> Float32[np.ndarray, "size size"]:
    """1 inside, 0 along the border and falling smoothly over `feather` of the crop: a squircle (4-norm)."""
    centres = np.abs((np.arange(size, dtype=np.float64) + 0.5) / size - 0.5) * 2
    radius = (centres[:, None] ** 4 + centres[None, :] ** 4) ** 0.25
    # the ramp ends two pixels before the border, so that bicubic sampling sees zeros there
    return _smooth((1 - 4 / size - radius) / (2 * feather)).astype(np.float32)


def _smooth(ramp: np.ndarray) -> np.ndarray:
    ramp = np.clip(ramp, 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp))
