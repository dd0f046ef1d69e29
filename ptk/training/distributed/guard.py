"""In each process of a run: end when another one is gone, and hand its error to the process that started it."""

from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ptk.errors import PtkError, TrainingError
from ptk.training.distributed.processes import Processes, ProcessGroup

__all__ = ["LOST", "RUN_ID", "guard"]

RUN_ID = "ptk"
"""torchrun's name of a run whose processes `ptk.training.distributed.launch` has started, and reports on."""

LOST = 75
"""Exit status of a process that ends because another one is gone."""

_GLANCE = 0.2
"""Seconds between two looks at the other processes."""

_GRACE = 2.0
"""Seconds that the main thread has to fail by itself after another process is gone, before it is ended."""

_COLLECTIVE = ("gloo", "monitoredBarrier", "NCCL", "ncclRemoteError")  # words of operations of all processes


def _describe(error: Exception) -> str:
    return str(error) if isinstance(error, PtkError) else repr(error)


@contextmanager
def guard(
    processes: Processes, left: Callable[[], str], describe: Callable[[Exception], str] = _describe
) -> Iterator[None]:
    """End this process within seconds when another one of this machine, or the one that started them, is gone.

    torchrun leaves processes that wait for a dead one alone for 30 seconds, and for ever where torchrun itself was
    killed. `left` says what is left of the run, `describe` what errors mean. Errors inside are recorded for torchrun.
    Raises SystemExit then where ptk has started the processes and reports it, else TrainingError with the rank.
    """
    if not isinstance(processes, ProcessGroup):
        yield
        return
    watch = _Watch(processes, left)
    watch.start()
    try:
        yield
        processes.barrier()  # observers of the first one may take their time; who has left looks like one that died
    except Exception as error:
        # a collective operation fails when a process is gone
        collective = type(error).__name__.startswith("Dist") or any(word in str(error) for word in _COLLECTIVE)
        lost = collective or watch.lost.wait(_GRACE / 2)
        watch.over.set()
        text = describe(error)
        if lost:
            text = f"lost another process ({' '.join(str(error).split())[:150]})"
        if "TORCHELASTIC_ERROR_FILE" in os.environ:
            from torch.distributed.elastic.multiprocessing.errors import get_error_handler

            get_error_handler().record_exception(TrainingError(text))
        if lost:
            watch.end_if_orphaned()  # the other one may have seen it first, and gone in silence
        if _is_reported():
            if os.environ.get("PTK_DEBUG"):
                traceback.print_exc()
            raise SystemExit(LOST if lost else 1) from error
        raise TrainingError(f"rank {processes.rank}: {text}{f'; {left()}' if lost else ''}") from error
    finally:
        watch.over.set()


def _is_reported() -> bool:
    return os.environ.get("TORCHELASTIC_RUN_ID") == RUN_ID


class _Watch(threading.Thread):
    """Looks after the other processes of this machine and, under torchrun, after that which started them."""

    def __init__(self, processes: ProcessGroup, left: Callable[[], str]) -> None:
        super().__init__(daemon=True, name="watch")
        self.over = threading.Event()
        """Set when others may go, or the main thread reports that they have gone."""
        self.lost = threading.Event()
        """Set when another one is gone."""
        self._left = left
        self._rank = processes.rank
        self._parent = os.getppid() if "TORCHELASTIC_RUN_ID" in os.environ else None
        self._peers = _gather_pids(processes)
        self._ending = threading.Lock()

    def run(self) -> None:
        """Until it is over."""
        while not self.over.wait(_GLANCE):
            self.end_if_orphaned()
            gone = [rank for rank, pid in self._peers.items() if not _is_alive(pid)]
            if gone:
                self.lost.set()
                if self.over.wait(_GRACE):
                    return
                survivors = self._peers.keys() - set(gone)
                self._end(f"rank {gone[0]} is gone", speak=self._rank == min(survivors) and not _is_reported())

    def end_if_orphaned(self) -> None:
        """End this process where the one that started it is gone; the first rank says so, whoever saw it first."""
        if self._parent is not None and os.getppid() != self._parent:
            self._end("the process that started it is gone", speak=self._rank == min(self._peers))

    def _end(self, reason: str, *, speak: bool) -> None:
        self._ending.acquire()  # never released: of two threads that find the same, one speaks
        if speak:
            print(f"ptk: {reason}; all processes have stopped; {self._left()}", file=sys.stderr, flush=True)
        os._exit(LOST)


def _gather_pids(processes: ProcessGroup) -> dict[int, int]:
    """The ids by rank of the processes that the same torchrun, or srun on the same node, has started."""
    import torch.distributed as dist

    node = os.environ.get("GROUP_RANK", os.environ.get("SLURM_NODEID", "0"))
    told: list[tuple[str, int]] = [("", 0)] * processes.count
    dist.all_gather_object(told, (node, os.getpid()))
    if os.name != "posix":
        return {processes.rank: os.getpid()}
    return {rank: pid for rank, (where, pid) in enumerate(told) if where == node and _is_alive(pid)}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
