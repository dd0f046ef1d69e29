"""Where detail finer than the network's crop can be taken from the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

__all__ = ["unchanged"]

_CHANGE = 10.0  # levels of 255 at which a change outweighs the detail that lay there
_REACH = 0.012  # how far around a change detail goes, in sides of the crop


def unchanged(
    face: Float32[np.ndarray, "size size 3"], cut: UInt8[np.ndarray, "size size 3"]
) -> Float32[np.ndarray, "size size"]:
    """How little the network changed: 1 where `face` (in [0, 255]) is the `cut` that it saw, 0 where a mouth opened.

    exp(-(change / 10)^2), the change being the largest absolute difference of the three channels, blurred a little.
    """
    change = np.abs(face - cut.astype(np.float32)).max(axis=2)
    radius = max(1, round(_REACH * len(face)))
    return np.asarray(np.exp(-((_blurred(change, radius) / _CHANGE) ** 2)), dtype=np.float32)


def _blurred(plane: np.ndarray, radius: int) -> np.ndarray:
    """The mean over the square of `radius` pixels around each place, of those that are inside."""
    counts = np.ones(plane.shape)
    total, count = (_summed(_summed(each, radius, 0), radius, 1) for each in (plane.astype(np.float64), counts))
    return np.asarray(total / count)


def _summed(plane: np.ndarray, radius: int, axis: int) -> np.ndarray:
    """The sums of up to 2 `radius` + 1 values in a row along `axis`, from differences of running totals."""
    length = plane.shape[axis]
    totals = np.concatenate([np.zeros_like(plane.take([0], axis)), plane.cumsum(axis)], axis=axis)
    places = np.arange(length)
    last, first = np.minimum(places + radius + 1, length), np.maximum(places - radius, 0)
    return np.asarray(totals.take(last, axis) - totals.take(first, axis))
