"""The smooth flow: what stays is zero, numpy makes what torch makes, and a method acts from its version on."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ptk.conditioners.motion_field import MotionField
from ptk.faces.crop import Crop
from ptk.faces.topologies import MEDIAPIPE478
from ptk.faces.topology import FACING_LOWER_LIP, FACING_UPPER_LIP
from ptk.motion import smooth_flow
from ptk.motion.face_geometry import VERSION_1
from ptk.motion.landmark_flow import find_flow
from ptk.motion.smooth_flow import carry_points, find_smooth_flow
from ptk.types import Faces, Target

OPTIONS = {"reach": 0.2, "noise": 0.01}


def points(seed):
    return np.random.default_rng(seed).uniform(0.1, 0.9, (2, 2, 68, 2))


def test_what_does_not_move_is_zero_to_the_last_bit():
    source, _ = points(0)
    assert not find_smooth_flow(source, source, 12, 16, **OPTIONS, geometry=VERSION_1).any()


def test_tensors_and_arrays_give_the_same():
    source, target = points(1).astype(np.float32)
    tensors = find_smooth_flow(*map(torch.from_numpy, (source, target)), 12, 16, **OPTIONS, geometry=VERSION_1)
    arrays = find_smooth_flow(source, target, 12, 16, **OPTIONS, geometry=VERSION_1)
    assert arrays.shape == (2, 2, 12, 16)
    assert arrays.dtype == np.float32
    np.testing.assert_allclose(tensors.numpy(), arrays, atol=2e-5)


def shift_all(source, target, places, *, reach, noise):
    """Another method: everything moves by the mean of the landmarks."""
    return places * 0 + (source - target).mean(axis=1)[:, None]


def test_a_method_acts_from_its_version_on_in_networks_and_in_edits(monkeypatch):
    monkeypatch.setattr(smooth_flow, "_METHODS", {**smooth_flow._METHODS, 3: shift_all})
    source, target = points(2)[:, :1].astype(np.float32)
    shift = (source - target).mean(axis=1)[0]

    def in_networks(geometry):
        here, there = map(torch.from_numpy, (source, target))
        faces = Faces(image=torch.zeros(1, 3, 64, 64), points=here, domain=torch.zeros(1, dtype=torch.int64))
        return MotionField(geometry=geometry)(faces, Target(points=there, domain=faces.domain)).numpy()

    def in_edits(geometry):
        return find_flow(source, target, 64, **OPTIONS, geometry=geometry).smooth

    for version, shifted in ((1, False), (2, False), (3, True), (4, True)):
        geometry = replace(VERSION_1, version=version)
        for flow in (in_networks(geometry), in_edits(geometry)):
            assert np.allclose(flow[0, :, :8, :8], shift[:, None, None], atol=1e-6) is shifted


def find_mesh():
    """The mesh of the astronaut, whose lips are a little apart, in [0, 1] of the crop."""
    data = pytest.importorskip("skimage.data", reason="needs scikit-image: see the extra dev")
    pytest.importorskip("mediapipe", reason="needs mediapipe: see the extra mediapipe")
    from ptk.detectors.mediapipe478 import MediaPipe478

    (face,) = MediaPipe478().detect(data.astronaut())
    return Crop.around(face.points).to_unit(face.all_points)[None]


def test_dense_points_follow_the_68_and_lips_that_touch_part():
    mesh = find_mesh()
    for above, below in zip(FACING_UPPER_LIP, FACING_LOWER_LIP, strict=True):
        (upper, *_), (lower, *_) = MEDIAPIPE478.places[above], MEDIAPIPE478.places[below]
        mesh[0, lower] = mesh[0, upper] + (0, 1e-3)  # a third of a pixel of 256
    start = MEDIAPIPE478.to_anatomy(mesh)
    goal = start.copy()
    goal[0, list(FACING_LOWER_LIP), 1] += 0.05
    moved = carry_points(mesh, goal, MEDIAPIPE478, VERSION_1)
    off = np.linalg.norm(MEDIAPIPE478.to_anatomy(moved) - goal, axis=-1)
    assert off.max() < 0.002  # half a pixel of 256
    np.testing.assert_allclose(carry_points(mesh, start, MEDIAPIPE478, VERSION_1), mesh, atol=1e-12)
