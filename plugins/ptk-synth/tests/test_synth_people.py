"""Who is drawn: the same person for the same seed, and a mixed crowd."""

from collections import Counter
from dataclasses import asdict
from itertools import pairwise

from ptk_synth.make import SEED, draw_split
from ptk_synth.people import draw_person


def test_the_same_seed_gives_the_same_person():
    assert draw_person(5, seed=1) == draw_person(5, seed=1)


def test_people_and_seeds_differ():
    people = [draw_person(index, seed) for seed in (1, 2) for index in range(30)]
    tones = {person.skin.tone for person in people}
    assert len(tones) == len(people)
    assert all(a.features != b.features for a, b in pairwise(people))


def test_a_block_of_24_is_mixed():
    people = [draw_person(index, SEED) for index in range(24)]
    assert Counter(person.sex > 0.5 for person in people) == {True: 12, False: 12}
    assert set(Counter(person.ancestry for person in people).values()) == {7, 6, 5}
    years = sorted(person.years for person in people)
    assert years[0] < 20
    assert years[-1] > 65
    assert len({person.hair.style for person in people}) >= 6


def test_numbers_are_plain_and_in_range():
    for index in range(50):
        person = draw_person(index, SEED)
        assert all(-1 <= value <= 1 for value in person.features.values())
        assert all(0 <= value <= 1 for value in person.phenotype.values())
        assert all(0 < channel < 1 for channel in person.skin.tone)
        assert all(type(value) in (int, float, str, tuple) for value in asdict(person.hair).values())


def test_seven_of_every_24_people_test():
    splits = [draw_split(index, SEED) for index in range(48)]
    assert splits[:24].count("test") == splits[24:].count("test") == 7
