"""The manifest of a data set: one JSON line an image.

A data set is a folder with ``manifest.jsonl`` and its images. Each line holds ``image`` (path in the folder),
``identity``, ``domain``, ``photo`` (which links the renderings of one shot), ``expression`` (where known), ``split``
("train" or "test", by identity) and ``landmarks`` (68 points in pixels of that image, or as many as another topology
has; null in a set without faces).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.errors import DataError
from ptk.faces.topologies import IBUG68, Topology, find_anatomy, find_topology
from ptk.files import write_bytes
from ptk.plain import is_text, parse_json, show
from ptk.types import PHOTO

if TYPE_CHECKING:
    from jaxtyping import Float64

__all__ = [
    "DATASET",
    "MANIFEST",
    "PHOTO",
    "SAMPLE",
    "Description",
    "Entry",
    "Manifest",
    "entries_by",
    "find_entries_topology",
    "load_manifest",
    "parse_entry",
    "read_description",
    "read_lines",
    "read_manifest",
    "source_folder",
    "stored_size",
    "write_manifest",
]

MANIFEST = "manifest.jsonl"
DATASET = "dataset.json"
UNFINISHED = "sources.jsonl.part"
"""The journal of a run that makes or changes the data set; see `ptk.dataset.journal`."""
SAMPLE = Path(__file__).parent / "sample"
"""The bundled data set: 24 synthetic people with eight expressions each."""

_TEXTS = ("image", "identity", "domain", "photo", "split")


@dataclass(frozen=True)
class Entry:
    """One image of a data set.

    `landmarks` are (x, y) in pixels of the image, 68 or all of another topology; None where no face was looked for.
    """

    image: str
    identity: str
    domain: str
    photo: str
    split: str
    landmarks: tuple[tuple[float, float], ...] | None
    expression: str = ""

    @property
    def anatomy(self) -> Float64[np.ndarray, "68 2"] | None:
        """The 68 landmarks of ibug68, whatever others there are."""
        return None if self.landmarks is None else find_anatomy(np.array(self.landmarks, dtype=np.float64))


@dataclass(frozen=True)
class Manifest:
    """The entries of a data set, in order, and the `sha256` of their file: it names the set in weights."""

    entries: tuple[Entry, ...]
    sha256: str


@dataclass(frozen=True)
class Description:
    """How a data set was made, from its dataset.json; a set without that file has these defaults.

    An image spans the crop of `size` pixels (0 when unknown) and, on each side of it, `margin` (a share of the crop's
    side) more, which augmentation draws on. `domains` are objects with name, part and options, as recipes have them.
    Without `faces` images are whole pictures and none has landmarks.
    """

    size: int = 0
    margin: float = 0.0
    detector: str = "unknown"
    licence: str = "unknown"
    domains: tuple[Mapping[str, Any], ...] = ()
    faces: bool = True


def source_folder(source: str) -> Path:
    """The folder that a recipe's `data.source` means."""
    return SAMPLE if source == "sample" else Path(source)


def read_description(folder: str | Path) -> Description:
    """How the data set in `folder` was made. Raises DataError when its dataset.json is damaged."""
    path = Path(folder) / DATASET
    try:
        said = parse_json(path.read_bytes())
        if not isinstance(said, dict):
            raise ValueError("it holds no object")
        size, margin = int(said.get("size", 0)), float(said.get("margin", 0))
        if not 0 <= margin <= 1:
            raise ValueError(f"margin must be in [0, 1], it is {margin}")
        domains = said.get("domains", [])
        if not isinstance(domains, list) or not all(isinstance(each, dict) and "name" in each for each in domains):
            raise ValueError("domains must be a list of objects with a name")
        faces = said.get("faces", True)
        if not isinstance(faces, bool):
            raise ValueError(f"faces must be true or false, it is {show(faces)}")
    except FileNotFoundError:
        return Description()
    except (OSError, ValueError, TypeError, OverflowError) as error:
        raise DataError(f"{path}: cannot be read ({_short(error)}); prepare the data again") from error
    return Description(
        size=size,
        margin=margin,
        detector=str(said.get("detector") or "unknown"),
        licence=str(said.get("licence") or "unknown"),
        domains=tuple(domains),
        faces=faces,
    )


