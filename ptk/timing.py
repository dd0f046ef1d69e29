"""Fair times: everything warmed up, what is compared taken in turns, medians with their spread."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

__all__ = ["WARM_UP", "Spread", "in_turns", "ratios", "seconds", "wait"]

WARM_UP = 2
"""Rounds that are run before any is timed."""


@dataclass(frozen=True)
class Spread:
    """A median, and the quartiles around it."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: list[float]) -> Spread:
        """That of one or more `values`."""
        low, median, high = np.percentile(values, (25, 50, 75))
        return cls(float(median), float(low), float(high), len(values))


def wait(device: torch.device) -> None:
    """Until `device` has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """How long `work` takes once."""
    wait(device)
    start = time.perf_counter()
    work()
    wait(device)
    return time.perf_counter() - start


def in_turns(
    works: Mapping[str, Callable[[], object]], device: torch.device, *, patience: float, rounds: int = 200
) -> dict[str, list[float]]:
    """Seconds of every one of `works`, round by round: at least three rounds, then on for `patience` seconds.

    Each is run `WARM_UP` times before. Machines drift; what is measured in one round has drifted alike. The order is
    turned round every other time, so that nobody always follows the same one.
    """
    for work in works.values():
        for _ in range(WARM_UP):
            work()
    taken: dict[str, list[float]] = {name: [] for name in works}
    end = time.perf_counter() + patience
    for number in range(rounds):
        if number >= 3 and time.perf_counter() > end:
            break
        for name in list(works) if number % 2 == 0 else list(works)[::-1]:
            taken[name].append(seconds(works[name], device))
    return taken


def ratios(slower: list[float], faster: list[float]) -> Spread:
    """How many times faster `faster` is: the ratio of every round, not of the medians."""
    return Spread.of([one / other for one, other in zip(slower, faster, strict=True)])
