"""Folds shade skin, only skin, by its age, without colour of their own, and change lines that are there already."""

from itertools import pairwise

import numpy as np
import pytest

from ptk.editing.composite.folds.creases import LOOK, Creases
from ptk.editing.composite.folds.fold_lines import place_folds
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from tests.editing.composite.folds.test_skin import FOREHEAD, REST, SIZE, TONES, face, wrinkled

STILL = np.zeros((SIZE, SIZE, 2), np.float32)
CROP = Crop(128, 128, 256, 0.0)
OLD = wrinkled(TONES[0], every=7, depth=0.2)


def creases(cut, words, flow=STILL):
    return Creases.of(cut, flow, REST, place_folds(REST, vocabulary().moved(REST.astype(np.float32), words)))


def draw(cut, words, strips=((0, 0, SIZE, SIZE),)):
    found = creases(cut, words)
    painted = cut.astype(np.float32)
    if found is not None:
        for strip in strips:
            part = painted[strip[1] : strip[3], strip[0] : strip[2]]
            found.draw(part, np.ones((*part.shape[:2], 1), np.float32), cut, CROP, strip)
    return painted


def change(cut, words):
    return (draw(cut, words) / np.maximum(cut.astype(np.float32), 1)).mean(axis=2) - 1


def test_nothing_is_shaded_where_nothing_folds() -> None:
    assert creases(OLD, {}) is None
    assert creases(OLD, {"open_mouth": 0.02}) is None


@pytest.mark.parametrize("word", ["anger", "brows_up", "smile", "laugh", "sadness", "disgust", "fear", "surprise"])
def test_words_fold_an_old_face_clearly_and_a_smooth_one_less(word: str) -> None:
    old, young = (np.abs(change(cut, {word: 1})) for cut in (OLD, face()))
    assert 0.08 < old.max() <= LOOK.darkest * (1 + LOOK.warm)
    assert young.sum() < 0.85 * old.sum()  # the light of a lifted cheek has no age


def test_a_forehead_is_folded_below_its_hair_only() -> None:
    cut = OLD.copy()
    cut[: FOREHEAD[0].stop + 6] = (30, 22, 20)
    bare, haired = (np.abs(change(each, {"brows_up": 1}))[FOREHEAD].max() for each in (OLD, cut))
    assert bare > 0.1
    assert haired < 0.03


def test_folds_of_a_grey_photo_are_grey_and_those_of_skin_keep_its_colour() -> None:
    grey = draw(wrinkled(TONES[3], every=7, depth=0.2), {"brows_up": 1})
    np.testing.assert_allclose(grey[..., 0], grey[..., 2], atol=1e-3)
    skin = draw(face(TONES[1]), {"anger": 1})
    darkest = np.unravel_index(skin.sum(axis=2).argmin(), skin.shape[:2])
    assert skin[darkest][0] / skin[darkest][2] > TONES[1][0] / TONES[1][2]


def test_lines_that_are_there_are_deepened_in_place_and_softened_the_other_way() -> None:
    """A line across the forehead, where one is drawn when brows go up, and smoothed when they go down."""
    cut = face(TONES[1])
    row = (FOREHEAD[0].start + FOREHEAD[0].stop) // 2
    cut[row] = (np.array(TONES[1]) * 0.8).astype(np.uint8)
    columns = FOREHEAD[1]
    up, down = (change(cut, {word: 1})[row, columns].mean() for word in ("brows_up", "brows_down"))
    assert up < -0.02
    assert 0.005 < down < 0.2


def test_strips_have_no_seams() -> None:
    edges = list(pairwise((0, 70, 128, 160, SIZE)))
    whole = draw(OLD, {"smile": 1, "brows_up": 1})
    parts = draw(OLD, {"smile": 1, "brows_up": 1}, [(0, top, SIZE, bottom) for top, bottom in edges])
    np.testing.assert_allclose(parts, whole, atol=0.02)


def test_folds_move_with_the_skin() -> None:
    still = creases(OLD, {"brows_up": 1})
    down = STILL.copy()
    down[..., 1] = -8 / SIZE  # a place shows what is 8 pixels above it
    moved = creases(OLD, {"brows_up": 1}, down)
    assert still is not None
    assert moved is not None
    step = 8 * len(still.shade) // SIZE
    np.testing.assert_allclose(moved.shade[step:], still.shade[:-step], atol=0.03)


def test_light_from_above_leaves_a_lit_rim_below_a_fold() -> None:
    rows = change(face(TONES[1]), {"brows_up": 1.5})[FOREHEAD].mean(axis=1)
    assert rows.min() < -0.02
