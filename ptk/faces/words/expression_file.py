"""Expressions as JSON: saved by words or as they were read in a photo, and taken over by any face."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from ptk.errors import InputError, OutputError
from ptk.faces.expressions import vocabulary
from ptk.faces.hints import hint
from ptk.faces.words.expression import MOST_SHARE, PARTS, Expression
from ptk.files import parse_json_object, read_json_object, shorten_json, write_bytes

__all__ = [
    "SCHEMA",
    "encode_expression",
    "holds_expression",
    "looks_like_expression",
    "read_expression",
    "save_expression",
]

SCHEMA = "ptk.expression/1"

_FIX = "save it again (`save_expression`)"
_SPACE = b" \t\r\n\xef\xbb\xbf"


class _Range(Protocol):
    """From where to where numbers go."""

    @property
    def least(self) -> float:
        """The smallest."""
        ...

    @property
    def most(self) -> float:
        """The largest."""
        ...


class _Share:
    """Of a part of the face."""

    least, most = 0.0, MOST_SHARE


def holds_expression(path: Path) -> bool:
    """Whether the file at `path` is taken for an expression: by its name, or by its first byte, which no photo has."""
    if path.suffix.lower() == ".json":
        return True
    try:
        with path.open("rb") as file:
            return looks_like_expression(file.read(64))
    except (OSError, ValueError):  # whoever reads it as a photo says so
        return False


def looks_like_expression(content: bytes) -> bool:
    """Whether a file that begins with `content` is taken for an expression: no photo begins so."""
    return content[:64].lstrip(_SPACE).startswith(b"{")


def read_expression(path: str | Path, content: bytes | None = None) -> Expression:
    """The expression in the JSON at `path`; `content` is the file's, where it was read already.

    Raises InputError in one line.

    Refused are words, parts and strengths that `ptk edit` would refuse.
    """
    path = Path(path)
    try:
        said = (SCHEMA, "expression file", "strength", _FIX, InputError)
        read = read_json_object(path, *said) if content is None else parse_json_object(content, *said)
        words = _numbers(read.get("words"), "words", "word", vocabulary().strengths)
        parts = _numbers(read.get("parts", {}), "parts", "part", dict.fromkeys(PARTS, _Share()))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return Expression(words, parts)


def save_expression(path: str | Path, expression: Expression) -> None:
    """Write what `encode_expression` makes. Raises OutputError, also where `path` is not named .json."""
    path = Path(path)
    if path.suffix.lower() != ".json":
        raise OutputError(f"{path}: expressions are JSON; name it {path.name}.json")
    write_bytes(path, encode_expression(expression))


def encode_expression(expression: Expression) -> bytes:
    """Encode `expression` as JSON, one word a line, as exactly as it is, without words of strength 0."""
    lines = [f'  "schema": {json.dumps(SCHEMA)}']
    for name, numbers in (("words", expression.words), ("parts", expression.parts)):
        kept = {key: float(each) for key, each in numbers.items() if each or name == "parts"}
        if kept or name == "words":
            inside = ",\n".join(f"    {json.dumps(key)}: {each!r}" for key, each in kept.items())
            lines.append(f'  "{name}": {{\n{inside}\n  }}' if inside else f'  "{name}": {{}}')
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _numbers(value: Any, key: str, kind: str, known: Mapping[str, _Range]) -> dict[str, float]:
    """The numbers by name that stand at `key`, each `known` and in its range. Raises InputError without the path."""
    if not isinstance(value, dict):
        raise InputError(f'has no "{key}" with a number each; {_FIX}')
    for name, number in value.items():
        said = f"{kind} {shorten_json(name)[1:-1]}"
        if name not in known:
            raise InputError(f"{said}: there is no such {kind}; {hint(name, known)} {', '.join(known)}")
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise InputError(f"{said}: {shorten_json(number)} is no number")
        least, most = known[name].least, known[name].most
        if not least <= number <= most:
            raise InputError(f"{said}: {shorten_json(number)} is not from {least:g} to {most:g}")
    return {name: float(number) for name, number in value.items()}
