"""Where the work is done: processes of this machine, or actors of a Ray cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from ptk.errors import MissingExtra, PtkError
from ptk.prepare.messages import Outcome, Settings, Task
from ptk.safe_path import leave_out_current_folder

if TYPE_CHECKING:
    from ptk.prepare.worker import Worker

__all__ = ["ENGINES", "Slot", "run_tasks"]

_CRASHED = "crashed the program that reads it, twice; export it again, or leave it out"
_GPU_SHARE = 0.25
"""Of a GPU, a Ray actor on the device cuda: four of them share one."""


class Slot(Protocol):
    """A worker somewhere, which does one task at a time."""

    ships: bool
    """Whether tasks must bring the content of their file."""

    def submit(self, task: Task) -> Future[Outcome]:
        """Begin."""
        ...

    def crashed(self, error: BaseException) -> bool:
        """Whether `error` means that the worker died; if so, there is a new one."""
        ...

    def close(self) -> None:
        """End, whatever is under way. May be called twice."""
        ...


@dataclass
class _Try:
    task: Task
    slot: Slot
    again: bool


def run_tasks(tasks: Iterable[Task], slots: Sequence[Slot]) -> Iterator[Outcome]:
    """The outcomes of `tasks`, in the order in which they are done. At most one task a worker is under way.

    A task that kills its worker is tried once more, in a new one. Raises PtkError for what no task can do without.
    `slots` are the workers, of one of the ENGINES; they are closed at the end.
    """
    waiting: dict[Future[Outcome], _Try] = {}
    coming = iter(tasks)
    try:
        for slot in slots:
            _next(coming, slot, waiting)
        while waiting:
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                tried = waiting.pop(future)
                try:
                    outcome = future.result()
                except Exception as error:
                    if not tried.slot.crashed(error):
                        raise
                    if not tried.again:
                        waiting[tried.slot.submit(tried.task)] = replace(tried, again=True)
                        continue
                    outcome = Outcome(tried.task.number, reason=_CRASHED, passing=True)
                _next(coming, tried.slot, waiting)  # first, so that the worker does not wait for ours
                if outcome.fatal:
                    raise PtkError(outcome.fatal)
                yield outcome
    finally:
        for slot in slots:
            slot.close()


def _next(coming: Iterator[Task], slot: Slot, waiting: dict[Future[Outcome], _Try]) -> None:
    task = next(coming, None)
    if task is None:
        slot.close()  # at once: another worker, or somebody else's, may wait for its place in a busy cluster
        return
    if slot.ships and not task.cut and task.content is None:
        with suppress(OSError):  # the worker finds out why, and says so
            task = replace(task, content=task.media.path.read_bytes() if task.media.path.is_file() else None)
    waiting[slot.submit(task)] = _Try(task, slot, again=False)


class _Process:
    """A process of this machine. Its executor is its own, so that a crash tells which file caused it."""

    ships = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._start()

    def _start(self) -> None:
        leave_out_current_folder()
        # processes that start from one which has imported the work, where there is such a thing
        served = "forkserver" in multiprocessing.get_all_start_methods()
        context = multiprocessing.get_context("forkserver" if served else "spawn")
        if served:
            context.set_forkserver_preload(["ptk.prepare.worker"])
        self._executor = ProcessPoolExecutor(
            1, mp_context=context, initializer=_begin, initargs=(self._settings, dict(os.environ))
        )

    def submit(self, task: Task) -> Future[Outcome]:
        try:
            return self._executor.submit(_work, task)
        except BrokenProcessPool:  # it died while it had nothing to do
            self._start()
            return self._executor.submit(_work, task)

    def crashed(self, error: BaseException) -> bool:
        if not isinstance(error, BrokenProcessPool):
            return False
        self._executor.shutdown(wait=False)
        self._start()
        return True

    def close(self) -> None:
        processes = list((self._executor._processes or {}).values())
        self._executor.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()  # it holds nothing that could be lost: all writing is done here


class _Actor:
    """A Ray actor, on whichever machine of the cluster."""

    ships = True

    def __init__(self, settings: Settings, actor: Any) -> None:
        self._settings = settings
        self._actor = actor
        self._start()

    def _start(self) -> None:
        self._handle = self._actor.remote(self._settings)

    def submit(self, task: Task) -> Future[Outcome]:
        future: Future[Outcome] = self._handle.run.remote(task).future()
        return future

    def crashed(self, error: BaseException) -> bool:
        from ray.exceptions import RayActorError

        if not isinstance(error, RayActorError):
            return False
        self._start()
        return True

    def close(self) -> None:
        import ray

        ray.kill(self._handle)


def _processes(settings: Settings, workers: int, tasks: int) -> list[Slot]:
    return [_Process(settings) for _ in range(min(workers or _cores(), tasks))]


def _actors(settings: Settings, workers: int, tasks: int) -> list[Slot]:
    if not tasks:
        return []  # a cluster is not started for nothing
    leave_out_current_folder()
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing goes out unless the user asks for it
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("ray", "`engine` ray") from error
    from ptk.prepare.ray_cluster import join_cluster
    from ptk.prepare.worker import Worker

    if not ray.is_initialized():
        join_cluster(workers or _cores())
    resources = ray.cluster_resources()  # type: ignore[no-untyped-call]
    count = min(workers or int(resources.get("CPU", 1)), tasks)
    gpus = _GPU_SHARE if settings.device == "cuda" else 0
    actor = ray.remote(num_cpus=1, num_gpus=gpus)(Worker)
    return [_Actor(settings, actor) for _ in range(count)]


ENGINES: dict[str, Callable[[Settings, int, int], list[Slot]]] = {"local": _processes, "ray": _actors}
"""How to get workers: `(settings, how many (0 for all cores), the number of tasks)`."""


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_worker: Worker | None = None


def _begin(settings: Settings, environment: dict[str, str]) -> None:
    """What a new process does: one thread, Ctrl-C is the parent's, and it ends when its parent does."""
    import torch

    from ptk.prepare.worker import Worker

    os.environ.update(environment)  # a server of forks has that of its first day
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    global _worker  # noqa: PLW0603 (a process has one)
    _worker = Worker(settings)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(task: Task) -> Outcome:
    assert _worker is not None
    return _worker.run(task)
