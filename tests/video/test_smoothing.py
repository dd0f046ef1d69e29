"""Landmarks in time: noise of a still face goes, motion is neither late nor small, uneven frames count as they are."""

import numpy as np
import pytest

from ptk.video.smoothing import smooth_in_time

EYES = 100.0
TIMES = np.arange(120) / 30


def noisy(way, sigma=0.5, seed=0):
    return way + np.random.default_rng(seed).normal(0, sigma, way.shape)


def test_a_still_face_trembles_much_less():
    still = np.full((120, 68, 2), 50.0)
    found = smooth_in_time(noisy(still), TIMES, EYES)
    assert found.std(axis=0).mean() < 0.5 * 0.5
    assert np.abs(found - 50).mean() < 0.3


@pytest.mark.parametrize("hertz", [0.5, 1.0, 2.0])
def test_motion_is_followed_without_lag(hertz):
    way = np.sin(2 * np.pi * hertz * TIMES)[:, None, None] * np.full((1, 3, 2), 30.0)
    found = smooth_in_time(noisy(way), TIMES, EYES)
    inner = slice(15, -15)
    lags = range(-5, 6)
    near = [np.abs(np.roll(found, lag, axis=0)[inner] - way[inner]).mean() for lag in lags]
    assert lags[int(np.argmin(near))] == 0
    assert np.abs(found[inner] - way[inner]).mean() < 0.05 * EYES


def test_a_jump_is_not_smeared_over_many_frames():
    way = np.zeros((60, 1, 2))
    way[30:] = 40.0
    found = smooth_in_time(way, TIMES[:60], EYES)
    assert np.abs(found[:27]).max() < 4
    assert np.abs(found[33:] - 40).max() < 4


def test_the_same_way_at_uneven_times_is_smoothed_alike():
    even = np.linspace(0, 4, 121)
    uneven = np.sort(np.concatenate([even[::2], even[1::4]]))
    found = {}
    for name, times in (("even", even), ("uneven", uneven)):
        way = (10 * np.sin(np.pi * times))[:, None, None] * np.ones((1, 1, 2))
        found[name] = np.interp(even[::2], times, smooth_in_time(way, times, EYES)[:, 0, 0])
    assert np.abs(found["even"] - found["uneven"]).max() < 1.0


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_frames_are_a_film_too(count):
    way = np.ones((count, 4, 2))
    assert np.array_equal(smooth_in_time(way, TIMES[:count], EYES), way)
