"""Sets of landmarks: the 68 are found in each, mirrors turn sides, and MediaPipe's tables are MediaPipe's own."""

import importlib.util
import json
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from ptk.faces import topologies
from ptk.faces.topologies import IBUG68, MEDIAPIPE478, TOPOLOGIES, find_anatomy, find_topology
from ptk.faces.topology import MIRROR

ALL = pytest.mark.parametrize("topology", TOPOLOGIES.values(), ids=TOPOLOGIES)


@ALL
def test_numbers_of_points_tell_sets_apart_and_indices_stay_inside(topology: topologies.Topology) -> None:
    assert find_topology(topology.count) is topology
    runs = [*topology.contours, *topology.groups.values(), topology.mirror]
    assert {index for run in runs for index in run} <= set(range(topology.count))


@ALL
def test_a_face_that_is_mirrored_twice_is_itself(topology: topologies.Topology) -> None:
    mirror = np.array(topology.mirror)
    np.testing.assert_array_equal(mirror[mirror], np.arange(topology.count))


@ALL
def test_anatomy_of_a_mirrored_face_is_the_mirrored_anatomy(topology: topologies.Topology) -> None:
    points = np.random.default_rng(0).uniform(size=(topology.count, 2))
    swapped = points[list(topology.mirror)]
    # The share of a point between two vertices is counted from either: a quarter and three quarters are the same place.
    np.testing.assert_allclose(topology.to_anatomy(swapped), topology.to_anatomy(points)[list(MIRROR)], atol=1e-12)


@ALL
def test_contours_of_the_left_half_are_those_of_the_right(topology: topologies.Topology) -> None:
    edges = {frozenset(pair) for run in topology.contours for pair in pairwise(run)}
    assert {frozenset(topology.mirror[end] for end in edge) for edge in edges} == edges


def test_anatomy_is_of_the_kind_of_the_points_and_goes_with_them() -> None:
    mesh = np.random.default_rng(1).normal(size=(3, MEDIAPIPE478.count, 2))
    anatomy = find_anatomy(mesh)
    assert anatomy.shape == (3, 68, 2)
    np.testing.assert_allclose(find_anatomy(mesh * 3 + (5, -7)), anatomy * 3 + (5, -7))
    assert find_anatomy(mesh.astype(np.float32)).dtype == np.float32
    assert find_anatomy(anatomy) is anatomy
    with pytest.raises(ValueError, match="no topology has 5 points"):
        find_anatomy(np.zeros((5, 2)))


def test_points_are_named_for_messages() -> None:
    assert IBUG68.name_point(48) == "point 48, right corner of the mouth"
    assert MEDIAPIPE478.name_point(61) == "point 61, lips"
    assert MEDIAPIPE478.name_point(1) == "point 1, face"


def script() -> ModuleType:
    path = Path(__file__).parents[2] / "docs" / "make_topology.py"
    spec = importlib.util.spec_from_file_location("make_topology", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_the_tables_are_those_of_mediapipe_and_of_its_canonical_mesh() -> None:
    pytest.importorskip("mediapipe", reason="needs mediapipe's tables: see the extra mediapipe")
    described = script().describe_topology()
    assert json.loads(Path(topologies.__file__).with_name("mediapipe478.json").read_text()) == described


def test_the_mirror_is_that_of_faces_irises_included() -> None:
    """Of mirrored photos the mesh comes out mirrored: each iris in the same order, to within a tenth of its width."""
    pytest.importorskip("mediapipe", reason="needs mediapipe: see the extra mediapipe")
    from skimage import data

    from ptk.detectors.mediapipe478 import MediaPipe478

    picture = data.astronaut()
    detector = MediaPipe478()
    (face,), (flipped,) = detector.detect(picture), detector.detect(np.ascontiguousarray(picture[:, ::-1]))
    assert face.dense is not None
    assert flipped.dense is not None
    expected = flipped.dense[list(MEDIAPIPE478.mirror)] * (-1, 1) + (picture.shape[1], 0)
    eyes = np.linalg.norm(face.points[45] - face.points[36])
    gaps = np.linalg.norm(face.dense - expected, axis=1) / eyes
    assert gaps.mean() < 0.02
    irises = sorted({*MEDIAPIPE478.groups["right_iris"], *MEDIAPIPE478.groups["left_iris"]})
    nearest = [irises[int(np.linalg.norm(expected[irises] - face.dense[index], axis=1).argmin())] for index in irises]
    assert nearest == irises
