"""Corners of a mouth that hang rise with a smile by more than those of others."""

import numpy as np
import pytest

from ptk.faces.align import aligned
from ptk.faces.expressions import vocabulary
from ptk.faces.topology import MOUTH_CORNERS
from ptk.faces.words.drooping import SMILE, measure_curl

REST, CORNERS = vocabulary().rest, list(MOUTH_CORNERS)


def hang(by: float) -> np.ndarray:
    face = REST.copy()
    face[CORNERS, 1] += by
    return face


def smiling(face: np.ndarray, **strengths: float) -> float:
    return measure_curl(aligned(vocabulary().moved(face, strengths)))


@pytest.mark.parametrize("name", [SMILE, "smile"])
@pytest.mark.parametrize("by", [0.02, 0.05])
def test_hanging_corners_end_up_little_lower_than_level_ones(name: str, by: float) -> None:
    lower = smiling(REST, **{name: 1}) - smiling(hang(by), **{name: 1})
    assert 0 < lower < 0.7 * by


def test_half_a_smile_lifts_less_far() -> None:
    level, hanging = (np.diff([smiling(face, smile=each) for each in (0.0, 0.5, 1.0)]) for face in (REST, hang(0.05)))
    further = hanging - level
    assert (further > 0).all()
    assert 0.2 < further[0] / further.sum() < 0.8


@pytest.mark.parametrize("strengths", [{}, {"sadness": 1.0}, {"surprise": 1.0}, {"anger": 1.0}, {"smile": -0.5}])
def test_other_words_leave_them_where_they_hang(strengths: dict[str, float]) -> None:
    lower = smiling(REST, **strengths) - smiling(hang(0.03), **strengths)
    assert lower == pytest.approx(0.03, abs=0.01)


def test_corners_that_do_not_hang_smile_as_before() -> None:
    one, other = (vocabulary().moved(face, {"smile": 1}) - face for face in (REST, hang(-0.001)))
    np.testing.assert_allclose(one, other, atol=2e-3)
