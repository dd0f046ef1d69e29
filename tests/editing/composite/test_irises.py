"""Irises found again where they were asked to be, in photos, and lines for eyes that nobody sees."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from skimage import data

from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.editing.composite.irises import find_moved_irises, move_irises
from ptk.editing.editor import Editor
from ptk.editing.loading import load_translator, shipped
from ptk.faces.expressions import vocabulary
from ptk.faces.gaze import LOOKS
from ptk.faces.images import read_photo
from ptk.faces.landmarks import eye_distance, read_landmarks, write_landmarks


@pytest.fixture(scope="module")
def detector():
    return MediaPipe68()


@pytest.fixture
def astronaut(tmp_path):
    Image.fromarray(data.astronaut()).save(tmp_path / "me.png")
    return read_photo(tmp_path / "me.png")


def look(photo, detector, out, strengths, warnings=None, target=None):
    lines = [] if warnings is None else warnings
    editor = Editor(
        load_translator(shipped("cpu"), "cpu"), detector, "mediapipe68", strengths=strengths, warn=lines.append
    )
    editor.edit(photo, out, target)
    return read_photo(out).pixels


@pytest.mark.parametrize("word", sorted(LOOKS))
def test_irises_are_found_again_where_they_were_asked_to_be(word, astronaut, detector, tmp_path):
    """Within 4 % of the distance of the outer eye corners."""
    (face,) = detector.detect(astronaut.pixels)
    session = Editor(load_translator(shipped("cpu"), "cpu"), detector, "mediapipe68", strengths={word: 1.0}).open(
        astronaut
    )
    goal = vocabulary().moved(face.points, {word: 1.0})
    asked = find_moved_irises(face, goal, None, {word: 1.0})
    (again,) = detector.detect(session.render(goal, preview=False, irises={0: asked}))
    off = np.linalg.norm(again.irises[:, :2] - asked[:, :2], axis=1) / eye_distance(face.points)
    moved = np.linalg.norm(again.irises[:, :2] - face.irises[:, :2], axis=1) / eye_distance(face.points)
    assert off.max() < 0.04
    assert moved.min() > 0.01


def test_only_the_eyes_change(astronaut, detector, tmp_path):
    edited = look(astronaut, detector, tmp_path / "out.png", {"look_left": 1.0})
    (face,) = detector.detect(astronaut.pixels)
    rows, columns = np.nonzero((edited != astronaut.pixels).any(axis=2))
    low, high = face.points[36:48].min(axis=0) - 6, face.points[36:48].max(axis=0) + 6
    assert len(rows) > 20
    assert low[0] < columns.min() < columns.max() < high[0]
    assert low[1] < rows.min() < rows.max() < high[1]


def test_irises_of_a_file_move_where_it_says_and_stay_where_it_says_the_same(astronaut, detector, tmp_path):
    (face,) = detector.detect(astronaut.pixels)
    write_landmarks(tmp_path / "a.json", face)
    same = read_landmarks(tmp_path / "a.json")
    assert find_moved_irises(face, same.points, same, {}) is None
    right = same.irises + np.array([0.04 * eye_distance(face.points), 0, 0], dtype=np.float32)
    edited = look(astronaut, detector, tmp_path / "out.png", {}, target=replace(same, irises=right))
    (again,) = detector.detect(edited)
    off = np.linalg.norm(again.irises[:, :2] - right[:, :2], axis=1) / eye_distance(face.points)
    assert off.max() < 0.03


def test_eyes_behind_dark_glasses_are_told_of_and_stay(astronaut, detector, tmp_path):
    (face,) = detector.detect(astronaut.pixels)
    pixels = astronaut.pixels.copy()
    for eye in (slice(36, 42), slice(42, 48)):
        (left, top), (right, bottom) = (
            face.points[eye].min(axis=0).astype(int),
            face.points[eye].max(axis=0).astype(int),
        )
        pixels[top - 12 : bottom + 14, left - 6 : right + 6] = (25, 25, 28)

    class Knows:
        def detect(self, image):
            return [face]

    Image.fromarray(pixels).save(tmp_path / "dark.png")
    dark, warnings = read_photo(tmp_path / "dark.png"), []
    edited = look(dark, Knows(), tmp_path / "out.png", {"look_left": 1.0}, warnings)
    np.testing.assert_array_equal(edited, pixels)
    assert warnings[0] == (
        f"{dark.path}: look_left: dark glasses hide the eyes, which stay as they are; edit a photo without them"
    )


def test_a_detector_without_irises_is_told_of(astronaut, detector, tmp_path):
    (face,) = detector.detect(astronaut.pixels)

    class Knows:
        def detect(self, image):
            return [replace(face, irises=None)]

    warnings = []
    look(astronaut, Knows(), tmp_path / "out.png", {"look_up": 1.0}, warnings)
    assert "finds no irises" in warnings[0]


def test_irises_that_hardly_move_change_nothing(astronaut, detector):
    (face,) = detector.detect(astronaut.pixels)
    np.testing.assert_array_equal(
        move_irises(astronaut.pixels, face.points, face.irises, face.irises + 1e-3), astronaut.pixels
    )
