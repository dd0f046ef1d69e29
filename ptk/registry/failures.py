"""What plug-ins and their parts do wrong: importing them does not end Python, and what a part raises names it."""

from __future__ import annotations

import faulthandler
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any

from ptk.errors import PartError, PluginError, PtkError

if TYPE_CHECKING:
    from ptk.registry.parts import Part

__all__ = [
    "EndsPython",
    "NamedPart",
    "describe_part",
    "find_named",
    "keep_alive",
    "mark_part",
    "name_failures",
    "note_failures",
]

_MARK = "_ptk_part"
_PASSING = (PtkError, MemoryError)

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


def mark_part(built: Any, kind: str, part: Part) -> None:
    """Remember with what a factory made which part it is; copies of it remember that, too."""
    with suppress(AttributeError, TypeError):  # __slots__
        object.__setattr__(built, _MARK, f"{kind} {part.name} ({part.origin or 'unknown origin'})")


def describe_part(built: Any, otherwise: str = "") -> str:
    """Kind, name and distribution of a part that `mark_part` has seen; of others `otherwise`, or the class."""
    said = getattr(built, _MARK, otherwise)
    return str(said) if said else f"{type(built).__module__}.{type(built).__qualname__}"


@contextmanager
def name_failures(built: Any, method: str) -> Iterator[None]:
    """Raise a PartError that names `built` and its `method` for whatever is raised inside.

    Errors of ptk's own and those of memory pass: they say more, and others act upon them.
    """
    try:
        yield
    except _PASSING:
        raise
    except (Exception, SystemExit) as error:
        if type(error).__name__ == "OutOfMemoryError" or "allocate memory" in str(error):
            raise
        said = " ".join(str(error).split()) or "no message"
        raise PartError(f"{describe_part(built)}: {method} raises {type(error).__name__}: {said}") from error


@contextmanager
def note_failures(built: Any) -> Iterator[None]:
    """Add a note that names `built` to whatever is raised inside, which stays what it is.

    For networks and losses, whose errors others read: of memory, of shapes, of what cannot be traced.
    """
    try:
        yield
    except PtkError:
        raise
    except Exception as error:
        if not find_named(error):
            error.add_note(f"{_MARK}: {describe_part(built)}")
        raise


def find_named(error: BaseException) -> str:
    """The part that `note_failures` named as the cause of `error`; "" for none."""
    notes = [note for note in getattr(error, "__notes__", ()) if note.startswith(f"{_MARK}: ")]
    return notes[0].partition(": ")[2] if notes else ""


class NamedPart:
    """A detector or source in which `method` names its part when it fails, or does not return a list.

    Everything else is as the part has it.
    """

    def __init__(self, built: Any, method: str) -> None:
        self._built, self._method = built, method

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ("_built", "_method"):  # copies ask before there is anything
            raise AttributeError(name)
        value = getattr(self._built, name)
        return self._call if name == self._method else value

    def _call(self, *given: Any, **named: Any) -> list[Any]:
        with name_failures(self._built, self._method):
            result = getattr(self._built, self._method)(*given, **named)
        if not isinstance(result, list | tuple):
            got = type(result).__name__
            raise PartError(f"{describe_part(self._built)}: {self._method} must return a list, it returned a {got}")
        return list(result)
