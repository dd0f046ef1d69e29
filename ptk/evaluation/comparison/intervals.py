"""Means over people with their intervals: a bootstrap over people and, where there are several, over trainings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float, Int

__all__ = ["Interval", "find_difference", "find_mean"]

_DRAWS = 2000
_PEOPLE, _RUNS, _OTHER_RUNS = 1, 2, 3  # seeds of what is drawn; of one seed they would go together
_TAILS = (2.5, 97.5)


@dataclass(frozen=True)
class Interval:
    """A mean, and from where to where 95 % of the bootstrap's means lie; nan where there are none."""

    mean: float
    low: float
    high: float

    @property
    def is_real(self) -> bool:
        """Whether, as a difference, it is one: 0 lies outside. False for nan."""
        return self.low > 0 or self.high < 0


def find_mean(values: Float[np.ndarray, "runs cases"], people: Sequence[str]) -> Interval:
    """The mean over trainings and people of the mean over each one's cases; `people` says whose each case is.

    Values that are no numbers are left out. The interval is that of other people, and other seeds, drawn from these
    (percentile bootstrap, Efron 1979); nan for a single person.
    """
    each = _average_by_person(values, people)
    return _interval(_mean(each[None]).item(), _resample(each, _draw_people(each.shape[1]), _RUNS), each)


def find_difference(
    values: Float[np.ndarray, "runs cases"], others: Float[np.ndarray, "others cases"], people: Sequence[str]
) -> Interval:
    """The mean of `values` less that of `others`, paired: over cases in which both are numbers, by the same people."""
    both = np.isfinite(values).all(0) & np.isfinite(others).all(0)
    first, second = (_average_by_person(np.where(both, each, np.nan), people) for each in (values, others))
    drawn = _draw_people(first.shape[1])
    difference = _resample(first, drawn, _RUNS) - _resample(second, drawn, _OTHER_RUNS)
    return _interval((_mean(first[None]) - _mean(second[None])).item(), difference, first)


def _average_by_person(
    values: Float[np.ndarray, "runs cases"], people: Sequence[str]
) -> Float[np.ndarray, "runs people"]:
    """The mean of each person's cases, of values that are numbers; nan without any."""
    names = np.asarray(people)
    return np.stack([_mean(values[:, None, names == name]) for name in dict.fromkeys(people)], axis=1)


def _draw_people(count: int) -> Int[np.ndarray, "draws people"]:
    return np.random.default_rng(_PEOPLE).integers(count, size=(_DRAWS, count))


def _resample(
    values: Float[np.ndarray, "runs people"], drawn: Int[np.ndarray, "draws people"], seed: int
) -> Float[np.ndarray, "draws"]:
    """The means of draws: each of other people, and of as many trainings, drawn from these."""
    runs = np.random.default_rng(seed).integers(len(values), size=(len(drawn), len(values)))
    return _mean(values[runs[:, :, None], drawn[:, None, :]])


def _mean(values: Float[np.ndarray, "draws runs people"]) -> Float[np.ndarray, "draws"]:
    """The mean of each first index's numbers; nan where there is none."""
    good = np.isfinite(values)
    count = good.sum((1, 2))
    total = np.where(good, values, 0.0).sum((1, 2))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _interval(mean: float, drawn: Float[np.ndarray, "draws"], values: Float[np.ndarray, "runs people"]) -> Interval:
    """The interval of `drawn`; nan where fewer than two people have numbers among `values`."""
    if np.isfinite(values).any(0).sum() < 2:
        return Interval(mean, math.nan, math.nan)
    low, high = np.percentile(drawn[np.isfinite(drawn)], _TAILS)
    return Interval(mean, float(low), float(high))
