"""Folds that fade take the colours of the skin around them, and leave brows, eyes, glasses and pores alone."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from ptk.editing.composite.folds.fold_lines import place_folds
from ptk.editing.composite.folds.smoothed_folds import SmoothedFolds
from ptk.faces.crop import Crop
from ptk.faces.expressions import vocabulary
from tests.editing.composite.folds.test_skin import EYES, REST, SIZE, TONES, face

FROWN = vocabulary().moved(REST.astype(np.float32), {"brows_down": 0.6})
STILL = np.zeros((SIZE, SIZE, 2), np.float32)
CROP = Crop(128, 128, 256, 0.0)
MIDDLE = FROWN[[21, 22]].mean(axis=0)
BETWEEN = np.s_[int((MIDDLE[1] - 0.03) * SIZE) : int((MIDDLE[1]) * SIZE), int(MIDDLE[0] * SIZE) + 4]


def furrowed(tone, redder=1.0):
    """A face with a furrow between the brows, off the middle, dark and redder than its skin."""
    picture = face(tone).astype(np.float32)
    column = BETWEEN[1]
    picture[int((MIDDLE[1] - 0.06) * SIZE) : int((MIDDLE[1] + 0.02) * SIZE), column - 1 : column + 2] *= (
        0.7 * redder,
        0.7,
        0.7,
    )
    return picture.astype(np.uint8)


def smooth(cut, start=FROWN, goal=REST, flow=STILL):
    return SmoothedFolds.of(cut, lambda: cut, flow, start, place_folds(start, np.asarray(goal)))


def draw(cut, strips=((0, 0, SIZE, SIZE),), **how):
    found, painted = smooth(cut, **how), cut.astype(np.float32)
    for strip in strips:
        part = painted[strip[1] : strip[3]]
        if found is not None:
            found.draw(part, np.ones((*part.shape[:2], 1), np.float32), cut, CROP, strip)
    return painted


@pytest.mark.parametrize("tone", TONES)
def test_a_furrow_takes_the_colour_of_the_skin_around(tone: tuple[int, int, int]) -> None:
    """Colour by colour: a red line in dark skin does not get an orange one."""
    cut = furrowed(tone, redder=1.25)
    before, after = (np.abs(each[BETWEEN].astype(np.float32) - tone).max(axis=-1).mean() for each in (cut, draw(cut)))
    assert after < 0.25 * before


def test_what_stays_or_frowns_more_is_not_smoothed() -> None:
    cut = furrowed(TONES[0])
    assert smooth(cut, goal=FROWN) is None
    assert smooth(cut, start=REST, goal=FROWN) is None
    assert smooth(face(TONES[0])) is None  # without lines nothing changes


def test_brows_and_what_is_no_skin_keep_their_pixels() -> None:
    cut = furrowed(TONES[1])
    for brow in (FROWN[17:22], FROWN[22:27]):
        cv2.polylines(cut, [(brow * SIZE).round().astype(np.int32)], False, (40, 28, 22), 5)
    after = draw(cut)
    hair = (cut == (40, 28, 22)).all(axis=2)
    assert hair.sum() > 100
    assert np.abs(after - cut)[hair].max() < 1


def test_the_bridge_of_glasses_stays() -> None:
    cut = furrowed(TONES[0])
    for eye in (slice(36, 42), slice(42, 48)):
        middle = tuple(int(each) for each in (FROWN[eye].mean(axis=0) * SIZE).round())
        cv2.circle(cut, middle, round(0.26 * EYES), (20, 20, 20), 3)
    row = int(FROWN[36:48, 1].mean() * SIZE)
    cut[row - 2 : row + 2, int(FROWN[39, 0] * SIZE) : int(FROWN[42, 0] * SIZE)] = 20
    for outer, edge in ((36, 0), (45, SIZE)):
        first, last = sorted((int(FROWN[outer, 0] * SIZE), edge))
        cut[row - 2 : row + 2, first:last] = 20
    dark = (cut == 20).all(axis=2)
    assert np.abs(draw(cut) - cut)[dark].max() < 8


def test_pores_stay() -> None:
    noise = np.random.default_rng(0).normal(0, 6, (SIZE, SIZE, 1))
    cut = (furrowed(TONES[0]) + noise).clip(0, 255).astype(np.uint8)
    rows, column = BETWEEN
    patch = np.s_[rows, column - 4 : column + 5]
    own, after = (np.abs(cv2.Laplacian(each.astype(np.float32), cv2.CV_32F))[patch].mean() for each in (cut, draw(cut)))
    assert after > 0.7 * own


def test_cheeks_unfold_where_a_smile_ends() -> None:
    start = vocabulary().moved(REST.astype(np.float32), {"smile": 1})
    fold = next(each for each in place_folds(start, REST) if each.strength < 0 < each.fades)
    cut = face(TONES[0])
    line = (fold.points * SIZE).round().astype(np.int32)
    cv2.polylines(cut, [line], False, tuple(int(0.75 * each) for each in TONES[0]), 2)
    x, y = line[len(line) // 2]
    after = draw(cut, start=start, goal=REST)[y, x]
    assert np.abs(after - TONES[0]).max() < 0.5 * np.abs(cut[y, x].astype(float) - TONES[0]).max()


def test_strips_have_no_seams() -> None:
    cut = furrowed(TONES[1])
    edges = list(pairwise((0, 70, 95, 160, SIZE)))
    np.testing.assert_allclose(draw(cut, [(0, top, SIZE, low) for top, low in edges]), draw(cut), atol=0.02)


def test_what_is_added_moves_with_the_skin() -> None:
    cut, down = furrowed(TONES[0]), STILL.copy()
    down[..., 1] = -8 / SIZE
    still, moved = smooth(cut), smooth(cut, flow=down)
    assert still is not None
    assert moved is not None
    np.testing.assert_allclose(moved.added[8:], still.added[:-8], atol=0.5)


@pytest.mark.parametrize("value", [0, 255])
def test_black_and_white_pictures_do_no_harm(value: int) -> None:
    after = draw(np.full((SIZE, SIZE, 3), value, np.uint8))
    np.testing.assert_allclose(after, value, atol=1)
