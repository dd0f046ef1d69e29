"""Names the part, and the plug-in that it is of, behind what it raises or gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ptk.errors import PartError, PtkError

if TYPE_CHECKING:
    from ptk.registry.parts import Part

__all__ = ["NamedPart", "describe_part", "find_named", "mark_part", "name_failures", "note_failures"]

_MARK = "_ptk_part"
_PASSING = (PtkError, MemoryError)


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
