"""Expression without pose: what `aligned` takes away, and what it leaves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.detectors.mediapipe68 import MODEL
from ptk.errors import LandmarksError
from ptk.faces.align import MOVING, RIGID, aligned, expression_distance, head_turn, posed
from ptk.faces.landmarks import MIRROR, mirrored
from ptk.faces.topologies import MEDIAPIPE478

PEOPLE = ("p01", "p04", "p11", "p20")
EXPRESSIONS = ("anger", "contempt", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
ENTRIES = {entry.photo: entry for entry in read_manifest(SAMPLE)}
FACES = np.array([[ENTRIES[f"{person}_{word}"].landmarks for word in EXPRESSIONS] for person in PEOPLE])


@pytest.fixture(scope="module")
def solid() -> np.ndarray:
    """The sample's faces (people, expressions, 68, 3) in pixels, with the depth that MediaPipe's mesh gives them."""
    mediapipe = pytest.importorskip("mediapipe", reason="needs mediapipe for depth: see the extra mediapipe")
    from mediapipe.tasks.python.vision import FaceLandmarker

    landmarker = FaceLandmarker.create_from_model_path(str(MODEL))
    found = []
    for person in PEOPLE:
        for word in EXPRESSIONS:
            pixels = np.array(Image.open(SAMPLE / ENTRIES[f"{person}_{word}"].image))
            image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
            (mesh,) = landmarker.detect(image).face_landmarks
            found.append(MEDIAPIPE478.to_anatomy(np.array([(point.x, point.y, point.z) for point in mesh]) * 256))
    landmarker.close()
    return np.reshape(found, (len(PEOPLE), len(EXPRESSIONS), 68, 3))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    """Mean distance of what moves in faces whose rigid points were put onto each other, in pixels."""
    shift = (a - b)[:, list(RIGID)].mean(axis=1, keepdims=True)
    return float(np.linalg.norm(a - b - shift, axis=-1)[:, list(MOVING)].mean())


def turned(solid: np.ndarray, yaw: float, pitch: float) -> np.ndarray:
    """The faces seen by a camera six eye distances away, after a turn and a nod in degrees."""
    (s, t), (c, d) = np.sin(np.radians([yaw, pitch])), np.cos(np.radians([yaw, pitch]))
    rotation = np.array([[1, 0, 0], [0, d, -t], [0, t, d]]) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    middle = solid.mean(axis=-2, keepdims=True)
    away = 6 * np.linalg.norm(solid[..., 45, :] - solid[..., 36, :], axis=-1)[..., None, None]
    seen = (solid - middle) @ rotation.T
    return np.asarray(seen[..., :2] * away / (away + seen[..., 2:]) + middle[..., :2])


@given(angle=st.floats(-3.1, 3.1), size=st.floats(0.01, 100), x=st.floats(-1e4, 1e4), y=st.floats(-1e4, 1e4))
def test_place_size_and_roll_are_gone(angle: float, size: float, x: float, y: float) -> None:
    turn = size * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(aligned(FACES @ turn + (x, y)), aligned(FACES), atol=1e-6)


@pytest.mark.parametrize(("yaw", "pitch"), [(15, 0), (-15, 0), (0, 15), (0, -15), (12, 12)])
def test_a_turned_head_still_shows_its_own_expression_best(solid: np.ndarray, yaw: float, pitch: float) -> None:
    seen, front = aligned(turned(solid, yaw, pitch)), aligned(turned(solid, 0, 0))
    nearest = expression_distance(seen[:, :, None], front[:, None]).argmin(axis=2)
    right = (nearest == np.arange(len(EXPRESSIONS))).mean()
    assert right >= 0.95  # of all 24 people .96 to 1.00; after a similarity .27 to .83, after an affine map .12 to .70


def test_what_moves_in_an_expression_is_what_moved() -> None:
    neutral, surprise = (aligned(FACES)[:, EXPRESSIONS.index(word)] for word in ("neutral", "surprise"))
    change = np.linalg.norm(surprise - neutral, axis=-1).mean(axis=0)
    assert change[list(RIGID)].max() < 0.03
    assert change[[19, 24, 57, 8]].min() > 0.05  # brows up, lower lip and chin down
    assert ((surprise - neutral)[:, [19, 24], 1] < 0).all()
    assert ((surprise - neutral)[:, 57, 1] > 0).all()


def test_the_unit_is_the_outer_eye_distance_and_the_middle_is_between_the_eyes() -> None:
    faces = aligned(FACES)
    assert np.linalg.norm(faces[..., 45, :] - faces[..., 36, :], axis=-1) == pytest.approx(1, abs=0.1)  # people differ
    assert np.abs(faces[..., [36, 39, 42, 45], :].mean(axis=-2)).max() < 0.06


def test_a_mirrored_face_is_aligned_to_the_mirror_image() -> None:
    seen = np.array([mirrored(face, 256) for face in FACES[:, 0].astype(np.float32)])
    np.testing.assert_allclose(aligned(seen), aligned(FACES[:, 0])[:, list(MIRROR)] * (-1, 1), atol=1e-4)


def test_the_way_back_is_exact(solid: np.ndarray) -> None:
    faces = turned(solid, 20, -10)
    np.testing.assert_allclose(posed(aligned(faces), faces), faces, atol=1e-9)


def test_an_expression_is_put_on_a_turned_head(solid: np.ndarray) -> None:
    neutral, happy = EXPRESSIONS.index("neutral"), EXPRESSIONS.index("happiness")
    front, seen = aligned(turned(solid, 0, 0)), turned(solid, 15, 0)
    smiled = posed(aligned(seen[:, neutral]) + front[:, happy] - front[:, neutral], like=seen[:, neutral])
    missed = apart(smiled, seen[:, happy])
    assert missed < apart(seen[:, neutral], seen[:, happy]) / 2  # .38: a smile pulls the corners back, too


@pytest.mark.parametrize("yaw", [30, 45, 60])
def test_the_angle_of_a_turn_is_told(solid: np.ndarray, yaw: float) -> None:
    both_ways = [np.degrees(head_turn(turned(solid, angle, 0))) for angle in (yaw, -yaw)]
    assert np.mean(both_ways) == pytest.approx(yaw, abs=6)  # the mean of both: nobody looks quite ahead at first


@given(st.integers(0, 2**32 - 1))
def test_whatever_the_points_numbers_stay_finite(seed: int) -> None:
    points = np.random.default_rng(seed).normal(size=(3, 68, 2))
    points[1, :, 0] = 0  # a line
    assert np.isfinite(aligned(points)).all()
    np.testing.assert_allclose(posed(aligned(points), points), points, atol=1e-6)


def test_nothing_is_lost_on_empty_batches() -> None:
    assert aligned(np.zeros((0, 68, 2))).shape == (0, 68, 2)


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_what_is_no_face_is_refused(value: float) -> None:
    with pytest.raises(LandmarksError, match="give landmarks of a face that can be seen"):
        aligned(np.full((2, 68, 2), value))
