import numpy as np

from ptk.detectors.mesh_to_68 import MESH_POINTS, to_68
from ptk.faces.landmarks import MIRROR

# vertices of the person's right half of the mesh and their mirror images, as the canonical face model pairs them
RIGHT_AND_LEFT = {33: 263, 160: 387, 158: 385, 153: 380, 144: 373, 61: 291, 37: 267, 84: 314, 82: 312, 87: 317, 63: 293}


def test_points_are_weighted_means_of_vertices() -> None:
    mesh = np.random.default_rng(1).normal(size=(MESH_POINTS, 2))
    assert np.allclose(to_68(mesh * 3 + (5, -7)), to_68(mesh) * 3 + (5, -7))


def test_both_halves_are_made_alike() -> None:
    right_vertices = {vertex: index for index in range(68) for vertex in _vertices(index)}
    for right, left in RIGHT_AND_LEFT.items():
        assert MIRROR[right_vertices[right]] == right_vertices[left]
    for index in range(68):
        assert sorted(_vertices(index).values()) == sorted(_vertices(MIRROR[index]).values())
    for index in (8, 27, 28, 29, 30, 33, 51, 57, 62, 66):
        assert MIRROR[index] == index


def _vertices(index: int) -> dict[int, float]:
    """The vertices that point `index` is made of, and their weights."""
    weights = to_68_weights()[index]
    return {int(vertex): float(weights[vertex]) for vertex in np.flatnonzero(weights)}


def to_68_weights() -> np.ndarray:
    eye = np.eye(MESH_POINTS)
    columns = [to_68(eye[:, [start, start + 1]]) for start in range(0, MESH_POINTS, 2)]
    return np.concatenate(columns, axis=1)
