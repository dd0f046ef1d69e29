"""Where brows and beards are, by their place on the face, and by what skin is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.topology import LOWER_JAW, NOSE_BASE, OUTER_LOWER_LIP
from ptk_aging.face import Face, blur, fill, ramp

if TYPE_CHECKING:
    from jaxtyping import Float32

    Plane = Float32[np.ndarray, "height width"]

__all__ = ["find_face_hair", "find_stubble"]

_BROWS = 0.6  # brows go grey less, and people are known by them
_GROWN = 0.2, 0.35  # of the chin: up to the first there is no beard


def find_stubble(face: Face) -> Plane:
    """How far each place of the lower face has hair, in [0, 1]: darker than skin, rough, and of less colour."""
    smooth = blur(face.grey, 0.008 * face.eyes)
    base = (face.points[NOSE_BASE] - face.middle) @ np.linalg.inv(face.turn)
    below = ramp(face.places[1], float(base[:, 1].mean()) - 0.02, float(base[:, 1].mean()) + 0.06)
    dark = ramp(1 - smooth / face.usual, 0.25, 0.55) * ramp(face.unlike, 0.1, 0.25)
    return np.asarray(dark * ramp(face.rough, 0.012, 0.03) * below * face.oval * (1 - face.openings))


def find_face_hair(face: Face) -> Plane:
    """How far each place of brows and beard is hair, in [0, 1]; a few dark places of a chin are no beard."""
    smooth = blur(face.grey, 0.008 * face.eyes)
    brows = _BROWS * face.brows * ramp(1 - smooth / (blur(face.grey, 0.12 * face.eyes) + 1), 0.0, 0.25)
    beard = find_stubble(face)
    chin = fill(face.size, [face.points[[*LOWER_JAW[2:-2], *OUTER_LOWER_LIP]]], 1) * (1 - face.openings)
    grown = float((beard * chin).sum() / max(float(chin.sum()), 1))
    return np.asarray(np.maximum(brows, beard * ramp(np.asarray(grown), *_GROWN)), dtype=np.float32)
