"""Where detail finer than the network's crop can be taken from the photo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

__all__ = ["find_kept_detail", "unchanged"]

_CHANGE = 10.0  # levels of 255 at which a change outweighs the detail that lay there
_FINE = 0.008  # what is finer than this counts as detail, in sides of the crop
_NOISE = 4.0  # squared levels of detail that count for nothing
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


def find_kept_detail(
    face: Float32[np.ndarray, "size size 3"], cut: UInt8[np.ndarray, "size size 3"]
) -> Float32[np.ndarray, "size size"]:
    """How much of the fine detail of the `cut` a network kept in `face` (in [0, 255]): 1 all, 0 none of it.

    The slope of a regression of the one's detail, what a blur of .8 % of the side takes away, on the other's, around
    each pixel. Skin that grows older or darker keeps its detail, however much it changes; a drawing of it does not.
    """
    import cv2

    reach = max(1.0, _FINE * len(face))
    grey = [picture.astype(np.float32).mean(axis=2) for picture in (face, cut)]
    made, seen = (each - cv2.GaussianBlur(each, (0, 0), reach) for each in grey)
    shared, own = (cv2.GaussianBlur(each, (0, 0), 2 * reach) for each in (made * seen, seen * seen))
    return np.asarray(((shared + _NOISE) / (own + _NOISE)).clip(0, 1), dtype=np.float32)