def entries_by(kind: str, entries: Iterable[Entry]) -> list[Entry]:
    """The `entries` under the domains that a recipe knows them by, `kind` being its `data.domains`.

    By "expressions" these are the photographs whose expression is known, each in the domain of that name.
    """
    if kind != "expressions":
        return list(entries)
    return [replace(one, domain=one.expression) for one in entries if one.domain == PHOTO and one.expression]


def find_entries_topology(entries: Iterable[Entry]) -> Topology:
    """Tell the set of landmarks of `entries` from the first that has any; ibug68 without."""
    counts = (len(entry.landmarks) for entry in entries if entry.landmarks is not None)
    return find_topology(next(counts, IBUG68.count)) or IBUG68


def write_manifest(folder: str | Path, entries: Iterable[Entry]) -> None:
    """Write the manifest of `folder`, whole or not at all; coordinates are rounded to a hundredth of a pixel."""
    lines = []
    for entry in entries:
        fields = asdict(entry)
        if not entry.expression:
            del fields["expression"]
        if entry.landmarks is not None:
            fields["landmarks"] = [[round(float(x), 2), round(float(y), 2)] for x, y in entry.landmarks]
        lines.append(f"{json.dumps(fields, ensure_ascii=False)}\n")
    write_bytes(Path(folder) / MANIFEST, "".join(lines).encode())


def load_manifest(folder: str | Path) -> Manifest:
    """Read the manifest of `folder`, once. Raises DataError naming the line for anything that is not an entry."""
    content = _read(folder)
    entries = []
    for line in _parse_lines(folder, content).values():
        if isinstance(line, DataError):
            raise line
        entries.append(line)
    return Manifest(tuple(entries), hashlib.sha256(content).hexdigest())


def read_manifest(folder: str | Path) -> list[Entry]:
    """The entries of a data set, in order. Raises DataError naming the line for anything that is not one."""
    return list(load_manifest(folder).entries)


def read_lines(folder: str | Path) -> dict[int, Entry | DataError]:
    """The lines of a data set's manifest by number, from 1: an entry each, or what is wrong with the line.

    Raises DataError when there is no manifest or nothing in it.
    """
    return _parse_lines(folder, _read(folder))


def _read(folder: str | Path) -> bytes:
    path = Path(folder) / MANIFEST
    try:
        return path.read_bytes()
    except FileNotFoundError:
        if path.with_name(UNFINISHED).exists():
            raise DataError(f"{folder}: not finished; run the same `prepare` again, it goes on where it was") from None
        raise DataError(f"{folder}: no data set here (no {MANIFEST}); make one with `prepare`") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error})") from error


def _parse_lines(folder: str | Path, content: bytes) -> dict[int, Entry | DataError]:
    path, found = Path(folder) / MANIFEST, dict[int, Entry | DataError]()
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            try:
                found[number] = parse_entry(line, f"{path}:{number}")
            except DataError as error:
                found[number] = error
    if not found:
        raise DataError(f"{path}: no images in it; make the data set again with `prepare`")
    return found


def stored_size(size: int, margin: float) -> int:
    """The side in pixels of an image that is stored for crops of `size` pixels (see `Description`)."""
    return size + 2 * round(margin * size)


def parse_entry(line: bytes, place: str) -> Entry:
    """The entry in a line of JSON. Raises DataError, which names `place`, for anything that is not one."""
    try:
        fields = parse_json(line, strict=False)
        texts = {name: fields[name] for name in _TEXTS}
        given = fields["landmarks"]
        points = None if given is None else tuple((float(x), float(y)) for x, y in given)
        expression = fields.get("expression", "")
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise DataError(f"{place}: not a line of a manifest ({type(error).__name__}: {_short(error)})") from None
    for name, text in {**texts, "expression": expression}.items():
        if not is_text(text):
            raise DataError(f"{place}: {name} must be text, it is {show(text)}")
    finite = points is None or all(abs(value) < 1e6 for pair in points for value in pair)
    if points is not None and (find_topology(len(points)) is None or not finite):
        wanted = find_topology(len(points)) or IBUG68
        raise DataError(f"{place}: landmarks must be {wanted.count} finite points, these are {len(points)}")
    if texts["split"] not in ("train", "test"):
        raise DataError(f"{place}: split must be train or test, it is {show(texts['split'])}")
    image = PurePosixPath(texts["image"])
    if image.is_absolute() or ".." in image.parts or not image.parts:
        raise DataError(f"{place}: image must be a path inside the data set, it is {show(texts['image'], 80)}")
    return Entry(**texts, landmarks=points, expression=expression)


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:160]
