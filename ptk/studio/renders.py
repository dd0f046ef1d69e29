"""One render at a time: a bounded queue, photos in turns, and of one photo only the latest wish for a live picture."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from ptk.studio.refusals import Refusal

__all__ = ["Renders"]

_BUSY = "too much is waiting to be rendered; try again in a moment"


@dataclass(eq=False)
class _Job:
    work: Callable[[], Any]
    latest: bool
    future: Future[Any] = field(default_factory=Future)


class Renders:
    """Work for one thread, which starts with the first and calls `idle` every `rest` seconds.

    At most `most` jobs wait, and `most_each` of one photo; more are refused with status 503.
    """

    def __init__(
        self, most: int = 160, most_each: int = 8, idle: Callable[[], None] = lambda: None, rest: float = 20.0
    ) -> None:
        self._most, self._most_each, self._idle, self._rest = most, most_each, idle, rest
        self._waiting: OrderedDict[str, deque[_Job]] = OrderedDict()
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, photo: str, work: Callable[[], Any], *, latest: bool = False) -> Future[Any]:
        """Queue `work` for `photo`; a `latest` one takes the place of those that wait, which end with status 409.

        Raises Refusal where the queue is full.
        """
        job = _Job(work, latest)
        with self._condition:
            if self._closed:
                raise Refusal(503, "the studio is closing")
            jobs = self._waiting.setdefault(photo, deque())
            if latest:
                for old in [each for each in jobs if each.latest]:
                    jobs.remove(old)
                    _fail(old, Refusal(409, "superseded"))
            if len(jobs) >= self._most_each or sum(map(len, self._waiting.values())) >= self._most:
                if not jobs:
                    del self._waiting[photo]
                raise Refusal(503, _BUSY, {"Retry-After": "1"})
            jobs.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="ptk-studio", daemon=True)
                self._thread.start()
            self._condition.notify()
        return job.future

    def waits(self, photo: str) -> bool:
        """Whether anything of `photo` waits."""
        with self._condition:
            return photo in self._waiting

    def cancel(self, photo: str) -> None:
        """End all that waits of `photo`, which is gone: status 410."""
        from ptk.studio.refusals import Gone

        with self._condition:
            for job in self._waiting.pop(photo, ()):
                _fail(job, Gone())

    def close(self) -> None:
        """End the thread once its render is done; what waits ends with status 503."""
        with self._condition:
            self._closed = True
            for jobs in self._waiting.values():
                for job in jobs:
                    _fail(job, Refusal(503, "the studio is closing"))
            self._waiting.clear()
            self._condition.notify()

    def _run(self) -> None:
        while True:
            job = self._next()
            if job is None:
                if self._closed:
                    return
                self._idle()
                continue
            if not job.future.set_running_or_notify_cancel():  # whoever asked has gone
                continue
            try:
                job.future.set_result(job.work())
            except BaseException as error:  # it is told to who asked
                job.future.set_exception(error)
            del job  # it holds pixels

    def _next(self) -> _Job | None:
        with self._condition:
            if not self._waiting and not self._closed:
                self._condition.wait(self._rest)
            if not self._waiting:
                return None
            photo, jobs = next(iter(self._waiting.items()))
            job = jobs.popleft()
            if jobs:
                self._waiting.move_to_end(photo)
            else:
                del self._waiting[photo]
            return job


def _fail(job: _Job, error: Exception) -> None:
    if job.future.set_running_or_notify_cancel():
        job.future.set_exception(error)
