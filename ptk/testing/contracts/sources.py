"""What sources must hold: everything that lies there is found or listed, under names that a data set can have."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptk.errors import DataError, PluginError
from ptk.testing.assertions import expect
from ptk.testing.contracts.common import DESCRIBED, SENT
from ptk.testing.rule import NotHere, Rule
from ptk.types import MediaFile, Skipped

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]

_FILES = ("ann/neutral.jpg", "ann/smile.PNG", "bob_smile.jpg", "bob_clip.mp4", "li/b/Ольга_улыбка.jpeg", "notes.txt")
_HIDDEN = (".hidden_smile.jpg", "ann/.smile.jpg")

Found = list[MediaFile | Skipped]


def _lay_out(place: Path, *, backwards: bool = False) -> None:
    """Fill `place` with empty files such as people have, some hidden, and a link in a circle."""
    names = _FILES + _HIDDEN
    for name in names[::-1] if backwards else names:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).touch()
    with suppress(OSError):  # where links are not allowed, nothing can go in circles
        (place / "circle").symlink_to(place, target_is_directory=True)


def _listed(place: Path, source: Any) -> list[tuple[str, ...]] | None:
    """What `source` finds in `place`, without where that lies; None when it refuses the place."""
    found = _found(source, place)
    if found is None:
        return None
    return [
        (one.path, one.reason)
        if isinstance(one, Skipped)
        else (str(_below(place, one.path)), one.identity, one.photo, one.expression, one.domain)
        for one in found
    ]


def _below(place: Path, path: Path) -> Path:
    return path.relative_to(place) if path.is_relative_to(place) else path


@contextmanager
def _folder_of_photos() -> Iterator[Path]:
    """A folder with files such as people have, always of one name: a source may read who is shown from it."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "photos"
        _lay_out(place)
        yield place


def _found(source: Any, place: Path) -> Found | None:
    """What `source` finds; None when it refuses the place."""
    try:
        found = source.find(place)
    except DataError:
        return None
    expect(isinstance(found, list), f"find must return a list, it returned a {type(found).__name__}")
    for one in found:
        if not isinstance(one, MediaFile | Skipped):
            raise PluginError(f"expected ptk.MediaFile or ptk.Skipped, got {type(one).__name__}")
    return list(found)


def _asked(trial: Trial) -> Iterator[tuple[Path, Found]]:
    """The places in which it is asked to find something, and what it finds where it does not refuse them."""
    with _folder_of_photos() as folder:
        for place in (folder, trial.place):
            found = None if place is None else _found(trial.built, place)
            if place is not None and found is not None:
                yield place, found


def _known(trial: Trial) -> None:
    if trial.place is None:
        raise NotHere("no `place` was given in which it finds photos")
    found = _found(trial.built, trial.place)
    expect(found is not None, f"{trial.place} must not be refused: it was given as a place that the source knows")
    media = any(isinstance(one, MediaFile) for one in found or [])
    expect(media, f"a photo or video must be found in {trial.place}")


def _named(trial: Trial) -> None:
    for _, found in _asked(trial):
        for one in found:
            if isinstance(one, Skipped):
                for what, text in (("path", one.path), ("reason", one.reason)):
                    good = isinstance(text, str) and bool(text) and text.isprintable()
                    expect(good, f"the {what} of what is skipped must be a line, it is {text!r}")
                continue
            file = isinstance(one.path, Path) and one.path.is_file()
            expect(file, f"path must be that of a file, it is {one.path!r}")
            names = {"identity": one.identity, "photo": one.photo, "domain": one.domain}
            for what, name in {**names, "expression": one.expression or "unknown"}.items():
                held = isinstance(name, str) and bool(name.strip()) and len(name.encode("utf-8", "replace")) <= 200
                held = held and not set(name) & set("/\\\0\n\r") and name not in (".", "..")
                must = "must be a name, without slashes or line ends, that a file can have"
                expect(held, f"{what} {must}; it is {name!r:.80}")
            expect(one.split in ("", "train", "test"), f'split must be "train", "test" or "", it is {one.split!r:.80}')


def _whole(trial: Trial) -> None:
    with _folder_of_photos() as place:
        found = _found(trial.built, place)
        if found is None:
            raise NotHere("it refuses a folder that is not laid out as it wants")
        for name in _FILES:
            told = any(
                place / name == one.path
                if isinstance(one, MediaFile)
                else one.path == name or name.startswith(f"{one.path}/")
                for one in found
            )
            expect(told, f"every file must be found, or listed as skipped; nothing is said of {name}")


def _once(trial: Trial) -> None:
    for _, found in _asked(trial):
        paths = Counter(one.path.resolve() for one in found if isinstance(one, MediaFile))  # links in a circle, too
        for path, count in paths.items():
            expect(count == 1, f"a file must be found once; {path} was found {count} times")


def _hidden(trial: Trial) -> None:
    with _folder_of_photos() as place:
        for one in _found(trial.built, place) or []:
            taken = isinstance(one, MediaFile) and any(part.startswith(".") for part in _below(place, one.path).parts)
            expect(not taken, f"hidden files must be passed over; {one.path} was taken")


def _same(trial: Trial) -> None:
    for place, found in _asked(trial):
        expect(found == trial.built.find(place), "the same place must give the same files in the same order")


def _ordered(trial: Trial) -> None:
    with tempfile.TemporaryDirectory() as name:
        one, other = Path(name) / "one" / "photos", Path(name) / "other" / "photos"
        _lay_out(one)
        _lay_out(other, backwards=True)
        same = _listed(one, trial.built) == _listed(other, trial.built)
    expect(same, "what is found must not depend on the order in which files were made; sort what a folder lists")


def _refuses(trial: Trial) -> None:
    with tempfile.TemporaryDirectory() as name:
        empty = Path(name) / "empty"
        empty.mkdir()
        for nothing, what in ((empty, "empty"), (empty / "missing", "missing")):
            try:
                found = trial.built.find(nothing)
            except DataError as error:
                said = str(error)
                named = said.isprintable() and str(nothing) in said
                expect(named, f"the error must name {nothing} in a line: {said!r}")
                continue
            raise PluginError(f"a folder that is {what} must give a ptk.DataError, it gave {found!r:.80}")


RULES = (
    *DESCRIBED,
    Rule("finds photos in its own place", _known),
    Rule("finds files under names that a data set can have", _named),
    Rule("finds or lists every file", _whole),
    Rule("finds no file twice", _once),
    Rule("passes over hidden files", _hidden),
    Rule("finds the same again", _same),
    Rule("does not depend on the order in which files were made", _ordered),
    Rule("refuses empty and missing folders with a ptk.DataError", _refuses),
    *SENT,
)


def answer(trial: Trial, part: Any) -> Any:
    """What it finds in its own place, or else in a folder of photos."""
    if trial.place is not None:
        return _listed(trial.place, part)
    with _folder_of_photos() as place:
        return _listed(place, part)
