"""Subdivision and normals, on a cube and a flat sheet."""

import numpy as np
import pytest

pytest.importorskip("scipy", reason="needs scipy: see ptk-synth")
from ptk_synth.mesh import catmull_clark, triangulate, vertex_normals

CORNERS = np.array([[x, y, z] for x in (-1.0, 1) for y in (-1.0, 1) for z in (-1.0, 1)])
CUBE = np.array([[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]])


def test_a_cube_becomes_nearly_a_ball():
    matrix, quads = catmull_clark(CUBE, 8, levels=3)
    fine = matrix @ CORNERS
    assert quads.shape == (6 * 4**3, 4)
    radius = np.linalg.norm(fine, axis=1)
    # The limit of a cube is rounder than the cube (whose corners are 1.73 times as far as its faces), not a sphere
    assert radius.max() / radius.min() < 1.2


def test_a_flat_sheet_stays_flat_and_keeps_its_rim():
    sheet = np.array([[x, y, 0.0] for y in range(3) for x in range(3)])
    quads = np.array([[i, i + 1, i + 4, i + 3] for i in (0, 1, 3, 4)])
    matrix, _ = catmull_clark(quads, 9, levels=2)
    fine = matrix @ sheet
    assert np.allclose(fine[:, 2], 0)
    assert fine[:, 0].min() >= 0
    assert fine[:, 0].max() <= 2
    assert np.isclose(fine[:, 1].min(), 0)


def test_rows_of_the_matrix_average():
    matrix, _ = catmull_clark(CUBE, 8, levels=2)
    assert np.allclose(np.asarray(matrix.sum(axis=1)), 1)


def test_normals_of_a_ball_point_outwards():
    matrix, quads = catmull_clark(CUBE, 8, levels=3)
    fine = matrix @ CORNERS
    normals = vertex_normals(fine, triangulate(quads))
    outwards = (normals * fine).sum(axis=1) / np.linalg.norm(fine, axis=1)
    assert np.abs(outwards).min() > 0.9
    assert len(set(np.sign(outwards))) == 1
