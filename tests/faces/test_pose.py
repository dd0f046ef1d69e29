"""Angles of heads, and which of them an edit refuses."""

from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from skimage import data

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.detectors.mediapipe68 import MODEL, MediaPipe68
from ptk.errors import FaceError, LandmarksError
from ptk.faces.align import FACE, head_turn
from ptk.faces.landmarks import mirrored
from ptk.faces.pose import MOST_TURN, WARN_TURN, HeadPose, check_pose, check_turn, check_upright, head_pose
from ptk.faces.topologies import MEDIAPIPE478
from ptk.types import Landmarks


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """The head nods (up), turns (to the right of the picture), then tilts (clockwise); x right, y down, z away."""
    up, right, clockwise = np.radians([pitch, yaw, roll])
    nod = np.array([[1, 0, 0], [0, np.cos(up), np.sin(up)], [0, -np.sin(up), np.cos(up)]])
    turn = np.array([[np.cos(right), 0, -np.sin(right)], [0, 1, 0], [np.sin(right), 0, np.cos(right)]])
    tilt = np.array([[np.cos(clockwise), -np.sin(clockwise), 0], [np.sin(clockwise), np.cos(clockwise), 0], [0, 0, 1]])
    return tilt @ turn @ nod


def seen(solid: np.ndarray, yaw: float, pitch: float = 0.0, roll: float = 0.0, size: float = 100.0) -> np.ndarray:
    """A face (68, 3) in eye distances, in a picture of a camera far away."""
    return np.asarray((solid @ rotation(yaw, pitch, roll).T)[:, :2] * size + (300, 200))


@pytest.fixture(scope="module")
def people() -> list[np.ndarray]:
    """Four people of the bundled sample, with the depth that MediaPipe's mesh gives them, in eye distances."""
    mediapipe = pytest.importorskip("mediapipe", reason="needs mediapipe for depth: see the extra mediapipe")
    from mediapipe.tasks.python.vision import FaceLandmarker

    landmarker = FaceLandmarker.create_from_model_path(str(MODEL))
    solids = []
    for person in ("p01", "p04", "p11", "p20"):
        pixels = np.array(Image.open(SAMPLE / "images" / f"{person}_neutral.jpg"))
        image = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
        (mesh,) = landmarker.detect(image).face_landmarks
        points = MEDIAPIPE478.to_anatomy(np.array([(point.x, point.y, point.z) for point in mesh]))
        solids.append((points - points.mean(axis=0)) / np.linalg.norm(points[45] - points[36]))
    landmarker.close()
    return solids


def test_a_nose_on_the_right_of_the_picture_is_a_turn_to_the_right() -> None:
    points = seen(FACE, yaw=30)
    assert points[30, 0] > points[[36, 45], 0].mean() + 10
    assert head_pose(points).yaw == pytest.approx(30)
    assert seen(FACE, 0, pitch=30)[30, 1] < seen(FACE, 0)[30, 1]  # the nose goes up
    assert seen(FACE, 0, roll=30)[45, 1] > seen(FACE, 0, roll=30)[36, 1]  # clockwise: the left eye, on the right, sinks


@given(yaw=st.floats(-80, 80), pitch=st.floats(-80, 80), roll=st.floats(-179, 179), size=st.floats(0.01, 5000))
def test_the_mean_face_s_angles_come_back(yaw: float, pitch: float, roll: float, size: float) -> None:
    points = seen(FACE, yaw, pitch, roll, size)
    pose = head_pose(points)
    np.testing.assert_allclose((pose.yaw, pose.pitch, pose.roll), (yaw, pitch, roll), atol=1e-4)
    assert pose.turn == pytest.approx(np.degrees(head_turn(points)), abs=1e-3)


def test_a_mirrored_picture_turns_and_tilts_the_other_way() -> None:
    pose, other = (head_pose(points) for points in (seen(FACE, 20, 10, 5), mirrored(seen(FACE, 20, 10, 5), 600)))
    np.testing.assert_allclose((other.yaw, other.pitch, other.roll), (-pose.yaw, pose.pitch, -pose.roll), atol=1e-9)


@pytest.mark.parametrize(("yaw", "pitch", "roll"), [(30, 0, 0), (-30, 0, 20), (0, 25, -40), (0, -25, 0), (20, 20, 90)])
def test_people_s_angles_are_told_to_some_degrees(
    people: list[np.ndarray], yaw: float, pitch: float, roll: float
) -> None:
    for solid in people:
        before, after = (rotation(*astuple(head_pose(seen(solid, *turns)))) for turns in ((0,), (yaw, pitch, roll)))
        wrong = after @ (rotation(yaw, pitch, roll) @ before).T
        assert np.degrees(np.arccos((np.trace(wrong) - 1) / 2)) < 6  # noses differ from the mean one; measured: 4.8


