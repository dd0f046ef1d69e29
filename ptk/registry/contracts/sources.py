"""What sources must hold: everything that lies there is found or listed, under names that a data set can have."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ptk.errors import DataError, PluginError
from ptk.registry.contracts.expect import expect
from ptk.types import MediaFile, Skipped

__all__ = ["check_source"]

_FILES = ("ann/neutral.jpg", "ann/smile.PNG", "bob_smile.jpg", "bob_clip.mp4", "li/b/Ольга_улыбка.jpeg", "notes.txt")
_HIDDEN = (".hidden_smile.jpg", "ann/.smile.jpg")


def check_source(make: Callable[[], Any], place: Path | None = None) -> None:
    """`find(place) -> list[MediaFile | Skipped]`; with a `place` that it knows it finds a photo or video there.

    It is also tried on small folders of its own, which it may refuse with a DataError in one line.
    """
    source = make()
    if place is not None:
        found = _found(source, place)
        expect(found is not None, f"{place} must not be refused: it was given as a place that the source knows")
        expect(any(isinstance(one, MediaFile) for one in found or []), f"a photo or video must be found in {place}")
    with tempfile.TemporaryDirectory() as name:
        one, other, empty = (Path(name) / each for each in ("one", "other", "empty"))
        _lay_out(one, _FILES + _HIDDEN)
        _lay_out(other, (_FILES + _HIDDEN)[::-1])
        empty.mkdir()
        _check_whole(one, _found(source, one))
        expect(_shape(one, _found(source, one)) == _shape(other, _found(source, other)), _ORDER)
        for nothing in (empty, empty / "missing"):
            expect(_found(source, nothing) is None, f"a folder that is {nothing.name} must give a DataError")


_ORDER = "what is found must not depend on the order in which files were made; sort what a folder lists"


def _lay_out(place: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).touch()
    with suppress(OSError):  # where links are not allowed, nothing can go in circles
        (place / "circle").symlink_to(place, target_is_directory=True)


def _found(source: Any, place: Path) -> list[MediaFile | Skipped] | None:
    """What `source` finds, each held to what it must be; None when it refuses the place."""
    try:
        found = source.find(place)
        again = source.find(place)
    except DataError as error:
        message = str(error)
        expect(message.isprintable() and str(place) in message, f"an error must name {place} in one line: {message!r}")
        return None
    expect(isinstance(found, list), f"find must return a list, it returned a {type(found).__name__}")
    expect(found == again, "the same place must give the same files in the same order")
    for one in found:
        _check_one(one)
    _check_once([one.path for one in found if isinstance(one, MediaFile)])
    return list(found)


def _check_once(paths: list[Path]) -> None:
    for path, count in Counter(paths).items():
        expect(count == 1, f"a file must be found once; {path} was found {count} times")


def _check_one(one: MediaFile | Skipped) -> None:
    if isinstance(one, Skipped):
        for what, text in (("path", one.path), ("reason", one.reason)):
            expect(
                isinstance(text, str) and bool(text) and text.isprintable(), f"{what} must be a line, it is {text!r}"
            )
        return
    if not isinstance(one, MediaFile):
        raise PluginError(f"expected ptk.MediaFile or ptk.Skipped, got {type(one).__name__}")
    expect(isinstance(one.path, Path) and one.path.is_file(), f"path must be that of a file, it is {one.path!r}")
    for what, name in (("identity", one.identity), ("photo", one.photo), ("expression", one.expression or "unknown")):
        breach = f"{what} must be a name, without slashes or line ends, that a file can have; it is {name!r:.80}"
        held = isinstance(name, str) and bool(name.strip()) and len(name.encode("utf-8", "replace")) <= 200
        expect(held and not set(name) & set("/\\\0\n\r") and name not in (".", ".."), breach)


def _check_whole(place: Path, found: list[MediaFile | Skipped] | None) -> None:
    if found is None:
        return
    _check_once([one.path.resolve() for one in found if isinstance(one, MediaFile)])  # the link in a circle, too
    for name in _FILES:
        told = any(
            place / name == one.path
            if isinstance(one, MediaFile)
            else one.path == name or name.startswith(f"{one.path}/")
            for one in found
        )
        expect(told, f"every file must be found, or listed as skipped; nothing is said of {name}")
    for name in _HIDDEN:
        taken = any(isinstance(one, MediaFile) and one.path == place / name for one in found)
        expect(not taken, f"hidden files must be passed over; {name} was taken")


def _shape(place: Path, found: list[MediaFile | Skipped] | None) -> list[tuple[str, ...]] | None:
    """What was found, without where it lies."""
    if found is None:
        return None
    return [
        (one.path, one.reason)
        if isinstance(one, Skipped)
        else (str(one.path.relative_to(place)), one.identity, one.photo, one.expression)
        for one in found
    ]
