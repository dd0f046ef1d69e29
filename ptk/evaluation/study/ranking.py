"""Strengths by which rankings come about: Plackett-Luce, with intervals by a bootstrap over people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ptk.evaluation.comparison.intervals import Interval

if TYPE_CHECKING:
    from jaxtyping import Float, Int

__all__ = ["Rankings", "find_agreement"]

_PRIOR = 0.1  # of a choice won and lost by each: who never lost has no infinite strength
_STEPS = 500
_STILL = 1e-6
_DRAWS = 500
_SEED = 1
_TAILS = (2.5, 97.5)


class Rankings:
    """Rankings, best first, of some of `names`, and who gave each: `raters`, one a ranking."""

    def __init__(self, rankings: Sequence[Sequence[str]], raters: Sequence[str], names: Sequence[str]) -> None:
        self.names = list(names)
        places = {name: number for number, name in enumerate(self.names)}
        longest = max(map(len, rankings), default=0)
        # padded with one more name, of strength 0
        orders = np.full((len(rankings), longest), len(self.names))
        for row, ranking in zip(orders, rankings, strict=True):
            row[: len(ranking)] = [places[name] for name in ranking]
        people, who = np.unique(np.asarray(raters), return_inverse=True)
        # people give the same few orders again and again: how often each did is enough
        self._order, which = np.unique(orders, axis=0, return_inverse=True)
        self._counts = np.zeros((len(people), len(self._order)))
        np.add.at(self._counts, (who.reshape(-1), which.reshape(-1)), 1)

    def find_shares(self) -> dict[str, Interval]:
        """Of the rankings in which each name is, the share that it is first in."""
        return self._intervals(self._shares)

    def find_strengths(self) -> dict[str, Interval]:
        """The probability of each name to be ranked first among all, by the Plackett-Luce model.

        Found by minorisation and maximisation (Hunter, "MM algorithms for generalized Bradley-Terry models", 2004); of
        two names it is the Bradley-Terry model.
        """
        return self._intervals(self._strengths)

    def _intervals(self, find: Callable[[Float[np.ndarray, "orders"]], np.ndarray]) -> dict[str, Interval]:
        """What `find` gives of all, and from where to where it goes for other people drawn from these."""
        found, count = find(self._counts.sum(0)), len(self._counts)
        low = high = np.full(len(found), np.nan)
        if count > 1:
            rng = np.random.default_rng(_SEED)
            drawn = [self._counts[rng.integers(count, size=count)].sum(0) for _ in range(_DRAWS)]
            low, high = np.nanpercentile([find(each) for each in drawn], _TAILS, axis=0)
        return {
            name: Interval(float(found[number]), float(low[number]), float(high[number]))
            for number, name in enumerate(self.names)
        }

    def _shares(self, weights: Float[np.ndarray, "orders"]) -> Float[np.ndarray, "names"]:
        size = len(self.names)
        first = np.bincount(self._order[:, 0], weights, size + 1)[:size]
        shown = np.bincount(self._order.ravel(), np.repeat(weights, self._order.shape[1]), size + 1)[:size]
        shares: np.ndarray = np.divide(first, shown, out=np.full(size, np.nan), where=shown > 0)
        return shares

    def _strengths(self, weights: Float[np.ndarray, "orders"]) -> Float[np.ndarray, "names"]:
        size = len(self.names)
        there = self._order < size
        chosen = there[:, :-1] & there[:, 1:]  # the last of a ranking was not chosen, it was left
        wins = np.bincount(
            self._order[:, :-1][chosen], np.broadcast_to(weights[:, None], chosen.shape)[chosen], size + 1
        )
        strengths = np.ones(size + 1)
        strengths[size] = 0
        for _ in range(_STEPS):
            left = np.flip(np.cumsum(np.flip(strengths[self._order], 1), 1), 1)[:, :-1]
            turns = np.where(chosen, weights[:, None] / np.maximum(left, 1e-12), 0)
            # whoever comes in one of the first places was there to be chosen in all turns up to it
            seen = np.concatenate([np.cumsum(turns, 1), np.cumsum(turns, 1)[:, -1:]], axis=1)
            shown = np.bincount(self._order.ravel(), seen.ravel(), size + 1)
            better = (wins + _PRIOR) / (shown + _PRIOR)
            better[size] = 0
            better /= better[:size].mean()  # rankings do not say how strong all are together
            change = np.abs(better - strengths).max()
            strengths = better
            if change < _STILL:
                break
        normalised: np.ndarray = strengths[:size] / strengths.sum()
        return normalised


def find_agreement(orders: Sequence[Sequence[Sequence[str]]]) -> float:
    """How alike people rank the same group: the mean of Kendall's tau over every two of them, 1 alike, 0 by chance.

    `orders` are those of each group, of the same names. nan where no two people saw one.
    """
    found = [_tau(one, other) for each in orders for one, other in combinations(each, 2)]
    return float(np.mean(found)) if found else float("nan")


def _tau(one: Sequence[str], other: Sequence[str]) -> float:
    """Kendall's tau of two orders of the same names."""
    places: Int[np.ndarray, "names"] = np.array([other.index(name) for name in one])
    signs = [np.sign(places[later] - places[sooner]) for sooner, later in combinations(range(len(places)), 2)]
    return float(np.mean(signs))
