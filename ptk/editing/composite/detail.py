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
    import cv2

    change = np.abs(face - cut.astype(np.float32)).max(axis=2)
    side = 2 * max(1, round(_REACH * len(face))) + 1
    # The mean of what lies inside of the picture: beyond its border nothing is counted.
    total, count = (
        cv2.boxFilter(each, -1, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
        for each in (change, np.ones_like(change))
    )
    return np.asarray(np.exp(-((total / count / _CHANGE) ** 2)), dtype=np.float32)
