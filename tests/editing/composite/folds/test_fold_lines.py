"""Skin folds where landmarks move, as far as they do, on the side on which they do."""

import numpy as np
import pytest

from ptk.editing.composite.folds.fold_lines import Moves, place_folds
from ptk.faces.align import FACE, aligned
from ptk.faces.expressions import vocabulary
from ptk.faces.topology import BROWS, MIRROR

REST = vocabulary().rest * 0.33 + (0.5, 0.45)  # in [0, 1] of a crop
BROW_LINE = REST[BROWS, 1].min()


def folds(words, start=REST):
    return place_folds(start, vocabulary().moved(start.astype(np.float32), words))


def strength(found):
    return sum(each.strength for each in found if not each.bulges)


def test_a_face_that_stays_has_no_folds() -> None:
    assert place_folds(REST, REST) == []


def test_brows_that_go_up_fold_the_forehead_and_smooth_it_on_their_way_down() -> None:
    up, down = folds({"brows_up": 1}), folds({"brows_down": 1})
    above = [each for each in up if each.strength > 0]
    assert len(above) == 3
    assert all((each.points[:, 1] < BROW_LINE).all() for each in above)
    assert sum(each.strength < 0 and (each.points[:, 1] < BROW_LINE).all() for each in down) == 3


def test_anger_folds_what_is_between_the_brows_most() -> None:
    deepest = max(folds({"anger": 1}), key=lambda each: each.strength)
    inner = REST[[21, 22]]
    assert (deepest.points[:, 0] > inner[0, 0]).all()
    assert (deepest.points[:, 0] < inner[1, 0]).all()
    assert np.ptp(deepest.points[:, 1]) > 3 * np.ptp(deepest.points[:, 0])  # nearly upright


@pytest.mark.parametrize(("side", "word"), [(-1, "smirk_right"), (1, "smirk_left")])
def test_one_corner_of_the_mouth_folds_one_cheek(side: int, word: str) -> None:
    found = [each for each in folds({word: 1}) if each.strength > 0.2]
    assert found
    assert all(side * (each.points[:, 0] - 0.5).mean() > 0 for each in found)


def test_a_smile_folds_cheeks_and_sadness_draws_lines_from_the_mouth_down() -> None:
    smile, sad = folds({"smile": 1}), folds({"sadness": 1})
    assert sum(each.bulges and each.strength > 0 for each in smile) == 4  # a cheek and a lid on each side
    corner = REST[54]
    below = [each for each in sad if each.strength > 0 and (each.points > corner - 0.01).all()]
    assert below
    assert strength(folds({"smile": 0.4})) < strength(smile)


def test_folds_go_with_the_face() -> None:
    """Wherever it is, however large and tilted."""
    angle = 0.4
    turn = 0.6 * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    here, there = folds({"fear": 1}), folds({"fear": 1}, REST @ turn + (0.3, 0.1))
    assert len(here) == len(there)
    for one, other in zip(here, there, strict=True):
        assert other.strength == pytest.approx(one.strength, abs=0.02)
        np.testing.assert_allclose(other.points, one.points @ turn + (0.3, 0.1), atol=2e-3)
        np.testing.assert_allclose(other.weights, one.weights, atol=1e-3)


def test_both_sides_are_measured_alike() -> None:
    gone = aligned(vocabulary().moved(REST.astype(np.float32), {"smirk_left": 1, "anger": 1})) - aligned(REST)
    left, right = Moves.of(gone, 1), Moves.of(gone[list(MIRROR)] * (-1, 1), -1)
    for name in ("inner", "outer", "together", "lid", "smile", "droop", "pout"):
        assert getattr(left, name) == pytest.approx(getattr(right, name), abs=1e-6)


def test_a_face_in_profile_has_no_folds() -> None:
    """Where a cheek and a corner of the mouth are is a guess there."""
    turned = []
    for angle in (0.0, 0.6, 0.9):
        face = FACE @ np.array([[np.cos(angle), 0], [0, 1], [np.sin(angle), 0]]) * 0.33 + (0.5, 0.45)
        turned.append(strength(folds({"sadness": 1}, face)))
    assert turned[0] > turned[1] > turned[2] == 0
