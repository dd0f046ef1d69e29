"""Sample photos under a flow, and soften the places where the flow jumps; without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = ["sample_photo", "soften_cuts", "warp_picture"]

_TAPS = 5  # pixels around a place that its sample may look at
_CUT = 1.5  # pixels by which the flow of neighbours differs where one part of a face covers another


def warp_picture(picture: Float32[np.ndarray, "size size 3"], flow: Float32[np.ndarray, "size size 2"]) -> np.ndarray:
    """Warp a picture by a flow in shares of its side, bicubically, as `warp` does in torch."""
    import cv2

    size = len(picture)
    along = np.arange(size, dtype=np.float32)
    x, y = flow[..., 0] * np.float32(size) + along, flow[..., 1] * np.float32(size) + along[:, None]
    # Plane by plane, which takes half as long.
    planes = cv2.split(picture)
    moved = [cv2.remap(plane, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE) for plane in planes]
    return np.asarray(cv2.merge(moved))


def sample_photo(
    pixels: np.ndarray, strip: tuple[int, int, int, int], flow: np.ndarray
) -> Float32[np.ndarray, "height width 3"]:
    """Sample a photo where `flow` (h, w, 2), in pixels, leads from a `strip` (left, top, right, bottom), by Lanczos."""
    import cv2

    left, top, right, bottom = strip
    x = flow[..., 0] + np.arange(left, right, dtype=np.float32)
    y = flow[..., 1] + np.arange(top, bottom, dtype=np.float32)[:, None]
    height, width = pixels.shape[:2]
    columns, rows = _span(x, width), _span(y, height)
    part = pixels[rows, columns].astype(np.float32)
    x, y = x - np.float32(columns.start), y - np.float32(rows.start)
    return np.asarray(cv2.remap(part, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE))


def _span(places: np.ndarray, length: int) -> slice:
    """The pixels of a row of `length` that samples at `places` look at, at least one."""
    first = min(max(int(places.min()) - _TAPS, 0), length - 1)
    return slice(first, max(min(int(places.max()) + 1 + _TAPS, length), first + 1))


def soften_cuts(painted: np.ndarray, flow: np.ndarray) -> None:
    """Blend pixels of a part of a photo across places where its flow jumps, as a camera does: else lines have steps."""
    import cv2

    jumps = np.zeros(flow.shape[:2], dtype=np.float32)
    steps = ([np.abs(np.diff(flow[..., part], axis=axis)) for part in (0, 1)] for axis in (0, 1))
    down, across = (np.maximum(*both) > _CUT for both in steps)
    for side in (jumps[:-1], jumps[1:]):
        side[down] = 1
    for side in (jumps[:, :-1], jumps[:, 1:]):
        side[across] = 1
    if jumps.any():
        share = cv2.GaussianBlur(jumps, (0, 0), 0.7)[..., None]
        painted += np.minimum(1.5 * share, 1) * (cv2.GaussianBlur(painted, (0, 0), 0.8) - painted)
