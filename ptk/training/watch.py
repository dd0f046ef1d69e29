"""Watching the other processes of a run: a dead one stops the run, with its rank and why it died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ptk.errors import PtkError, TrainingError
from ptk.training.processes import Processes, Together

__all__ = ["STARTED_BY", "watched"]

STARTED_BY = "PTK_STARTED_BY"
"""The environment variable that tells processes the number of the one that started them."""

_GLANCE = 0.2
"""Seconds between two looks."""

_GRACE = 3.0
"""Seconds that one who fails gives the watch to find out who died first."""


@contextmanager
def watched(processes: Processes, left: Callable[[], str]) -> Iterator[None]:
    """Inside, a process of this machine that dies ends them all: the first says which, of what, and what is `left`.

    Errors of other processes than the first are raised anew with their rank.
    """
    if not isinstance(processes, Together):
        yield
        return
    watch = _Watch(processes, left)
    watch.start()
    try:
        yield
    except Exception as error:
        lost = _lost_another(error)
        if lost or not processes.first:
            time.sleep(_GRACE)
        watch.over.set()
        watch.stop_others()
        if lost:
            said = " ".join(str(error).split())[:150]
            raise TrainingError(f"rank {processes.rank}: lost another process; {left()} ({said})") from error
        if processes.first:
            raise
        said = str(error) if isinstance(error, PtkError) else repr(error)
        raise TrainingError(f"rank {processes.rank}: {said}") from error
    finally:
        watch.over.set()


def _lost_another(error: Exception) -> bool:
    """Whether a call that waits for all processes failed for one that is gone."""
    return type(error).__name__.startswith("Dist") or any(word in str(error) for word in ("gloo", "monitoredBarrier"))


class _Watch(threading.Thread):
    """Looks after the processes that this one started, or, in one of those, after that which started it."""

    def __init__(self, processes: Together, left: Callable[[], str]) -> None:
        super().__init__(daemon=True, name="watch")
        self.over = threading.Event()
        self._left = left
        self._rank = processes.rank
        self._local_rank = processes.fabric.local_rank
        self._children = _taken_over(processes)
        self._parent = os.getppid() if os.environ.get(STARTED_BY) == str(os.getppid()) else None

    def run(self) -> None:
        """Until it is over."""
        while not self.over.wait(_GLANCE):
            dead = [(one.poll(), number) for number, one in enumerate(self._children, 1) if one.poll()]
            if dead:
                status, number = min(dead)  # one that was killed has a status below 0; the others may die of losing it
                self._end(f"rank {self._rank + number} {_of(status or 0)}")
            if self._parent and os.getppid() != self._parent:
                self._end(f"rank {self._rank - self._local_rank} is gone" if self._local_rank == 1 else "")

    def stop_others(self) -> None:
        """End what this process started."""
        for one in self._children:
            one.kill()

    def _end(self, what: str) -> None:
        if what:
            print(f"ptk: {what}; all processes have stopped; {self._left()}", file=sys.stderr, flush=True)
        self.stop_others()
        os._exit(1)


def _taken_over(processes: Together) -> list[subprocess.Popen[bytes]]:
    """The processes that Fabric has started, which it no longer watches: where it looks first, it kills all, mutely."""
    started: list[subprocess.Popen[bytes]] = getattr(processes.fabric.strategy.launcher, "procs", [])
    children = list(started)
    started.clear()  # its observer looks at this very list
    return children


def _of(status: int) -> str:
    if status < 0:
        return f"was killed ({signal.Signals(-status).name})"
    return f"ended with status {status}, its own words are above"
