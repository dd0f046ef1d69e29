"""A head leans as one piece: hair and hat go along, the picture around stays, small rolls are left to the face."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage import data

from ptk.editing.opening import open_editor
from ptk.faces.align import FACE
from ptk.faces.expressions import vocabulary
from ptk.faces.images import read_photo
from ptk.motion.head_roll import find_roll, fit_similarity, roll_head

EYES = 60.0  # pixels between the outer corners
POINTS = (FACE[:, :2] * EYES + (200, 220)).astype(np.float32)
ABOVE = np.array([200.0, 220 - 1.6 * EYES])  # the crown


def rolled(points, degrees, pivot=(200, 220 + (0.45 - 0.017) * EYES)):
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return (points - pivot) @ np.array([[cosine, sine], [-sine, cosine]]) + pivot


def dotted(*places):
    """A grey picture with a soft white dot at each place."""
    y, x = np.mgrid[:440, :400]
    spots = sum(np.exp(-((x - a) ** 2 + (y - b) ** 2) / 18) for a, b in places)
    return np.repeat((60 + 180 * spots.clip(0, 1))[..., None], 3, axis=2).astype(np.uint8)


def brightest(pixels):
    part = (pixels[..., 0].astype(float) - 60).clip(40) - 40
    y, x = np.mgrid[: len(part), : part.shape[1]]
    return np.array([(part * x).sum(), (part * y).sum()]) / part.sum()


@given(st.floats(-25, 25), st.floats(0.5, 2), st.floats(-90, 90), st.floats(-90, 90))
def test_a_similarity_is_found_again(degrees, size, right, down):
    there = rolled(POINTS, degrees, (0, 0)) * size + (right, down)
    matrix = fit_similarity(POINTS, there)
    np.testing.assert_allclose(POINTS @ matrix[:, :2].T + matrix[:, 2], there, atol=1e-3)


@given(st.floats(-15, 15))
def test_a_roll_is_found_whole_from_five_degrees_on_and_grows_steadily(degrees):
    found = np.degrees(find_roll(POINTS, rolled(POINTS, degrees)))
    if abs(degrees) >= 5:
        assert found == pytest.approx(degrees, abs=0.01)
    if abs(degrees) < 1.49:
        assert found == 0
    assert abs(found) <= abs(degrees) + 0.01
    assert np.degrees(find_roll(POINTS, rolled(POINTS, degrees + 0.5))) >= found - 0.01


@pytest.mark.parametrize("degrees", [-12.0, 6.0])
@pytest.mark.parametrize("place", [POINTS[8], POINTS[0], POINTS[45], ABOVE], ids=["chin", "ear", "eye", "crown"])
def test_all_of_the_head_turns_about_the_neck(degrees, place):
    result, points = roll_head(dotted(place), POINTS, np.radians(degrees))
    np.testing.assert_allclose(points, rolled(POINTS, degrees), atol=0.01)
    np.testing.assert_allclose(brightest(result), rolled(place, degrees), atol=1.5)


def test_what_is_far_stays_to_the_bit():
    pixels = np.random.default_rng(0).integers(0, 255, (440, 400, 3), np.uint8)
    result, _ = roll_head(pixels, POINTS, 0.2)
    assert not np.array_equal(result, pixels)
    for part in (np.s_[:, :30], np.s_[:, -30:], np.s_[-30:]):
        assert np.array_equal(result[part], pixels[part])


def test_a_mirrored_head_leans_the_other_way():
    pixels = dotted((150, 120), (230, 260))
    here, _ = roll_head(pixels, POINTS, 0.2)
    from ptk.faces.landmarks import mirrored

    there, _ = roll_head(np.ascontiguousarray(pixels[:, ::-1]), mirrored(POINTS, 399), -0.2)
    assert np.abs(there[:, ::-1].astype(int) - here).max() <= 1


def test_a_head_beyond_the_picture_leans_in_what_is_seen():
    result, points = roll_head(np.full((50, 60, 3), 90, np.uint8), POINTS - 180, 0.2)
    assert (result == 90).all()
    assert np.isfinite(points).all()


def test_an_edit_leans_as_far_as_it_is_asked_to(tmp_path):
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    from PIL import Image

    Image.fromarray(data.astronaut()).save(tmp_path / "photo.png")
    editor = open_editor(moving=["expression"], force=True)
    session = editor.open(read_photo(tmp_path / "photo.png"))
    start = session.faces[0].points
    made = session.render(vocabulary().moved(start, {"tilt": 10.0}), preview=False)
    found = editor.detector.detect(made)[0].points
    matrix = fit_similarity(start, found)
    assert abs(np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))) == pytest.approx(10, abs=1.5)
    hair = np.s_[: int(start[:, 1].min()) - 40]
    assert np.abs(made[hair].astype(int) - session.photo.pixels[hair]).mean() > 3  # it does not stay behind


@pytest.mark.parametrize("degrees", [2.0, 3.0, 4.0, 8.0])
def test_a_roll_between_is_shared_by_head_and_face(degrees, tmp_path):
    """Part of it is the head's, once, and the rest the face's: where landmarks are is what was asked."""
    pytest.importorskip("mediapipe", reason="the detector is an extra")
    from ptk.dataset.manifest import SAMPLE

    editor = open_editor(moving=["expression"], force=True)
    session = editor.open(read_photo(SAMPLE / "images" / "p02_neutral.jpg"))
    start = session.faces[0].points
    goal = vocabulary().moved(start, {"tilt": degrees})
    found = editor.detector.detect(session.render(goal, preview=False))[0].points
    eyes = np.linalg.norm(start[45] - start[36])
    assert np.linalg.norm(found - goal, axis=1).mean() < 0.02 * eyes
