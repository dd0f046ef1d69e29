"""Keeps Python alive while a plug-in is imported, and says where it is where that cannot be."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from typing import Any

from ptk.errors import PluginError

__all__ = ["EndsPython", "keep_alive"]

_STDERR = 2
_REAL: dict[str, Callable[..., Any]] = {"_exit": os._exit, "abort": os.abort}
_LOCK = Lock()
_kept: dict[tuple[int, int], list[str]] = {}
"""How each thread that is kept alive, by process and thread, has tried to end Python."""


class EndsPython(PluginError):
    """Raised in the place of the end of Python."""


class _Refused(BaseException):
    """Goes through `except Exception` of whoever calls os._exit, which does not return."""


@contextmanager
def keep_alive() -> Iterator[None]:
    """Raise EndsPython where code inside calls `os._exit` or `os.abort`, also where it catches what they raise.

    Other threads, and processes that are forked inside, end as ever. A crash in compiled code cannot be stopped: it
    writes to stderr in which line of Python it happened.
    """
    key = os.getpid(), get_ident()
    if key in _kept:
        yield
        return
    tried = _kept[key] = []
    _replace()
    # A crash says where it is, of its own thread: to read another one's frames while it runs may crash, too. It stays
    # so: a signal on its way to another thread would be lost if this were turned off before it comes.
    if not faulthandler.is_enabled():
        faulthandler.enable(_STDERR, all_threads=False)
    try:
        yield
    except BaseException:
        if not tried:  # else it is what came of it
            raise
    finally:
        del _kept[key]
        _replace()
    if tried:
        raise EndsPython(f"ends Python when it is imported ({tried[0]}): it must not call os._exit or os.abort")


def _replace() -> None:
    """Put the refusing functions into `os` while a thread is kept alive, and the real ones otherwise."""
    with _LOCK:
        for name, real in _REAL.items():
            setattr(os, name, _REFUSING[name] if _kept else real)


def _refuse(name: str, said: str, *status: int) -> Any:
    tried = _kept.get((os.getpid(), get_ident()))
    if tried is None:  # another thread, or somebody keeps this function after the import
        return _REAL[name](*status)
    tried.append(said)
    raise _Refused


# Functions of a module, not closures: whoever pickles os._exit meanwhile pickles the name of one of these.
def refuse_exit(status: int) -> Any:
    """In the place of `os._exit` while a plug-in is imported."""
    return _refuse("_exit", f"status {status}", status)


def refuse_abort() -> Any:
    """In the place of `os.abort` while a plug-in is imported."""
    return _refuse("abort", "SIGABRT")


_REFUSING: dict[str, Callable[..., Any]] = {"_exit": refuse_exit, "abort": refuse_abort}
