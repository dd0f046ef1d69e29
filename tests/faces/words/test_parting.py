"""A weak smile keeps lips closed, where teeth would be a grey line; strong ones, and other words, part them."""

import numpy as np
import pytest

from ptk.faces.align import aligned
from ptk.faces.anatomy import lip_gap
from ptk.faces.expressions import vocabulary
from ptk.faces.words.parting import keep_lips_closed

WORDS, REST = vocabulary().words, vocabulary().rest


def gap(**strengths: float) -> float:
    return lip_gap(aligned(vocabulary().moved(REST, strengths)))


@pytest.mark.parametrize("strength", [0.2, 0.5, 0.8, 0.85])
def test_a_weak_smile_is_one_of_closed_lips_and_seen_as_well(strength: float) -> None:
    assert gap(smile=strength) == pytest.approx(lip_gap(REST), abs=2e-3)
    drawn = (vocabulary().moved(REST, {"smile": strength}) - REST)[[48, 54]]
    assert np.linalg.norm(drawn) >= strength * np.linalg.norm(WORDS["smile"].field[[48, 54]])


def test_lips_part_towards_a_whole_smile_and_then_as_they_do() -> None:
    gaps = [gap(smile=strength) for strength in (0.85, 0.9, 0.95, 1.0)]
    assert gaps == sorted(gaps)
    assert gaps[-1] - lip_gap(REST) == pytest.approx(lip_gap(WORDS["smile"].field), abs=1e-3)


@pytest.mark.parametrize("words", [{"smile": 1.0}, {"smile": 1.5}, {"smile": -0.5}, {"smile": 0.0}, {"laugh": 0.3}, {}])
def test_other_strengths_stay_as_they_are(words: dict[str, float]) -> None:
    assert keep_lips_closed(WORDS, words) == words


def test_words_that_part_lips_leave_a_smile_to_part_them_too() -> None:
    together = {"smile": 0.5, "open_mouth": 0.5}
    assert keep_lips_closed(WORDS, together) == together
    assert keep_lips_closed(WORDS, {"smile": 0.5, "brows_up": 1.0})["smile"] == 0
