"""MediaPipe's face mesh, mapped to the 68 points of iBUG 300-W.

The mesh has no vertex for every point of the 68: iBUG spaces the jaw and the brows evenly and lets a few points lie
between vertices. So each point is a vertex, or lies at a quarter, half or three quarters of an edge of the mesh. Which
one was chosen among those that mean the same thing on a face, by the least mean distance to dlib's points over
photographs of 86 people; see docs/detectors.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = ["MESH_POINTS", "find_irises", "to_68"]

MESH_POINTS = 478
"""468 vertices of the face and 10 of the irises."""

_IRISES = ((468, (469, 470, 471, 472)), (473, (474, 475, 476, 477)))
"""The middle and the rim of the iris of the person's right eye, and of the left."""

_Place = tuple[int, int, float]
"""Two vertices, and how far from the first to the second the point lies."""


def _at(vertex: int) -> _Place:
    return vertex, vertex, 0.0


# One row a point, in iBUG order. The person's right half is written first, as everywhere in the 68.
_PLACES: tuple[_Place, ...] = (
    # jaw, 0 to 16
    *(_at(127), (234, 93, 0.25), (93, 132, 0.25), (132, 58, 0.5)),
    *((58, 172, 0.75), _at(136), (149, 150, 0.25), (176, 148, 0.5)),
    _at(152),
    *((400, 377, 0.5), (378, 379, 0.25), _at(365), (288, 397, 0.75)),
    *((361, 288, 0.5), (323, 361, 0.25), (454, 323, 0.25), _at(356)),
    # right brow, 17 to 21, and left brow, 22 to 26
    *((70, 156, 0.25), _at(63), (105, 66, 0.25), (66, 107, 0.25), (107, 55, 0.5)),
    *((336, 285, 0.5), (296, 336, 0.25), (334, 296, 0.25), _at(293), (300, 383, 0.25)),
    # nose bridge, 27 to 30, and base, 31 to 35
    *(_at(168), (197, 6, 0.5), (195, 5, 0.5), _at(4)),
    *((75, 240, 0.5), (97, 242, 0.25), _at(2), (326, 462, 0.25), (305, 460, 0.5)),
    # right eye, 36 to 41, and left eye, 42 to 47
    *(_at(33), (160, 159, 0.25), (158, 157, 0.25), (133, 155, 0.5), _at(153), _at(144)),
    *((362, 382, 0.5), (385, 384, 0.25), (387, 386, 0.25), _at(263), _at(373), _at(380)),
    # outer lips, 48 to 59
    *(_at(61), (39, 40, 0.25), _at(37), _at(0), _at(267), (269, 270, 0.25), _at(291)),
    *((405, 321, 0.5), _at(314), _at(17), _at(84), (181, 91, 0.5)),
    # inner lips, 60 to 67
    *((78, 96, 0.5), _at(82), _at(13), _at(312), (308, 325, 0.5), _at(317), _at(14), _at(87)),
)

_FROM = np.array([place[0] for place in _PLACES])
_TO = np.array([place[1] for place in _PLACES])
_SHARE = np.array([place[2] for place in _PLACES])[:, None]


def to_68(mesh: Float[np.ndarray, "478 2"]) -> Float[np.ndarray, "68 2"]:
    """The 68 points of one mesh, in its coordinates."""
    points: np.ndarray = mesh[_FROM] * (1 - _SHARE) + mesh[_TO] * _SHARE
    return points


def find_irises(mesh: Float[np.ndarray, "478 2"]) -> Float[np.ndarray, "2 3"]:
    """The middles (x, y) and radii of the right and of the left iris of one mesh, in its coordinates, square ones."""
    middles = mesh[[middle for middle, _ in _IRISES]]
    rims = mesh[[list(rim) for _, rim in _IRISES]]
    radii = np.linalg.norm(rims - middles[:, None], axis=-1).mean(axis=1)
    return np.column_stack([middles, radii])
