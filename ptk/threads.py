"""Threads for work in NumPy and OpenCV, which let others run while they compute."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["count_threads", "map_threads"]

_MOST = 4  # at once: each holds memory of its own

Item = TypeVar("Item")
Result = TypeVar("Result")


def count_threads() -> int:
    """Count the threads to compute with: torch's where it is loaded, OMP_NUM_THREADS, else one a core."""
    torch = sys.modules.get("torch")
    if torch is not None:
        return int(torch.get_num_threads())
    said = os.environ.get("OMP_NUM_THREADS", "")
    if said.isdecimal() and int(said):
        return int(said)
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable is not None else os.cpu_count() or 1


def map_threads(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Apply `work` to all `items` in up to four threads; the results in their order.

    Raises what `work` raises; what has not begun by then, or when the user interrupts, is left out.
    """
    given = list(items)
    workers = min(count_threads(), len(given), _MOST)
    if workers < 2:
        return [work(item) for item in given]
    pool = ThreadPoolExecutor(workers)
    try:
        return list(pool.map(work, given))
    finally:
        pool.shutdown(cancel_futures=True)
