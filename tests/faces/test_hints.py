"""Words that people try, answered with the word that does it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.errors import PtkError
from ptk.faces.expressions import parse_expression, vocabulary
from ptk.faces.hints import SYNONYMS, hint

WORDS = vocabulary().strengths


def refused(text: str) -> str:
    with pytest.raises(PtkError) as caught:
        parse_expression(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("meant", sorted(set(SYNONYMS.values())))
def test_what_is_offered_is_understood(meant: str) -> None:
    offers = re.findall(r"[a-z_]+=[-\d.]+|\b(?:" + "|".join(sorted(WORDS, key=len, reverse=True)) + r")\b", meant)
    assert offers
    for offer in offers:
        assert parse_expression(offer)


def test_no_synonym_hides_a_word() -> None:
    assert not set(SYNONYMS) & set(WORDS)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("blink", "narrow_eyes=2, which shuts the eyes"),
        ("wink=0.5", "wink_left or wink_right"),
        ("raise_eyebrow", "brow_left_up or brow_right_up"),
        ("smile_left", "smirk_left"),
        ("chin_up", "nod=10, down, or nod=-10, up"),
        ("grin", "laugh"),
        ("Frown", "brows_down"),
        ("pout", "kiss"),
        ("happy", "smile"),
        ("angry", "anger"),
        ("sad", "sadness"),
        ("surprised", "surprise"),
        ("scared", "fear"),
        ("open-eyes", "wide_eyes"),
        ("raise eyebrows=1", "brows_up"),
        ("mouth_open", "open_mouth"),
        ("relaxed", "neutral"),
        ("suprised", "surprise"),  # a typo of a synonym
        ("smiel", "smile"),
        ("Smile", "smile"),
        ("bro_up", "brows_up"),
    ],
)
def test_natural_words_find_theirs(text: str, meant: str) -> None:
    assert f"there is no such word; did you mean {meant}" in refused(text)


def test_angles_are_degrees_by_either_name() -> None:
    assert parse_expression("turn=10,pitch=5,roll=-2.5") == {"turn": 10, "nod": -5, "tilt": -2.5}
    assert parse_expression("yaw=-15") == {"turn": -15}
    assert refused("turn") == "`expression` turn: by how many degrees? Write turn=10"
    assert refused("yaw=20") == "`expression` yaw=20: degrees of turn go from -15 to 15"
    assert refused("pitch=much") == "`expression` pitch=much: much is no number; write nod=10"
    assert refused("nod=3,pitch=3") == "`expression` pitch=3: nod is there twice; leave one of them out"


def test_only_words_that_are_known_are_offered() -> None:
    assert hint("blink", ["wave"]) == "there are"
    assert hint("wavy", ["wave"]) == "did you mean wave? There are"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "`expression` '': names no word; write smile=0.7"),
        ("  ", "`expression` '  ': names no word; write smile=0.7"),
        ("smile=0.5,", "`expression` smile=0.5,: has a comma with no word beside it; leave it out"),
        (",smile=1", "`expression` ,smile=1: has a comma with no word beside it; leave it out"),
        ("smile=1,,anger=1", "`expression` smile=1,,anger=1: has a comma with no word beside it; leave it out"),
        ("smile=", "`expression` smile=: nothing is no number; write smile=0.7"),
        ("smile==1", "`expression` smile==1: smile==1 is no word with its strength; write it as smile=0.7,brows_up"),
        ("=1", "`expression` =1: =1 is no word with its strength; write it as smile=0.7,brows_up=0.3"),
        ("smile=nan", "`expression` smile=nan: nan is no number; write smile=0.7"),
        ("smile=-inf", "`expression` smile=-inf: -inf is no number; write smile=0.7"),
        ("smile=0,7", "`expression` smile=0,7: decimals have a point, not a comma: write smile=0.7"),
        ("anger,smile=-0,25", "`expression` anger,smile=-0,25: decimals have a point, not a comma: write smile=-0.25"),
        ("smile，anger", "`expression` smile，anger: write it in plain characters: smile,anger"),
        ("smile=1;anger=1", "`expression` smile=1;anger=1: write it in plain characters: smile=1,anger=1"),
        ("smile=−0.5", "`expression` smile=−0.5: write it in plain characters: smile=-0.5"),
        ("smile:0.7", "`expression` smile:0.7: write it in plain characters: smile=0.7"),
        ("smile 0.7", "`expression` smile 0.7: smile 0.7 is no word with its strength; write it as smile=0.7,"),
        ("smile=0.5 anger=1", "`expression` smile=0.5 anger=1: smile=0.5 anger=1 is no word with its strength"),
        ("smile=1\nanger=1", "`expression` smile=1 anger=1: smile=1 anger=1 is no word with its strength"),
    ],
)
def test_how_to_write_it_is_said(text: str, said: str) -> None:
    assert refused(text).startswith(said)


@given(text=st.text(alphabet="smile=0.7,- \t\n;，−nax", max_size=20))
def test_any_text_is_parsed_or_refused_in_a_line(text: str) -> None:
    try:
        strengths = parse_expression(text)
    except PtkError as error:
        assert "\n" not in str(error)
        assert str(error).startswith("`expression` ")
    else:
        assert all(WORDS[name].least <= strength <= WORDS[name].most for name, strength in strengths.items())
