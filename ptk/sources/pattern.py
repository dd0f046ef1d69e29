"""Files whose names follow a pattern of one's own."""

from __future__ import annotations

import re
from pathlib import Path

from ptk.errors import DataError
from ptk.sources.names import PHOTOS, VIDEOS, expression_word
from ptk.sources.walk import Names, by_name, complete
from ptk.types import MediaFile, Skipped

__all__ = ["Pattern"]

_FIELDS = ("identity", "expression", "shot")
_TOKEN = re.compile(r"\{(?P<field>[^{}]*)\}|(?P<any>\*+)|(?P<brace>[{}])|(?P<text>[^{}*]+)")


class Pattern:
    """Photos and videos whose names follow `pattern`, such as ``{identity}_{expression}.jpg``.

    ``{identity}`` must be there, ``{expression}`` and ``{shot}`` (whatever tells photos apart) may be; ``*`` and ``{}``
    stand for anything or nothing. A field holds one character or more, none of them a slash, the first field as many
    as it can; one that comes twice must be the same twice. A pattern without a slash is held against the names of
    files in all folders, one with slashes against the whole path from the source on. Its suffix may be left out.

    Raises DataError for a pattern that is none.
    """

    def __init__(self, pattern: str = "{identity}_{expression}") -> None:
        self._pattern = pattern
        self._expression, self._has_suffix = _compile(pattern)
        self._whole_path = "/" in pattern.removeprefix("./")

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The photos and videos in `place` that match, by path; what does not is skipped.

        Raises DataError when `place` cannot be read, or is a folder in which nothing matches.
        """
        missing = f"no photos or videos that match the pattern {self._pattern}"
        return complete(place, by_name(place, lambda path: self._names(place, path)), missing)

    def _names(self, place: Path, path: Path) -> Names | str:
        inside = path.relative_to(place) if path != place else Path(path.name)
        held = inside if self._whole_path else Path(path.name)
        match = self._expression.fullmatch(str(held if self._has_suffix else held.with_suffix("")))
        if match is None:
            return f"does not match the pattern {self._pattern}"
        fields = match.groupdict()
        photo = "_".join(held.with_suffix("").parts)
        expression = fields.get("expression") or ""
        return fields["identity"], photo, expression_word(expression) or expression


def _compile(pattern: str) -> tuple[re.Pattern[str], bool]:
    """The regular expression for paths, and whether they are held against it with their suffix."""
    body = pattern.removeprefix("./")
    suffix = next((each for each in PHOTOS | VIDEOS if body.lower().endswith(each)), "")
    body = body[: -len(suffix)] if suffix else body.removesuffix(".*").removesuffix(".{}")
    text = ""
    for token in _TOKEN.finditer(body):
        if token["brace"]:
            raise DataError(f"{pattern}: a brace has no partner; write fields as {{identity}}")
        if token["text"]:
            text += re.escape(token["text"])
        elif not token["field"]:
            text += "[^/]*"
        elif token["field"] not in _FIELDS:
            known = ", ".join(f"{{{field}}}" for field in _FIELDS)
            raise DataError(f"{pattern}: no such field: {{{token['field']}}}; there are {known}, and * for anything")
        else:
            name = token["field"]
            text += f"(?P={name})" if f"(?P<{name}>" in text else f"(?P<{name}>[^/]+)"
    if "(?P<identity>" not in text:
        raise DataError(f"{pattern}: does not say who is shown; put {{identity}} in the pattern")
    return re.compile(text + (f"(?i:{re.escape(suffix)})" if suffix else ""), re.DOTALL), bool(suffix)
