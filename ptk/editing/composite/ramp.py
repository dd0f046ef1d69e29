"""How masks rise at their edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Float32

__all__ = ["ramp"]


def ramp(values: Float[np.ndarray, "..."] | float, low: float = 0.0, high: float = 1.0) -> Float32[np.ndarray, "..."]:
    """Raise values from 0 at `low` to 1 at `high`, smoothly, of any shape.

    Source: the cubic Hermite step of shading languages, `smoothstep`.
    """
    part = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(part * part * (3 - 2 * part), dtype=np.float32)
