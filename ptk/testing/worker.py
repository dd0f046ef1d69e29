"""A process of its own, started afresh, that builds parts which are sent to it: as those that prepare data do."""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch

from ptk.errors import PluginError
from ptk.safe_path import leave_out_current_folder

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from ptk.testing.trial import Trial

__all__ = ["ask_worker"]

_PATIENCE = 300.0
"""Seconds for an answer: a process that starts and imports torch takes a few, a large network more."""


def ask_worker(trial: Trial) -> Any:
    """What the part of `trial` answers where it is built in another process. Raises PluginError when it does not."""
    try:
        content = pickle.dumps(trial)
    except Exception as error:  # classes made in functions, options that are open files: pickle raises many things
        text = " ".join(str(error).split())
        raise PluginError(f'cannot be pickled ({text}); give the factory as "package.module:Class"') from error
    worker = _worker()
    try:
        good, said = worker.ask((content, list(sys.path)))
    except (EOFError, OSError, TimeoutError) as error:
        worker.end()
        _worker.cache_clear()
        what = "did not answer" if isinstance(error, TimeoutError) else "died"
        raise PluginError(f"the process in which it was to be built {what}") from error
    if not good:
        raise PluginError(f"in another process it fails: {said}")
    return said


class _Worker:
    def __init__(self) -> None:
        leave_out_current_folder()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, torch.get_num_threads()), daemon=True)
        # A process that is spawned runs the program of its parent first: not wanted, and a notebook has none.
        program = sys.modules["__main__"]
        sys.modules["__main__"] = ModuleType("__main__")
        try:
            self._process.start()
        finally:
            sys.modules["__main__"] = program
        theirs.close()

    def ask(self, question: tuple[bytes, list[str]]) -> tuple[bool, Any]:
        self._pipe.send(question)
        if not self._pipe.poll(_PATIENCE):
            raise TimeoutError
        answer: tuple[bool, Any] = self._pipe.recv()
        return answer

    def end(self) -> None:
        self._process.kill()
        self._pipe.close()


@cache
def _worker() -> _Worker:
    """One for all checks of this process: each costs seconds to start."""
    return _Worker()


def _serve(pipe: Connection, threads: int) -> None:
    """Answer until the other end is closed."""
    from ptk.testing.answers import answer

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(threads)
    while True:
        try:
            content, sys.path[:] = pipe.recv()
        except EOFError:
            return
        try:
            trial = pickle.loads(content)
            said = True, answer(trial, trial.built)
        except BaseException as error:  # a part may raise anything
            said = False, f"{type(error).__name__}: {' '.join(str(error).split())}"
        pipe.send(said)
