"""Looking through folders: everything that lies there is told, nothing makes the search hang or go in circles."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ptk.errors import DataError
from ptk.sources.names import is_media, named, shown
from ptk.types import MediaFile, Skipped

__all__ = ["Names", "by_name", "complete", "entries", "files"]

Names = tuple[str, str, str]
"""Identity, photo and expression of a file."""


def entries(place: Path, folder: Path) -> Iterator[tuple[Path, bool] | Skipped]:
    """What lies in `folder`, `place` itself or below it: files and folders, with whether it is a folder, by name.

    Hidden ones (a leading dot) are passed over. `place` may be a file: that file alone then. Links are followed, but
    for those to a folder that is searched anyway, or to one above. Raises DataError when `place` cannot be read.
    """
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 (a Path each is what takes the time in large sets)
    except NotADirectoryError:
        yield _entry(place, folder)
        return
    except OSError as error:
        if folder == place:
            raise DataError(f"{place}: cannot be read ({_reason(error)})") from error
        yield Skipped(shown(place, folder), f"cannot be read ({_reason(error)})")
        return
    for name in names:
        if not name.startswith("."):
            yield _entry(place, folder / name)


def files(place: Path) -> Iterator[Path | Skipped]:
    """All files in `place`, at any depth, without the hidden ones; each folder outside that links lead to once."""
    seen: set[Path] = set()
    folders = [place]
    while folders:
        inner = []
        for entry in entries(place, folders.pop()):
            if isinstance(entry, Skipped):
                yield entry
                continue
            path, is_folder = entry
            if not is_folder:
                yield path
            elif (real := path.resolve()) in seen:
                yield Skipped(shown(place, path), "leads to a folder that was searched already")
            else:
                seen.add(real)
                inner.append(path)
        folders.extend(reversed(inner))


def by_name(place: Path, tell: Callable[[Path], Names | str]) -> Iterator[MediaFile | Skipped]:
    """All files in `place` under the names that `tell` gives each, or skipped with the reason that it gives."""
    for path in files(place):
        if isinstance(path, Skipped):
            yield path
            continue
        names = tell(path) if is_media(path) else ("", "", "")
        yield Skipped(shown(place, path), names) if isinstance(names, str) else named(place, path, *names)


def complete(place: Path, found: Iterable[MediaFile | Skipped], missing: str) -> list[MediaFile | Skipped]:
    """All that was found, by path. Raises DataError with `missing` when a folder holds nothing to prepare."""
    everything = list(found)
    if place.is_dir() and not any(isinstance(one, MediaFile) for one in everything):
        skipped = [one for one in everything if isinstance(one, Skipped)]
        example = f" ({skipped[0].path} {skipped[0].reason})" if skipped else ""
        raise DataError(f"{place}: {missing}{example}")
    return sorted(everything, key=lambda one: one.path if isinstance(one, Skipped) else shown(place, one.path))


def _entry(place: Path, path: Path) -> tuple[Path, bool] | Skipped:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            if path.is_symlink():
                here, there = place.resolve(), path.resolve()
                if there.is_relative_to(here) or here.is_relative_to(there):
                    return Skipped(shown(place, path), "is a link to a folder that is searched anyway, or to one above")
            return path, True
    except OSError as error:
        if path.is_symlink():
            return Skipped(shown(place, path), "is a link that leads nowhere")
        return Skipped(shown(place, path), f"cannot be read ({_reason(error)})")
    if not stat.S_ISREG(status.st_mode):  # opening a pipe waits for ever
        return Skipped(shown(place, path), "is no file, but a pipe, socket or device")
    return path, False


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
