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
    import torch
    from torch.nn import functional

    change = torch.from_numpy(np.abs(face - cut.astype(np.float32)).max(axis=2))[None]
    radius = max(1, round(_REACH * len(face)))
    change = functional.avg_pool2d(change, 2 * radius + 1, 1, radius, count_include_pad=False)
    return np.asarray(torch.exp(-((change[0] / _CHANGE) ** 2)).numpy())