def test_the_sample_s_people_look_at_the_camera() -> None:
    faces = [entry.landmarks for entry in read_manifest(SAMPLE) if entry.domain == "photo"]
    assert all(check_pose(np.array(points), "photo") == [] for points in faces)  # turned by up to 22 degrees


@pytest.mark.parametrize("roll", [0, 90, 180])
@pytest.mark.parametrize(("yaw", "pitch"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_the_turn_decides_whichever_way_it_is(yaw: int, pitch: int, roll: int) -> None:
    def face(turn: float) -> np.ndarray:
        return seen(FACE, turn * yaw, turn * pitch, roll)

    assert check_pose(face(WARN_TURN - 1), "photo") == []
    (warning,) = check_pose(face(MOST_TURN - 1), "me.jpg")
    assert warning.startswith("me.jpg: the face is turned 44 degrees from the camera (44 ")
    with pytest.raises(FaceError, match=r"^me\.jpg: the face is turned 46 degrees .*, or force it$"):
        check_pose(face(MOST_TURN + 1), "me.jpg")
    (warning,) = check_pose(face(MOST_TURN + 1), "me.jpg", force=True)
    assert warning.endswith("; give a photo from the front")


def test_directions_are_the_person_s_own() -> None:
    (warning,) = check_pose(seen(FACE, 30, 20), "me.jpg")
    assert "(30 to its left, 20 up)" in warning
    assert HeadPose(60, 60, 0).turn == pytest.approx(75.5, abs=0.1)  # cos 60 squared is 1/4


def test_what_is_no_face_has_no_pose() -> None:
    with pytest.raises(LandmarksError):
        head_pose(np.zeros((68, 2)))


@pytest.mark.parametrize("photo", ["astronaut", "p12_neutral", "p20_neutral"])
def test_a_face_that_stands_on_its_head_is_refused(photo: str) -> None:
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    upright = data.astronaut() if photo == "astronaut" else np.array(Image.open(SAMPLE / "images" / f"{photo}.jpg"))
    detector = MediaPipe68()
    (face,) = detector.detect(upright)
    assert check_upright(upright, face, detector, "me.jpg") == []
    turned = np.ascontiguousarray(upright[::-1, ::-1])
    (face,) = detector.detect(turned)
    with pytest.raises(FaceError, match=r"^me\.jpg: the face stands on its head, .*; turn the photo"):
        check_upright(turned, face, detector, "me.jpg")


class Sees:
    """A detector that finds one face wherever it looks."""

    def __init__(self, points: np.ndarray, score: float) -> None:
        self.face = Landmarks(points=points.astype(np.float32), width=400, height=400, score=score)

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        return [self.face]


def test_only_a_surer_look_at_other_points_counts() -> None:
    pixels = np.zeros((400, 400, 3), np.uint8)
    face = Sees(FACE[:, :2] * 100 + (200, 150), score=0.8).face
    same = 400 - face.points  # what the turned photo shows where the face is
    other = same + np.array([0, 60])
    for points, score, refused in ((other, 0.9, True), (other, 0.7, False), (same, 0.9, False)):
        assert bool(check_upright(pixels, face, Sees(points, score), "me.jpg", force=True)) is refused


@pytest.mark.parametrize(("yaw", "degrees", "lines"), [(10, 10, 0), (-18, 10, 1), (18, 0, 0), (30, 0, 0)])
def test_a_turned_head_is_not_turned_without_a_word(yaw: float, degrees: float, lines: int) -> None:
    said = check_turn(seen(FACE, yaw=yaw), degrees, "me.jpg")
    assert len(said) == lines
    assert all(line.startswith(f"me.jpg: the head is turned {abs(yaw)} degrees to its right already") for line in said)


def test_a_head_that_is_turned_far_is_not_turned_at_all() -> None:
    with pytest.raises(
        FaceError, match=r"^me\.jpg: the head is turned 30 degrees to its left already; .*leave out turn"
    ):
        check_turn(seen(FACE, yaw=30), 5, "me.jpg")
    assert len(check_turn(seen(FACE, yaw=30), 5, "me.jpg", force=True)) == 1
