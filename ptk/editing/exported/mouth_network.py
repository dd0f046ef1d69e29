"""The network for mouths of exported weights: where it looks, and how its result is put into a face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.exported.planes import LIPS
from ptk.faces.topology import AROUND_MOUTH
from ptk.motion.mouth_frame import MouthFrame

if TYPE_CHECKING:
    from jaxtyping import Float32

    from ptk.motion.face_geometry import FaceGeometry

__all__ = ["CORNER", "MOUTH_INPUTS", "MOUTH_OUTPUTS", "find_window", "moves_mouth", "put_mouth"]

CORNER = "corner"
"""The left and top of the window that a network for mouths is given, in pixels, (1, 2)."""

MOUTH_INPUTS = ("image", "target_points", LIPS, CORNER)
"""What it is given: as a network for faces, but of the lips what is in the window, (1, 4, h, w)."""

MOUTH_OUTPUTS = ("mouth", "visibility", "share")
"""What it gives: image and visibility in the window, and how much of them counts, (1, 3 or 1, h, w)."""

_STILL = 0.0003  # of the side, as of the parts that keep all of their pixels

_Window = tuple[slice, slice]


def moves_mouth(start: Float32[np.ndarray, "1 68 2"], goal: Float32[np.ndarray, "1 68 2"]) -> bool:
    """Whether landmarks of a mouth move, or others so near that pixels of it might."""
    return bool(np.linalg.norm(goal[0, AROUND_MOUTH] - start[0, AROUND_MOUTH], axis=-1).max() > _STILL)


def find_window(goal: Float32[np.ndarray, "1 68 2"], size: int, margin: int, geometry: FaceGeometry) -> _Window | None:
    """The rows and columns of a face of `size` pixels that a network for its mouth needs; None where it sees none."""
    frame = MouthFrame.around(goal, size, size, geometry).narrowed()
    wide, high = geometry.mouth_frame.wide, geometry.mouth_frame.high
    ends = [(x, y) for x in (-wide / 2, wide / 2) for y in (-high / 2, high / 2)]
    corners = frame.outside(np.array([ends], dtype=np.float32))[0]
    low = np.clip(np.floor(corners.min(axis=0)) - margin, 0, size).astype(int)
    high = np.clip(np.ceil(corners.max(axis=0)) + margin, 0, size).astype(int)
    if (high - low).min() < 2 * margin:
        return None
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


def put_mouth(
    face: Mapping[str, np.ndarray], mouth: Mapping[str, np.ndarray], flow: np.ndarray, window: _Window
) -> dict[str, np.ndarray]:
    """Put a network's `mouth`, whose `flow` is (1, 2, h, w), into the `window` of a `face`, as far as it counts."""
    image, visibility, share = (mouth[name] for name in MOUTH_OUTPUTS)
    result = dict(face)
    for name, part in (("result", image), ("flow", flow), ("visibility", visibility)):
        result[name] = face[name].copy()
        inside = result[name][:, :, *window]
        inside += share * (part - inside)
    return result
