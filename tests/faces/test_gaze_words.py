"""Words for where somebody looks."""

import numpy as np
import pytest

from ptk.errors import PtkError
from ptk.faces.expressions import parse_expression, vocabulary
from ptk.faces.gaze import LOOKS, lid_drift, look_elsewhere
from ptk.faces.topology import LIDS

FACE = vocabulary().rest * 300 + (300, 200)
IRISES = np.array([[*FACE[36:42].mean(axis=0), 18], [*FACE[42:48].mean(axis=0), 18]])


def test_words_of_gaze_are_said_beside_others():
    assert parse_expression("look_left=1,smile=.5") == {"look_left": 1.0, "smile": 0.5}
    with pytest.raises(PtkError, match=r"the strength of look_left goes from 0 to 1\.5"):
        parse_expression("look_left=-1")


@pytest.mark.parametrize(
    ("word", "axis", "sign"), [("look_left", 0, 1), ("look_right", 0, -1), ("look_up", 1, -1), ("look_down", 1, 1)]
)
def test_both_eyes_look_where_the_word_says(word, axis, sign):
    goal = vocabulary().moved(FACE, {word: 1.0})
    there = look_elsewhere(IRISES, FACE, goal, {word: 1.0})
    shifts = (there - IRISES)[:, :2]
    assert (sign * shifts[:, axis] > 0.02 * 300).all()  # outer eye distances
    assert np.abs(shifts[:, 1 - axis]).max() < 0.25 * np.abs(shifts[:, axis]).min()
    np.testing.assert_allclose(shifts[0], shifts[1], atol=1.5)
    np.testing.assert_array_equal(there[:, 2], IRISES[:, 2])


def test_lids_follow_up_and_down_and_stay_for_left_and_right():
    assert np.abs(LOOKS["look_left"].field).max() == 0
    for word, sign in (("look_up", -1), ("look_down", 1)):
        goal = vocabulary().moved(FACE, {word: 1.0})
        assert (sign * lid_drift(FACE, goal)[:, 1] > 0).all()
        others = [index for index in range(68) if index not in {i for eye in LIDS for lid in eye for i in lid}]
        np.testing.assert_allclose(goal[others], FACE[others], atol=1e-3)


def test_without_a_word_irises_go_along():
    assert look_elsewhere(IRISES, FACE, FACE, {"smile": 1.0, "look_up": 0.0}) is None
