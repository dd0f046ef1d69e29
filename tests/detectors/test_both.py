"""A face is kept where two detectors agree; where they do not, the error says by how much."""

import sys

import numpy as np
import pytest
from PIL import Image

from ptk.dataset.manifest import SAMPLE, read_manifest
from ptk.detectors.both import Both
from ptk.detectors.dlib68 import Dlib68
from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.detectors.search_scales import disagreement
from ptk.errors import LandmarksError, MissingExtra


@pytest.fixture(scope="module")
def both() -> Both:
    return Both()


def test_faces_on_which_both_agree_have_mediapipes_points(both: Both, astronaut: np.ndarray) -> None:
    (face,) = both.detect(astronaut)
    (alone,) = MediaPipe68().detect(astronaut)
    assert face.detector == "both"
    assert np.array_equal(face.points, alone.points)
    assert face.score == alone.score


def test_the_people_of_the_sample_are_all_kept(both: Both) -> None:
    # over all 192 images the two disagree by 0.029 on average and 0.055 at most
    neutral = [entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral"]
    for entry in neutral[::4]:
        assert len(both.detect(np.array(Image.open(SAMPLE / entry.image).convert("RGB")))) == 1, entry.image


def test_disagreement_is_told_in_percent_of_the_eye_distance(astronaut: np.ndarray) -> None:
    apart = disagreement(MediaPipe68().detect(astronaut)[0].points, Dlib68().detect(astronaut)[0].points)
    said = rf"^mediapipe68 and dlib68 disagree by {100 * apart:.1f} % of the eye distance \(at most 1\.0\); "
    with pytest.raises(LandmarksError, match=said):
        Both(tolerance=0.01).detect(astronaut)


def test_a_head_laid_halfway_on_its_side_is_refused(both: Both, astronaut: np.ndarray) -> None:
    portrait = Image.fromarray(astronaut[:256, 100:356]).resize((512, 512))
    assert both.detect(np.array(portrait.rotate(30, Image.Resampling.BICUBIC)))
    with pytest.raises(LandmarksError, match=r"disagree by [34]\d\.\d % "):  # dlib finds the face, but not its points
        both.detect(np.array(portrait.rotate(45, Image.Resampling.BICUBIC)))


def test_who_found_nobody_is_named(both: Both, astronaut: np.ndarray) -> None:
    half = astronaut.copy()
    half[:, 226:] = 90  # her left half: mediapipe completes the face, dlib needs both eyes
    with pytest.raises(LandmarksError, match=r"^mediapipe68 found a face, dlib68 none; crop closer"):
        both.detect(half)


def test_in_a_photo_of_two_the_one_on_which_they_agree_is_kept(both: Both, astronaut: np.ndarray) -> None:
    half = astronaut.copy()
    half[:, 226:] = 90
    assert len(MediaPipe68().detect(np.hstack([half, astronaut]))) == 2
    (face,) = both.detect(np.hstack([half, astronaut]))
    assert (face.points[:, 0] > 512).all()


def test_nobody_is_no_error(both: Both) -> None:
    assert both.detect(np.full((120, 160, 3), 127, np.uint8)) == []


def test_distance_is_measured_in_eye_distances() -> None:
    face = np.random.default_rng(0).uniform(0, 100, (68, 2))
    face[36], face[45] = (20, 40), (80, 40)
    assert disagreement(face, face) == 0
    assert disagreement(face, face + np.array([3, 4])) == pytest.approx(5 / 60)
    assert disagreement(face * 7, (face + np.array([3, 4])) * 7) == pytest.approx(5 / 60)


@pytest.mark.parametrize("tolerance", [0, -1, 2])
def test_a_tolerance_out_of_range_is_refused(tolerance: float) -> None:
    with pytest.raises(ValueError, match="tolerance is a share of the eye distance"):
        Both(tolerance=tolerance)


def test_without_one_of_the_two_the_install_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(MissingExtra, match="dlib-bin"):
        Both()
