"""Expressions as units: distinct, in range, known to anny."""

import pytest

from ptk_synth.expressions import EXPRESSIONS, GESTURES, expression_units


def test_all_eight_differ_and_neutral_is_nothing():
    units = [tuple(sorted(expression_units(name).items())) for name in EXPRESSIONS]
    assert len(set(units)) == 8
    assert expression_units("neutral") == {}


def test_contempt_is_shown_on_one_side_and_everything_else_on_both():
    for name in EXPRESSIONS:
        units = expression_units(name)
        lefts = {unit[:-4]: value for unit, value in units.items() if unit.endswith("Left")}
        rights = {unit[:-5]: value for unit, value in units.items() if unit.endswith("Right")}
        assert (lefts == rights) == (name != "contempt")
    assert "mouthSmileLeft" in expression_units("contempt", left=True)
    assert "mouthSmileRight" in expression_units("contempt", left=False)


def test_gestures_are_other_than_expressions_and_the_same_on_both_sides():
    assert not set(GESTURES) & set(EXPRESSIONS)
    for name in GESTURES:
        units = expression_units(name)
        assert units
        assert all(units.get(unit.replace("Left", "Right")) == value for unit, value in units.items())


def test_strength_scales_up_to_one():
    weak, strong = expression_units("surprise", 0.5), expression_units("surprise", 2.0)
    assert all(weak[unit] < strong[unit] <= 1 for unit in weak)


def test_laughing_opens_a_happy_mouth():
    assert "jawOpen" not in expression_units("happiness", laugh=0)
    assert expression_units("happiness", laugh=1)["jawOpen"] > 0.2


def test_unknown_expressions_are_refused():
    with pytest.raises(KeyError):
        expression_units("boredom")


def test_anny_knows_every_unit():
    actions = pytest.importorskip("anny.models.facial_actions", reason="needs anny: see ptk-synth")
    for name in EXPRESSIONS + GESTURES:
        assert set(expression_units(name)) <= set(actions.FACIAL_ACTION_LABELS)
