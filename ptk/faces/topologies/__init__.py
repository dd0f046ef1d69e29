"""Sets of landmarks that a face comes with: the 68 of iBUG, which are the anatomy that ptk reasons about, and others.

Expressions, lids, lips, crops and metrics know the 68 (`ptk.faces.topology`). Another set is drawn for networks, and
says where its points have the 68.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ptk.faces.topology import CONTOURS, MIRROR, POINTS, REGIONS, TOPOLOGY, indices, point_name

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float

__all__ = ["IBUG68", "MEDIAPIPE478", "TOPOLOGIES", "Topology", "find_anatomy", "find_topology"]

_Place = tuple[int, int, float]
"""Two points, and how far from the first to the second a third lies."""


@dataclass(frozen=True, eq=False)
class Topology:
    """A set of landmarks: `name` stands in files and recipes, `count` is how many points it has.

    Point i of a mirrored face is point `mirror[i]` of the face. `contours` are runs of points that a pencil joins,
    `groups` the points that make up what. `places` say where ibug68's 68 points lie; None where the points are these.
    """

    name: str
    count: int
    mirror: tuple[int, ...]
    contours: tuple[tuple[int, ...], ...]
    groups: Mapping[str, tuple[int, ...]]
    places: tuple[_Place, ...] | None = None

    def to_anatomy(self, points: Float[np.ndarray, "*batch count xyz"]) -> Float[np.ndarray, "*batch 68 xyz"]:
        """Find the 68 points of ibug68 among `points`, in their coordinates."""
        import numpy as np  # not above: recipes are listed without it

        if self.places is None:
            return points
        first, second, share = (np.array(column) for column in zip(*self.places, strict=True))
        shares = share[:, None].astype(points.dtype)
        found: np.ndarray = points[..., first, :] * (1 - shares) + points[..., second, :] * shares
        return found

    def name_point(self, number: int) -> str:
        """Name a point, counted from 0, as messages do: ``point 48, right corner of the mouth``."""
        if self.places is None:
            return point_name(number)
        group = next((name for name, points in self.groups.items() if number in points), "face")
        return f"point {number}, {group.replace('_', ' ')}"


IBUG68 = Topology(
    TOPOLOGY, POINTS, MIRROR, CONTOURS, MappingProxyType({name: indices(region) for name, region in REGIONS.items()})
)
"""The 68 landmarks of iBUG 300-W."""


def _at(vertex: int) -> _Place:
    return vertex, vertex, 0.0


# One row a point of ibug68, in its order. The person's right half is written first, as everywhere in the 68.
_MESH_PLACES: tuple[_Place, ...] = (
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


def _read_mesh() -> Topology:
    described = json.loads(Path(__file__).with_name("mediapipe478.json").read_text(encoding="utf-8"))
    return Topology(
        "mediapipe478",
        len(described["mirror"]),
        tuple(described["mirror"]),
        tuple(map(tuple, described["contours"])),
        MappingProxyType({name: tuple(group) for name, group in described["groups"].items()}),
        _MESH_PLACES,
    )


MEDIAPIPE478 = _read_mesh()
"""MediaPipe's face mesh: 468 vertices of the face and 10 of the irises.

Its mirror, contours and groups are MediaPipe's own tables (`docs/make_topology.py` writes them). It has no vertex for
every point of the 68: iBUG spaces the jaw and the brows evenly and lets a few points lie between vertices. So each
point is a vertex, or lies at a quarter, half or three quarters of an edge of the mesh. Which one was chosen among those
that mean the same thing on a face, by the least mean distance to dlib's points over photographs of 86 people; see
docs/detectors.md.
"""

TOPOLOGIES: Mapping[str, Topology] = MappingProxyType({each.name: each for each in (IBUG68, MEDIAPIPE478)})
"""By name. No two have as many points: where files give points alone, their number tells the set."""


def find_topology(count: int) -> Topology | None:
    """The set that has `count` points; None where there is none."""
    return next((each for each in TOPOLOGIES.values() if each.count == count), None)


def find_anatomy(points: Float[np.ndarray, "*batch count xyz"]) -> Float[np.ndarray, "*batch 68 xyz"]:
    """Find the 68 points of ibug68 among those of any set. Raises ValueError for a number that no set has."""
    topology = find_topology(points.shape[-2])
    if topology is None:
        raise ValueError(f"no topology has {points.shape[-2]} points")
    return topology.to_anatomy(points)
