"""A dense flow from what 68 landmarks move by."""

from __future__ import annotations

from ptk.arrays import Array, array_namespace

__all__ = ["krige"]


def krige(source: Array, target: Array, places: Array, *, reach: float, noise: float) -> Array:
    """Estimate the displacement (B, N, 2) from `places` (B or 1, N, 2) of the target's image to those they show.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1], as the places are. The most likely value under an
    exponential covariance exp(-distance / `reach`); `noise` is the variance of the landmarks' own errors in shares of
    that of their motion (the nugget), which keeps close landmarks from folding the field.

    Source: kriging, as in Cressie, "Statistics for Spatial Data" (1993), section 3.2.
    """
    xp = array_namespace(source, target)
    nugget = noise * xp.eye(target.shape[1], dtype=target.dtype, device=target.device)
    weights = xp.linalg.solve(_covariance(target, target, reach) + nugget, source - target)
    covariance = _covariance(places, target, reach)
    # Multiplied and summed by hand: a matrix product would be rounded under autocast.
    return xp.stack([xp.sum(covariance * weights[:, None, :, axis], axis=-1) for axis in (0, 1)], axis=-1)


def _covariance(places: Array, points: Array, reach: float) -> Array:
    """(B, N, 2), (B, K, 2) -> (B, N, K): 1 at the same place, falling with the distance."""
    xp = array_namespace(places, points)
    x, y = (places[:, :, None, axis] - points[:, None, :, axis] for axis in (0, 1))
    return xp.exp(-xp.sqrt(x * x + y * y + 1e-12) / reach)
