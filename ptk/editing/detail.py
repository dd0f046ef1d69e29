"""Detail finer than the network's crop, taken from the photo where the network changed little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.faces.crop import Crop

__all__ = ["with_detail"]

_MAX_SIDE = 2048  # of the face that is put back; larger crops are enlarged from this
_CHANGE = 10.0  # levels of 255 at which a change outweighs the detail that lay there
_REACH = 0.012  # how far around a change detail goes, in sides of the crop


def with_detail(
    face: Float32[np.ndarray, "size size 3"],
    cut: UInt8[np.ndarray, "size size 3"],
    crop: Crop,
    pixels: UInt8[np.ndarray, "height width 3"],
) -> Float32[np.ndarray, "side side 3"]:
    """`face` (in [0, 255]), at the photo's own resolution, with what `cut` lost against `pixels` put back.

    `cut` is what the network saw. What is lost by cutting is added again with weight exp(-(change / 10)^2), the change
    being the blurred absolute difference of `face` and `cut`: all where nothing changed, nothing where a mouth opened.
    """
    import torch
    from torch.nn import functional

    side = min(round(crop.side), _MAX_SIDE)
    if side <= len(face):
        return face
    made, seen = (torch.from_numpy(np.asarray(one, dtype=np.float32)).permute(2, 0, 1)[None] for one in (face, cut))
    own = torch.from_numpy(crop.cut(pixels, side)).permute(2, 0, 1)[None].float()
    radius = max(1, round(_REACH * len(face)))
    change = (made - seen).abs().amax(dim=1, keepdim=True)
    change = functional.avg_pool2d(change, 2 * radius + 1, 1, radius, count_include_pad=False)
    keep = torch.exp(-((change / _CHANGE) ** 2))
    made, seen, keep = (
        functional.interpolate(one, size=(side, side), mode="bicubic", align_corners=False)
        for one in (made, seen, keep)
    )
    detailed = made + keep.clamp(0, 1) * (own - seen)
    return np.asarray(detailed[0].permute(1, 2, 0).numpy())
