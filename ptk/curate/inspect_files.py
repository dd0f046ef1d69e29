"""One look at every file of a data set: what `check` judges by."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ptk.curate.duplicates import perceptual_hash
from ptk.dataset.journal import Record, read_records
from ptk.dataset.manifest import PHOTO, UNFINISHED, Description, Entry, read_description, read_lines
from ptk.dataset.renderings import Progress
from ptk.errors import DataError, ImageError, MissingExtra, PluginError
from ptk.faces.images import read_photo
from ptk.recipe.build import build_part
from ptk.recipe.one_part import PartUse
from ptk.registry.registry import load_registry

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

__all__ = ["Contents", "Detector", "Look", "inspect_folder", "inspect_image", "make_detector"]

_FALLBACK = "mediapipe68"
_NO_FILE = {errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.ENXIO}


@dataclass(frozen=True, eq=False)
class Look:
    """What a file holds. `reason` says why it is not "whole": missing, damaged, or (mind the permissions) unreadable.

    `hash` is perceptual; `faces` are all points (count, 2) found in it, the surest first. Both are None where nobody
    looked.
    """

    state: Literal["whole", "missing", "damaged", "unreadable"]
    reason: str = ""
    width: int = 0
    height: int = 0
    sha256: str = ""
    hash: Bool[np.ndarray, "256"] | None = None
    faces: tuple[Float[np.ndarray, "count 2"], ...] | None = None


@dataclass(frozen=True)
class Detector:
    """Who looks for faces: nobody when `part` is None. `note` says why, or why it is not whom the set was made with."""

    name: str = ""
    part: Any = None
    own: bool = False
    note: str = ""


@dataclass
class Contents:
    """A data set as it lies there: entries and damaged lines by line number, looks by image.

    `hashes` gives the sha256 that each (photo, domain) was written with, where sources.jsonl tells. `unfinished`: a
    `prepare` was interrupted here, or is at work.
    """

    folder: Path
    description: Description
    detector: Detector
    entries: dict[int, Entry]
    damaged: dict[int, str]
    looks: dict[str, Look]
    hashes: dict[tuple[str, str], str]
    unfinished: bool

    def look(self, entry: Entry) -> Look:
        """The look at an entry's image."""
        return self.looks[entry.image]


def inspect_folder(folder: Path, detector: str | None, progress: Progress = lambda *_: None) -> Contents:
    """Read every line and every file of the data set in `folder`, once.

    `detector` names the part that looks for faces in photos, "none" nobody; None is whom dataset.json names, or
    mediapipe68. In a set without faces nobody looks. Raises DataError when there is no data set or its dataset.json is
    damaged.
    """
    lines = read_lines(folder)
    description = read_description(folder)
    finder = make_detector(detector, description.detector) if description.faces else Detector()
    entries = {number: line for number, line in lines.items() if isinstance(line, Entry)}
    damaged = {number: str(line) for number, line in lines.items() if isinstance(line, DataError)}
    photos = {entry.image: entry.domain == PHOTO for entry in reversed(entries.values())}
    looks: dict[str, Look] = {}
    for number, (image, is_photo) in enumerate(photos.items(), 1):
        looks[image] = inspect_image(folder, image, description.margin, finder if is_photo else None)
        progress("looking at images", number, len(photos))
    return Contents(
        folder=folder,
        description=description,
        detector=finder,
        entries=entries,
        damaged=damaged,
        looks=looks,
        hashes=_hashes(read_records(folder)),
        unfinished=(folder / UNFINISHED).exists(),
    )


def inspect_image(folder: Path, image: str, margin: float, photo: Detector | None) -> Look:
    """Read and decode one image; of a `photo` (a Detector, perhaps of nobody) find hash and faces as well."""
    path = folder / image
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "is a folder")
        if path.exists() and not path.is_file():
            raise OSError(errno.ENXIO, "is no regular file")
        content = path.read_bytes()
    except FileNotFoundError:
        return Look("missing", "is missing")
    except ValueError:  # a null byte in the name
        return Look("damaged", "is a name that no file can have")
    except OSError as error:
        reason = f"cannot be read ({(error.strerror or str(error)).lower()})"
        return Look("damaged" if error.errno in _NO_FILE else "unreadable", reason)
    try:
        seen = read_photo(path, content)
    except ImageError as error:
        return Look("damaged", str(error).removeprefix(f"{path}: ").partition(";")[0])
    faces = None
    if photo is not None and photo.part is not None:
        faces = tuple(face.all_points for face in photo.part.detect(seen.pixels))
    return Look(
        state="whole",
        width=seen.width,
        height=seen.height,
        sha256=hashlib.sha256(content).hexdigest(),
        hash=None if photo is None else perceptual_hash(seen.pixels, margin),
        faces=faces,
    )


def make_detector(wanted: str | None, own: str) -> Detector:
    """The detector named `wanted`; for None the set's `own` if it is there, else mediapipe68, else nobody, and why.

    Raises PluginError and MissingExtra for one that was asked for by name.
    """
    if wanted == "none":
        return Detector(note="faces were not looked for (`detector` none)")
    if wanted is not None:
        return Detector(wanted, build_part("detector", PartUse(wanted), {}), wanted == own)
    names = [name for name in dict.fromkeys((own, _FALLBACK)) if name in load_registry().names("detector")]
    note = "" if own in names else f"the landmarks are from {own!r}, which is no detector here; "
    for name in names:
        try:
            part = build_part("detector", PartUse(name), {})
        except (MissingExtra, PluginError) as error:
            note += f"{error}; "
        else:
            return Detector(name, part, name == own, f"{note}{name} looked for the faces" if note else "")
    return Detector(note=f"{note}faces were not looked for")


def _hashes(records: list[Record]) -> dict[tuple[str, str], str]:
    return {
        (face.photo, domain): sha256
        for record in records
        for face in record.faces
        if isinstance(face.images, Mapping) and isinstance(face.photo, str)
        for domain, sha256 in face.images.items()
        if isinstance(sha256, str)
    }
