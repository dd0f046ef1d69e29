"""What numpy arrays and torch tensors both need beside the array API (https://data-apis.org/array-api)."""

from __future__ import annotations

from typing import Any

__all__ = ["Array", "arange", "array_namespace", "clip", "constant", "pixel_centres"]

Array = Any
"""A numpy array or a torch tensor: functions return the kind, and the device, of what they are given."""


def array_namespace(*arrays: Array) -> Any:
    """The functions of the array API for these arrays. numpy has them itself; torch's need a layer that is imported."""
    if hasattr(arrays[0], "__array_namespace__"):
        return arrays[0].__array_namespace__()
    import array_api_compat

    return array_api_compat.array_namespace(*arrays)


def clip(x: Array, low: float | Array | None = None, high: float | Array | None = None) -> Array:
    """Limit `x` to [low, high]; on tensors a dozen times as fast as the compatibility layer's own."""
    xp = array_namespace(x)
    if low is not None:
        x = xp.maximum(x, low)
    return x if high is None else xp.minimum(x, high)


def constant(values: Any, like: Array) -> Array:
    """`values` as an array of the kind, dtype and device of `like`."""
    return array_namespace(like).asarray(values, dtype=like.dtype, device=like.device)


def arange(count: int, like: Array) -> Array:
    """0, 1, ... as an array (count,) of the kind, dtype and device of `like`."""
    return array_namespace(like).arange(count, dtype=like.dtype, device=like.device)


def pixel_centres(height: int, width: int, like: Array) -> tuple[Array, Array]:
    """x (width,) and y (height,) of the centres of pixels, in pixels."""
    return arange(width, like) + 0.5, arange(height, like) + 0.5
