"""Check the record of tuned numbers that a file holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from ptk.motion import face_geometry
from ptk.motion.face_geometry import VERSION_1, FaceGeometry
from ptk.plain import show

__all__ = ["NewerGeometry", "read_geometry"]

_SMALLEST, _LARGEST = 1e-9, 1e3  # of a number in a record; none of them may be 0
_TIMES = 8  # a count in a record is at most so many times version 1's: they decide how much memory an edit takes


class NewerGeometry(ValueError):
    """A record that a later ptk wrote."""


def read_geometry(said: object) -> FaceGeometry:
    """Check a record that `FaceGeometry.document` gave, as JSON returns it; None stands for `VERSION_1`.

    Raises ValueError that says in a few words what is wrong (files come from strangers), NewerGeometry of a later ptk.
    """
    if said is None:
        return VERSION_1
    if not isinstance(said, Mapping):
        raise ValueError("geometry is no object")
    version = said.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError("geometry has no version")
    if version > face_geometry.CURRENT.version:
        raise NewerGeometry(f"geometry is of version {version}, this ptk knows {face_geometry.CURRENT.version}")
    known = {field.name: getattr(VERSION_1, field.name) for field in fields(FaceGeometry) if field.name != "version"}
    if unknown := sorted(map(str, said.keys() - known.keys() - {"version"})):
        raise ValueError(f"geometry has an unknown part {show(unknown[0])}")
    older = version < face_geometry.CURRENT.version
    parts = {name: _read_part(f"geometry.{name}", said.get(name), part, older) for name, part in known.items()}
    return FaceGeometry(version=version, **parts)


def _read_part(place: str, said: object, first: Any, older: bool) -> Any:
    """Read the part at `place` of a record; the `first` version's numbers stand for what an `older` one lacks."""
    if said is None and older:
        return first
    if not isinstance(said, Mapping):
        raise ValueError(f"{place} is no object")
    known = asdict(first)
    if unknown := sorted(map(str, said.keys() - known.keys())):
        raise ValueError(f"{place} has an unknown number {show(unknown[0])}")
    if missing := [name for name in known if name not in said and not older]:
        raise ValueError(f"{place} has no {missing[0]}")
    return replace(first, **{name: _read_number(f"{place}.{name}", value, known[name]) for name, value in said.items()})


def _read_number(place: str, value: Any, first: Any) -> Any:
    if isinstance(first, int):
        whole = isinstance(value, int) and not isinstance(value, bool) and 1 < value <= _TIMES * first
        if not whole or (place.endswith((".rows", ".columns")) and value % 4):
            raise ValueError(f"{place} is {show(value)}, not a count like {first}")
        return value
    if isinstance(first, float):
        if not _is_number(value) or value < _SMALLEST:
            raise ValueError(f"{place} is {show(value)}, not a number above 0 like {first}")
        return float(value)
    if not isinstance(value, list | tuple) or len(value) != len(first) or not all(map(_is_number, value)):
        raise ValueError(f"{place} is {show(value)}, not {len(first)} numbers")
    numbers = tuple(map(float, value))
    colour = place.endswith(".cavity")
    good = max(map(abs, numbers)) <= 1 if colour else _SMALLEST <= numbers[0] < numbers[1]
    if not good:
        raise ValueError(f"{place} is {show(value)}, not {'a colour in [-1, 1]' if colour else 'a range above 0'}")
    return numbers


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
