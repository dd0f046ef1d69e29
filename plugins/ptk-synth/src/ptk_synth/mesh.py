"""Polygon meshes as numpy arrays: Catmull-Clark subdivision as a sparse matrix, and vertex normals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["catmull_clark", "triangulate", "vertex_normals"]


def catmull_clark(quads: Ints, count: int, levels: int) -> tuple[Any, Ints]:
    """Subdivide `quads` (F, 4), whose indices are below `count`, `levels` times (Catmull and Clark, 1978).

    Returns the sparse matrix (N, count) that maps vertex positions to those of the fine mesh, and the fine quads
    (F * 4^levels, 4). The first `count` rows are the old vertices, moved to where the smooth surface has them.
    A matrix, because the same topology is posed again and again.
    """
    from scipy import sparse  # type: ignore[import-untyped, unused-ignore]

    total: Any = sparse.identity(count, format="csr")
    for _ in range(levels):
        step, quads = _subdivide(quads, count)
        total = step @ total
        count = step.shape[0]
    return total, quads


def _subdivide(quads: Ints, count: int) -> tuple[Any, Ints]:
    from scipy import sparse  # type: ignore[import-untyped, unused-ignore]

    faces = len(quads)
    corner = np.arange(faces * 4)
    face_of = corner // 4
    starts, ends = quads.reshape(-1), np.roll(quads, -1, axis=1).reshape(-1)
    undirected = np.sort(np.stack([starts, ends], axis=1), axis=1)
    edges, edge_of = np.unique(undirected, axis=0, return_inverse=True)
    edge_of = edge_of.reshape(-1)
    sides = np.bincount(edge_of, minlength=len(edges))

    def matrix(rows: Ints, columns: Ints, values: Floats | float, shape: tuple[int, int]) -> Any:
        data = np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape)
        return sparse.csr_matrix((data, (rows, columns)), shape=shape)

    face_points = matrix(face_of, quads.reshape(-1), 0.25, (faces, count))
    ends_of_edge = matrix(np.repeat(np.arange(len(edges)), 2), edges.reshape(-1), 0.5, (len(edges), count))
    beside_edge = matrix(edge_of, face_of, 1 / sides[edge_of], (len(edges), faces))
    inner = sparse.diags((sides == 2).astype(np.float64))
    rim = sparse.diags((sides != 2).astype(np.float64))
    edge_points = inner @ (0.5 * ends_of_edge + 0.5 * (beside_edge @ face_points)) + rim @ ends_of_edge

    valence = np.maximum(np.bincount(quads.reshape(-1), minlength=count), 1).astype(np.float64)
    faces_at = matrix(quads.reshape(-1), face_of, (1 / valence)[quads.reshape(-1)], (count, faces))
    degree = np.maximum(np.bincount(edges.reshape(-1), minlength=count), 1).astype(np.float64)
    edge_rows = np.repeat(np.arange(len(edges)), 2)
    edges_at = matrix(edges.reshape(-1), edge_rows, (1 / degree)[edges.reshape(-1)], (count, len(edges)))
    smooth = (
        sparse.diags(1 / valence) @ (faces_at @ face_points)
        + sparse.diags(2 / valence) @ (edges_at @ ends_of_edge)
        + sparse.diags((valence - 3) / valence)
    )
    rim_edges = edges[sides == 1]
    on_rim = np.zeros(count, dtype=bool)
    on_rim[rim_edges.reshape(-1)] = True
    neighbours = matrix(
        np.concatenate([rim_edges[:, 0], rim_edges[:, 1]]),
        np.concatenate([rim_edges[:, 1], rim_edges[:, 0]]),
        0.125,
        (count, count),
    )
    # A vertex where more than one rim passes keeps its place: it has no rim tangent to follow.
    pairs = np.bincount(rim_edges.reshape(-1), minlength=count)
    plain = on_rim & (pairs == 2)
    rim_vertices = sparse.diags(np.where(plain, 0.75, 1.0)) + sparse.diags(plain.astype(np.float64)) @ neighbours
    vertices = (
        sparse.diags((~on_rim).astype(np.float64)) @ smooth + sparse.diags(on_rim.astype(np.float64)) @ rim_vertices
    )

    edge_index = edge_of.reshape(faces, 4) + count
    centre = np.arange(faces) + count + len(edges)
    fine = np.stack([quads, edge_index, np.repeat(centre[:, None], 4, axis=1), np.roll(edge_index, 1, axis=1)], axis=2)
    return sparse.vstack([vertices, edge_points, face_points]).tocsr(), fine.reshape(-1, 4)


def triangulate(quads: Ints) -> Ints:
    """Cut quads (F, 4) into triangles (2F, 3), keeping their orientation."""
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def vertex_normals(vertices: Floats, triangles: Ints) -> Floats:
    """Unit normals (N, 3), each the area-weighted mean of its triangles' normals."""
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    facing = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for i in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(triangles[:, i], weights=facing[:, axis], minlength=len(vertices))
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: Floats = normals / np.maximum(length, 1e-12)
    return unit
