"""Words that turn the head: a 3D face turns, and the outline of the head stays where the picture shows its edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.align import FACE, displace
from ptk.faces.topology import JAW, POINTS

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = ["ANGLES", "HEAD_WORDS", "HeadWord", "turn_head"]

_MOST = 15.0  # degrees: what is beyond would have to show another side of the head
_AXIS = np.array([0.0, 0.45, 0.75])  # what heads turn about, in axes of `FACE`: between the ears, at the neck

# How far the outline goes along, from the ear to the chin. Beside the ears it is another place of the skin that the
# outline of a turned head shows, and its hair stays; the chin is the same place, and goes with the face. A head that
# tilts does so in the picture, with all of its outline and its hair (`ptk.motion.head_roll`).
_SHARES = {
    "turn": (0, 0, 0, 0.05, 0.15, 0.3, 0.55, 0.85, 1),
    "nod": (0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9, 1),
    "tilt": (1, 1, 1, 1, 1, 1, 1, 1, 1),
}


@dataclass(frozen=True)
class HeadWord:
    """A word whose strength is an angle in degrees, from `least` to `most`."""

    name: str
    summary: str
    source: str = "a mean face, turned"
    least: float = -_MOST
    most: float = _MOST


HEAD_WORDS: Mapping[str, HeadWord] = MappingProxyType(
    {
        word.name: word
        for word in (
            HeadWord("turn", "degrees by which the head turns to its left"),
            HeadWord("nod", "degrees by which the head nods down"),
            HeadWord("tilt", "degrees by which the head leans to its left shoulder"),
        )
    }
)
"""Words in degrees, by name. Left is the person's own: the right of the picture."""

ANGLES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"yaw": ("turn", 1), "pitch": ("nod", -1), "roll": ("tilt", 1)}
)
"""Names of `ptk.faces.pose.HeadPose` and the words that they stand for, with the sign: `pitch` > 0 looks up."""


def turn_head(
    shape: Float[np.ndarray, "68 2"], points: Float[np.ndarray, "68 2"], degrees: Mapping[str, float]
) -> Float64[np.ndarray, "68 2"]:
    """How far landmarks go, in the unit of `points`, where their head turns by `degrees` of `HEAD_WORDS`.

    `shape` is the aligned face that it shows after its expression changed, `points` are those of the photo. It turns
    about its own axes, so a face that lies on its side nods along the picture. The outline goes along as far as the
    picture's edge of the head does. Raises LandmarksError as `ptk.faces.align.aligned` does.
    """
    solid = np.concatenate([shape, FACE[:, 2:]], axis=1) - _AXIS
    change = np.zeros_like(solid)
    for name, angle in degrees.items():
        sine, cosine = np.sin(np.radians(angle)), np.cos(np.radians(angle))
        turned = {
            "turn": [[cosine, 0, -sine], [0, 1, 0], [sine, 0, cosine]],
            "nod": [[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]],
            "tilt": [[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]],
        }[name]
        shares = np.ones((POINTS, 1))
        half = np.array(_SHARES[name])
        shares[JAW, 0] = np.concatenate([half, half[-2::-1]])
        change += shares * (solid @ np.array(turned).T - solid)
    return displace(change, points)
