"""A table of one's own: which file shows whom."""

from __future__ import annotations

import csv
import io
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ptk.errors import DataError
from ptk.plain import parse_json, quote_error
from ptk.sources.names import named, shown, unfit
from ptk.types import MediaFile, Skipped

__all__ = ["Table"]

_NEEDED = ("image", "identity")
_COLUMNS = (*_NEEDED, "expression")
_LONGEST = 200  # characters of a name that is no file: a table of strangers may hold any
_Row = tuple[int, dict[str, Any] | str]
"""The line it stands in, and its values by column, or why it cannot be used."""


class Table:
    """A CSV file with a header, or a JSONL file with one object a line, as the source.

    ``image`` is the path of a photo or video, from the table's folder on, ``identity`` who it shows, ``expression``
    may say what; other columns are ignored. CSV may be separated by commas, semicolons or tabs.
    """

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The photos and videos that the table `place` names, in its order; rows that cannot be used are skipped.

        Raises DataError, with the line, when the table cannot be used, and when none of its rows can.
        """
        text = _text(place)
        read = {".csv": _csv_rows, ".tsv": _csv_rows, ".jsonl": _json_rows}.get(place.suffix.lower())
        if read is None:
            raise DataError(f"{place}: is no table; give a .csv with a header, or a .jsonl with an object a line")
        found: list[MediaFile | Skipped] = []
        lines: dict[Path, int] = {}
        for line, values in read(place, text):
            one = values if isinstance(values, str) else _file(place, values)
            if isinstance(one, MediaFile) and (first := lines.setdefault(one.path, line)) != line:
                one = f"{shown(place, one.path)} stands in line {first} already"
            found.append(Skipped(f"{shown(place, place)}:{line}", one) if isinstance(one, str) else one)
        if not lines:
            first_reason = f"; {found[0].path}: {found[0].reason}" if found and isinstance(found[0], Skipped) else ""
            raise DataError(f"{place}: none of its {len(found)} rows can be used{first_reason}")
        return found


def _text(place: Path) -> str:
    try:
        if not stat.S_ISREG(place.stat().st_mode):
            raise DataError(f"{place}: is no file; give the table itself, a .csv or .jsonl")
        return place.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise DataError(f"{place}:{line}: is not UTF-8 text; save the table as UTF-8") from None
    except OSError as error:
        raise DataError(f"{place}: cannot be read ({(error.strerror or str(error)).lower()})") from error


def _csv_rows(place: Path, text: str) -> Iterator[_Row]:
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    header: list[str] = []
    line = 1
    try:
        for row in rows:
            if header and row and len(row) != len(header):
                yield line, f"has {len(row)} cells, the header has {len(header)}; quote cells that hold a separator"
            elif header and row:
                yield line, dict(zip(header, row, strict=True))
            elif row:
                header = _header(place, row)
            line = rows.line_num + 1
    except csv.Error as error:
        raise DataError(f"{place}:{line}: is not CSV ({quote_error(error)}); mend that row") from None
    if not header:
        raise DataError(f"{place}:1: is empty; the first line names the columns image and identity")


def _header(place: Path, row: list[str]) -> list[str]:
    header = [name.strip().lower() for name in row]
    for name in _NEEDED:
        if name not in header:
            raise DataError(f"{place}:1: has no column {name}; the first line names the columns image and identity")
    twice = [name for name in _COLUMNS if header.count(name) > 1]
    if twice:
        raise DataError(f"{place}:1: has two columns {twice[0]}; rename one of them")
    return header


def _json_rows(place: Path, text: str) -> Iterator[_Row]:
    if not text.strip():
        raise DataError(f"{place}:1: is empty; each line is an object with image and identity")
    for number, line in enumerate(text.split("\n"), 1):  # splitlines would cut at U+2028, too
        if not line.strip():
            continue
        try:
            values = parse_json(line, strict=False)
        except ValueError:
            yield number, "is not JSON"
            continue
        yield number, values if isinstance(values, dict) else "is no JSON object"


def _file(place: Path, values: dict[str, Any]) -> MediaFile | str:
    """The file of a row, or why there is none."""
    texts = {}
    for column in _COLUMNS:
        value = values.get(column)
        if isinstance(value, int) and not isinstance(value, bool) and column == "identity":
            value = f"{value:d}" if abs(value) < 10**18 else None
        if not isinstance(value, str | None):
            return f"{column} is not text"
        texts[column] = (value or "").strip()
        if column in _NEEDED and not texts[column]:
            return f"has no {column}"
    identity = texts["identity"]
    if why := unfit(identity):
        return f"its identity {why}"
    path = _find_image(place, texts["image"])
    if isinstance(path, str):
        return path
    photo = f"{identity}_{path.stem.removeprefix(f'{identity}_')}"
    one = named(place, path, identity, photo, texts["expression"])
    return one if isinstance(one, MediaFile) else f"{one.path} {one.reason}"


def _find_image(place: Path, image: str) -> Path | str:
    problem = "is not there"
    for way in (image, image.replace("\\", "/")):  # tables are written on Windows, too
        path = place.parent / way
        try:
            if stat.S_ISREG(path.stat().st_mode):
                return path
            problem = "is no file"
        except (OSError, ValueError):
            continue
    name = shown(place, place.parent / image)
    return f"{name if len(name) <= _LONGEST else f'{name[:_LONGEST]}...'} {problem}"
