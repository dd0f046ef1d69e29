"""Intervals hold what they promise, pairing narrows them, and few people or numbers do not pass for many."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptk.evaluation.comparison.intervals import find_difference, find_mean

NUMBERS = st.one_of(st.floats(-1e6, 1e6), st.just(math.nan))


def test_a_mean_is_over_people():
    values = np.array([[1.0, 1.0, 1.0, 5.0]])
    assert find_mean(values, ["a", "a", "a", "b"]).mean == 3


def test_intervals_cover_the_true_mean_about_as_often_as_they_say():
    rng = np.random.default_rng(0)
    people = [str(number) for number in range(20)]
    found = [find_mean(rng.normal(size=(1, 20)), people) for _ in range(200)]
    share = np.mean([one.low <= 0 <= one.high for one in found])
    assert 0.87 < share <= 1  # of 20 people a percentile bootstrap covers 93 %; three deviations of 200 draws


def test_what_all_people_share_does_not_hide_a_difference():
    rng = np.random.default_rng(0)
    people = [str(number) for number in range(8)]
    hard = rng.normal(size=(1, 8))
    better = hard - 0.1 + rng.normal(scale=0.01, size=(1, 8))
    assert find_difference(better, hard, people).is_real
    assert find_difference(better, hard, people).mean == pytest.approx(-0.1, abs=0.02)
    apart = find_mean(better, people), find_mean(hard, people)
    assert apart[0].high > apart[1].low  # their own intervals overlap
    assert not find_difference(hard, hard, people).is_real


def test_trainings_that_differ_widen_the_interval():
    people = [str(number) for number in range(8)]
    alike, apart = np.zeros((3, 8)), np.array([[-1.0], [0.0], [1.0]]).repeat(8, axis=1)
    assert find_mean(alike, people).high == 0
    assert find_mean(apart, people).mean == 0
    assert find_mean(apart, people).high > 0.5
    assert not find_difference(apart, alike, people).is_real


def test_one_person_has_no_interval_and_nobody_no_mean():
    one = find_mean(np.array([[1.0, 2.0]]), ["a", "a"])
    assert one.mean == 1.5
    assert math.isnan(one.low)
    assert not one.is_real
    assert math.isnan(find_mean(np.array([[math.nan, math.nan]]), ["a", "b"]).mean)


def test_a_difference_is_of_images_in_which_both_have_numbers():
    people = ["a", "b", "c"]
    first, second = np.array([[1.0, 2.0, math.nan]]), np.array([[0.0, math.nan, 5.0]])
    assert find_difference(first, second, people).mean == 1


@given(st.lists(st.tuples(NUMBERS, NUMBERS, st.sampled_from("abc")), min_size=1, max_size=12))
def test_whatever_is_missing_nothing_breaks(cases):
    first, second, people = zip(*cases, strict=True)
    values, others = np.array([first]), np.array([second])
    for one in (find_mean(values, people), find_difference(values, others, people)):
        assert math.isnan(one.low) or one.low - 1e-6 <= one.high
