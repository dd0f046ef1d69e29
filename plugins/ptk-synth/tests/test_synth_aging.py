"""Another age: who somebody is stays, what years do happens, and in one direction only."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptk_synth.aging import AGES, aged, sagging
from ptk_synth.people import draw_person
from ptk_synth.skin import paint

years = st.floats(*AGES)
people = st.integers(0, 500).map(lambda index: draw_person(index, seed=3))
ordered = st.tuples(years, years).map(sorted)


@given(people, years)
def test_who_somebody_is_and_how_they_stand_there_stays(person, at):
    other = aged(person, at)
    same = ("index", "sex", "ancestry", "features", "iris", "outfit", "backdrop", "light", "view", "strength", "laugh")
    assert all(getattr(other, name) == getattr(person, name) for name in same)
    assert {**other.phenotype, "age": 0} == {**person.phenotype, "age": 0}
    for name in ("style", "colour", "fringe", "part", "length", "curl", "volume", "seed"):
        assert getattr(other.hair, name) == getattr(person.hair, name)
    for name in ("tone", "lips", "freckles", "seed"):
        assert getattr(other.skin, name) == getattr(person.skin, name)


@given(people, ordered)
def test_nobody_gets_younger_with_the_years(person, ages):
    before, after = (aged(person, at) for at in ages)
    assert (before.years, after.years) == tuple(ages)
    assert before.phenotype["age"] <= after.phenotype["age"]
    assert before.weathered <= after.weathered
    for name in ("grey", "receding"):
        assert getattr(before.hair, name) <= getattr(after.hair, name)
    for name in ("blotches", "tired", "stubble"):
        assert getattr(before.skin, name) <= getattr(after.skin, name)
    assert before.hair.brow >= after.hair.brow


@given(people, years, years)
def test_a_way_round_over_another_age_leads_to_the_same_hair(person, before, at):
    around, straight = aged(aged(person, before), at), aged(person, at)
    shaved = {"brow": 0.0, "beard": "none"}  # what came off does not come back
    assert replace(around.hair, **shaved) == replace(straight.hair, **shaved)
    assert around.hair.brow == pytest.approx(straight.hair.brow)
    assert (around.phenotype, around.weathered) == (straight.phenotype, straight.weathered)


@given(people, years)
def test_the_numbers_stay_plain_and_in_range(person, at):
    other = aged(person, at)
    assert all(type(value) in (int, float, str, tuple) for value in asdict(other.hair).values())
    assert all(-1 <= value <= 1 for value in sagging(other).values())
    assert all(0 <= value <= 1 for value in (*other.phenotype.values(), other.hair.grey, other.hair.receding))
    assert aged(person, at) == other


@given(people)
def test_the_young_are_smooth_and_beardless_and_the_old_grey(person):
    young, old = aged(person, 20), aged(person, 72)
    assert young.hair.grey == young.hair.receding == young.weathered == 0
    assert young.hair.beard == "none"
    assert old.hair.grey > 0.5  # (72 - 42) / 30, less the spread of those who grey late
    assert old.hair.beard == person.hair.beard
    assert old.weathered == 1


@given(people)
@settings(max_examples=20)
def test_those_who_are_drawn_are_as_they_were(person):
    """The bundled sample's pictures depend on it."""
    assert person.weathered == 0
    assert sagging(person) == person.features


@pytest.mark.parametrize("at", [15.9, 85.1, -1, float("nan"), float("inf")])
def test_a_child_is_not_made(at):
    with pytest.raises(ValueError, match="16 to 85 years"):
        aged(draw_person(0, seed=3), at)


def test_old_skin_is_darker_in_spots_and_nowhere_else(head):
    person = aged(draw_person(3, seed=3), 72)
    spotted, plain = (paint(head, each)["skin"] for each in (person, replace(person, weathered=0.0)))
    changed = np.abs(spotted - plain).max(axis=1) > 0.02
    assert 0.005 < changed.mean() < 0.3  # spots, not a tan: a part of the face, which is a part of the skin
    assert (spotted <= plain + 1e-12).all()


def test_furrows_are_deeper_and_darker_with_the_years(head):
    from ptk_synth.creases import creases
    from ptk_synth.skin import shaded_furrows

    points = head.parts["skin"].template
    smooth, furrowed = creases(points, 72, {}, seed=1), creases(points, 72, {}, seed=1, weathered=1.0)
    assert furrowed.min() < 1.5 * smooth.min()
    grey = np.full((len(points), 3), 0.5)
    shaded = shaded_furrows(grey, furrowed, 1.0)
    assert (shaded <= grey).all()
    assert shaded[furrowed.argmin()].max() < 0.4  # exp(-.4) of it at the bottom of a furrow: .34
    assert (shaded[furrowed >= 0] == 0.5).all()


def test_shirts_leave_room_for_necks_that_hang(head):
    from ptk_synth.tailor import Tailor

    tailor, outfit = Tailor(head), replace(draw_person(0, seed=3).outfit, neck="turtle")
    cloth, skin = (head.parts[name].template for name in ("shirt", "skin"))
    close, roomy = (tailor.cut(cloth, skin, outfit, room) for room in (0.0, 0.003))
    moved = np.linalg.norm(roomy - close, axis=1)
    worn = head.parts["shirt"].template[:, 1] < 0.59  # below the neckline at .603; above it cloth is cut away
    assert moved[worn] == pytest.approx(0.003, abs=1e-9)
    assert (moved <= 0.003 + 1e-9).all()
