"""Which vertices are the landmarks, and where a camera sees them."""

import numpy as np
import pytest

from ptk_synth.camera import Camera
from ptk_synth.landmarks68 import contour_paths, inner_vertices, landmarks

# iBUG's own mirror: point i of a face is point MIRROR[i] of its mirror image
MIRROR = np.array(
    [
        *(*range(16, -1, -1), *range(26, 16, -1), *range(27, 31), *range(35, 30, -1)),
        *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
        *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65),
    ]
)
FRONT = Camera(target=(0.0, 0.70, 0.10), yaw=0, pitch=0, roll=0, width=0.28, size=256)


@pytest.fixture(scope="module")
def paths(head):
    return contour_paths(head)


def test_the_choice_of_vertices_is_mirror_symmetric(head):
    places = head.parts["skin"].template[inner_vertices(head.parts["skin"])]
    mirrored = places[MIRROR[17:] - 17] * [-1, 1, 1]
    # base.obj is symmetric, its fine vertices to a fraction of a millimetre
    assert np.abs(places - mirrored).max() < 1e-3


def test_the_jaw_s_paths_are_mirror_symmetric(head, paths):
    fine = head.parts["skin"].template
    for left, right in zip(paths, paths[::-1], strict=True):
        assert np.abs(fine[left[0]] * [-1, 1, 1] - fine[right[0]]).max() < 2e-3


def test_a_symmetric_head_from_the_front_has_symmetric_landmarks(head, paths):
    points = landmarks(head, head.template, FRONT, paths)
    mirrored = points[MIRROR] * [-1, 1] + [256, 0]
    assert np.abs(points - mirrored).max() < 2.0  # pixels; the jaw's paths step from vertex to vertex


def test_a_camera_on_the_left_sees_the_mirror_of_one_on_the_right(head, paths):
    from dataclasses import replace

    left = landmarks(head, head.template, replace(FRONT, yaw=14, roll=5), paths)
    right = landmarks(head, head.template, replace(FRONT, yaw=-14, roll=-5), paths)
    assert np.abs(left - (right[MIRROR] * [-1, 1] + [256, 0])).max() < 2.5


def test_on_a_turned_head_the_far_jaw_is_the_outline(head, paths):
    from dataclasses import replace

    camera = replace(FRONT, yaw=15)  # to the person's left, who then looks to the left of the picture
    points = landmarks(head, head.template, camera, paths)
    skin = head.parts["skin"].template
    face = (head.masks["ears"] < 0.05) & (skin[:, 2] > 0.06) & (skin[:, 0] < 0)
    for index in (2, 3, 4):
        level = face & (np.abs(camera.project(skin)[:, 1] - points[index, 1]) < 1.5)
        assert abs(camera.project(skin[level])[:, 0].min() - points[index, 0]) < 2.0


def test_a_camera_projects_its_target_to_the_middle_and_its_width_to_the_edge():
    camera = Camera(target=(0.1, 0.2, 0.3), yaw=20, pitch=-10, roll=7, width=0.25, size=200)
    edge = np.array(camera.target) + camera.axes[0] * 0.125
    assert np.allclose(camera.project(np.array([camera.target, edge])), [[100, 100], [200, 100]])
    assert np.allclose(camera.axes @ camera.axes.T, np.eye(3))
