"""Brows and wide eyes that a face shows give way to words of others; what is asked for, and brows at rest, stay."""

import numpy as np
import pytest

from ptk.faces.align import aligned
from ptk.faces.expressions import vocabulary

WORDS, REST = vocabulary().words, vocabulary().rest
INNER = [20, 21, 22, 23]


def inner_ends(face: np.ndarray, **strengths: float) -> float:
    """How high the inner ends of the brows are, in outer eye distances."""
    return -float(aligned(vocabulary().moved(face, strengths))[INNER, 1].mean())


@pytest.mark.parametrize(("name", "least"), [("smile", 0.6), ("laugh", 0.6), ("closed_smile", 0.6), ("brows_up", 0.3)])
def test_a_frown_ends_with_a_friendly_word(name: str, least: float) -> None:
    frowning = REST + WORDS["brows_down"].field
    drawn = float(WORDS["brows_down"].field[INNER, 1].mean())
    left = inner_ends(REST, **{name: 1}) - inner_ends(frowning, **{name: 1})
    assert left < (1 - least) * drawn
    assert left > 0


def test_slanted_brows_rise_at_their_inner_ends_alone() -> None:
    slanted = REST.copy()
    slanted[[17, 18, 25, 26], 1] -= 0.02
    there, from_rest = (aligned(vocabulary().moved(face, {"laugh": 1})) for face in (slanted, REST))
    np.testing.assert_allclose((there - from_rest)[INNER, 1], -0.7 * 0.02, atol=2e-3)
    np.testing.assert_allclose((there - from_rest)[[17, 26], 1], -0.02, atol=2e-3)


def test_brows_that_rest_stay_where_words_leave_them() -> None:
    for name in ("smile", "laugh", "brows_up", "anger"):
        there = vocabulary().moved(REST, {name: 1})
        np.testing.assert_allclose((there - REST)[17:27], WORDS[name].field[17:27], atol=2e-3)


def test_a_frown_stays_that_is_asked_for_or_goes_with_the_word() -> None:
    frowning = REST + WORDS["brows_down"].field
    for words in ({"laugh": 1.0, "brows_down": 0.01}, {"surprise": 1.0}, {"sadness": 1.0}, {"open_mouth": 1.0}):
        gone = vocabulary().moved(frowning, words) - vocabulary().moved(REST, words)
        np.testing.assert_allclose(gone[INNER], WORDS["brows_down"].field[INNER], atol=0.01)


def test_amazement_ends_with_anger() -> None:
    amazed = REST + WORDS["surprise"].field
    lids = [37, 38, 43, 44]
    there, from_rest, field = (
        each[17:27, 1].mean()
        for each in (*(vocabulary().moved(face, {"anger": 1}) for face in (amazed, REST)), WORDS["surprise"].field)
    )
    assert abs(there - from_rest) < 0.5 * abs(field)
    wide = vocabulary().moved(amazed, {"anger": 1})[lids, 1] - amazed[lids, 1]
    assert (wide > vocabulary().moved(REST, {"anger": 1})[lids, 1] - REST[lids, 1]).all()
    kept = vocabulary().moved(amazed, {"anger": 1, "surprise": 0.01})
    assert kept[17:27, 1].mean() < there - 0.4 * abs(field)


@pytest.mark.parametrize("name", ["smile", "closed_smile", "laugh", "anger"])
def test_worried_brows_give_way_to_smiles_and_anger(name: str) -> None:
    """Most of what their inner ends are drawn up beside the outer ones goes."""
    rest = vocabulary().rest
    worried = rest.copy()
    worried[[21, 22], 1] -= 0.06
    worried[[20, 23], 1] -= 0.045

    def slant(face):
        return face[[20, 21, 22, 23], 1].mean() - face[[17, 18, 25, 26], 1].mean()

    there, level = (aligned(vocabulary().moved(face.astype(np.float32), {name: 1})) for face in (worried, rest))
    assert abs(slant(there) - slant(level)) < 0.5 * abs(slant(worried) - slant(rest))


def test_worry_stays_where_a_word_draws_brows_up() -> None:
    worried = vocabulary().rest.copy()
    worried[[21, 22], 1] -= 0.06
    for words in ({"sadness": 1.0, "smile": 0.2}, {"surprise": 1.0}, {"open_mouth": 1.0}):
        there = vocabulary().moved(worried.astype(np.float32), words)
        assert there[[21, 22], 1].mean() < worried[[21, 22], 1].mean() + 0.01
