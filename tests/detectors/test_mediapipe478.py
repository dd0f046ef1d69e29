import numpy as np

from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.detectors.mediapipe478 import MediaPipe478
from ptk.faces.landmarks import read_landmarks, write_landmarks


def test_it_finds_the_68_of_mediapipe68_and_the_mesh_that_they_lie_in(astronaut, tmp_path):
    (sparse,), (face,) = MediaPipe68().detect(astronaut), MediaPipe478().detect(astronaut)
    np.testing.assert_allclose(face.points, sparse.points, atol=1e-3)  # rounded to float32 before, and after
    assert (face.topology, face.detector, face.score) == ("mediapipe478", "mediapipe478", sparse.score)
    assert face.all_points.shape == (478, 2)
    assert face.all_points.dtype == np.float32
    write_landmarks(tmp_path / "dense.json", face)
    read = read_landmarks(tmp_path / "dense.json")
    assert read.topology == "mediapipe478"
    np.testing.assert_allclose(read.all_points, face.all_points, atol=0.0051)  # two decimals are written
    np.testing.assert_allclose(read.points, face.points, atol=0.0051)
