"""Plain data from strangers: JSON within bounds, and values as messages show them."""

from __future__ import annotations

import difflib
import json
import reprlib
from collections.abc import Iterable
from typing import Any

__all__ = ["MAX_JSON", "is_text", "nearest", "parse_json", "quote_error", "show"]

MAX_JSON = 8 << 20
"""Longer JSON is refused, in bytes or characters: no single object that ptk writes comes near."""

_MAX_DEPTH = 64
_MAX_WHOLE = 1 << 64


def parse_json(text: str | bytes, most: int = MAX_JSON, *, strict: bool = True) -> Any:
    """Parse JSON of at most `most` bytes or characters, nested 64 deep at most.

    Where it is `strict`, whole numbers have 64 bits and text is `is_text`: JSON can escape halves of characters, which
    nothing prints nor stores. Otherwise the caller looks. Raises ValueError, in one short line, for what is not so.
    """
    if len(text) > most:
        raise ValueError(f"longer than {most >> 10} KiB")
    if isinstance(text, bytes):
        text = text.decode()  # json itself would guess other encodings
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("brackets nest too deep") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except ValueError:
        raise ValueError("holds a number of thousands of digits") from None
    _check(value, 0, strict)
    return value


def is_text(value: object) -> bool:
    """Whether `value` is text that a file can store: a str without halves of characters."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def nearest(name: str, known: Iterable[str]) -> str:
    """ "; did you mean X?" or, when nothing is near, "; there are A, B, C"."""
    known = list(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(known)}" if known else ""


def show(value: object, most: int = 60) -> str:
    """Describe `value` as repr does, in one line of at most `most` characters, cut before it is formatted."""
    if isinstance(value, str):
        text = repr(value[: most + 1])
    else:
        short = _Short()
        short.maxstring = short.maxother = most
        text = short.repr(value)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def quote_error(error: Exception, most: int = 200) -> str:
    """Quote what a library says of an error, in one line of at most `most` characters: some quote the whole file."""
    text = " ".join(str(error)[: 4 * most].split())
    return text if len(text) <= most else f"{text[: most - 3]}..."


class _Short(reprlib.Repr):
    """What bounds levels and lengths; whole numbers of thousands of digits have no repr."""

    maxlevel, maxdict, maxlist, maxtuple = 4, 8, 8, 8

    def repr_int(self, value: int, _: int) -> str:
        return repr(value) if abs(value) < _MAX_WHOLE else f"a number of {value.bit_length()} bits"


def _check(value: Any, depth: int, strict: bool) -> None:
    if depth > _MAX_DEPTH:
        raise ValueError("brackets nest too deep")
    if isinstance(value, dict):
        for key, each in value.items():
            _check(key, depth + 1, strict)
            _check(each, depth + 1, strict)
    elif isinstance(value, list):
        for each in value:
            _check(each, depth + 1, strict)
    elif strict and isinstance(value, str) and not is_text(value):
        raise ValueError("holds text that is no Unicode")
    elif strict and isinstance(value, int) and abs(value) >= _MAX_WHOLE:
        raise ValueError("holds a whole number beyond 64 bits")
