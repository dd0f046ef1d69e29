"""Shards: a data set as tar files in WebDataset's layout, to be streamed from a disk or any address that fsspec opens.

A shard holds photos one after the other, whole people together: ``000012.json``, ``000012.photo.jpg``,
``000012.sketch.jpg``. `INDEX` beside them says what each holds; it is written last, so that what can be read is whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from ptk.dataset.images import Decoded, decode
from ptk.dataset.manifest import (
    PHOTO,
    Entry,
    entries_by,
    find_entries_topology,
    load_manifest,
    read_description,
)
from ptk.dataset.shard_members import read_members
from ptk.errors import DataError, OutputError
from ptk.faces.topologies import IBUG68, TOPOLOGIES
from ptk.plain import parse_json, show

__all__ = ["INDEX", "PHOTOS", "Shard", "Shards", "is_shards", "write_shards"]

INDEX = "shards.json"
SCHEMA = "ptk.shards/1"
PHOTOS = 128
"""Photos in a shard, unless one person has more or people end before."""

_MAX_INDEX = 64 << 20
_MAX_SHARD = 4 << 30
_PIECE = 16 << 20
_Count = Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Shard:
    """One tar file: `photos` and the `images` of them in all domains, of `identities` people, all of one `split`."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$")]
    split: Literal["train", "test"]
    photos: _Count
    images: _Count
    identities: _Count
    sha256: str


@dataclass(frozen=True)
class Shards:
    """Shards at an address, and how their data set was made (see `ptk.dataset.manifest.Description`)."""

    url: str
    shards: tuple[Shard, ...]
    domains: tuple[str, ...]
    margin: float
    detector: str
    licence: str
    data: str
    """sha256 of the manifest they were made from."""
    faces: bool = True
    expressions: tuple[str, ...] | None = None
    """The words for expressions of their photographs; None where older shards do not tell."""
    topology: str = "ibug68"
    """The set of their landmarks."""

    @classmethod
    def open(cls, url: str) -> Shards:
        """Read the index at `url`. Raises DataError when there is none."""
        content = _read(f"{url.rstrip('/')}/{INDEX}", _MAX_INDEX)
        try:
            said = parse_json(content, _MAX_INDEX)
            if said["schema"] != SCHEMA:
                raise ValueError(f"its schema is {show(said['schema'])}, not {SCHEMA}")
            shards = tuple(TypeAdapter(list[Shard]).validate_python(said["shards"]))
            margin = float(said["margin"])
            if not 0 <= margin <= 1:
                raise ValueError(f"margin must be in [0, 1], it is {margin}")
            detector, licence, data = (str(said[name]) for name in ("detector", "licence", "data"))
            domains = tuple(str(name) for name in said["domains"])
            words = said.get("expressions")
            expressions = None if words is None else tuple(str(word) for word in words)
            faces = bool(said.get("faces", True))
            topology = str(said.get("topology", IBUG68.name))
            if topology not in TOPOLOGIES:
                raise ValueError(f"topology is {show(topology)}, not {' or '.join(TOPOLOGIES)}")
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise DataError(f"{url}/{INDEX}: not an index of shards ({_words(error)}); write them again") from error
        return cls(url.rstrip("/"), shards, domains, margin, detector, licence, data, faces, expressions, topology)

    def of(self, split: str) -> tuple[Shard, ...]:
        """The shards of "train" or "test"."""
        return tuple(shard for shard in self.shards if shard.split == split)

    def read(self, shard: Shard, size: int, domains: Sequence[str], by: str = "parts") -> list[Decoded]:
        """The images of a shard in `domains`, decoded for crops of `size`. Raises DataError for a damaged one.

        `by` says what domains are, as a recipe's `data.domains` does.
        """
        where = f"{self.url}/{shard.name}"
        content = _read(where, _MAX_SHARD)
        if hashlib.sha256(content).hexdigest() != shard.sha256:
            raise DataError(f"{where}: is not what {INDEX} says (cut or changed); write the shards again")
        try:
            members = [
                (known, image)
                for entry, image in read_members(content, where)
                for known in entries_by(by, [entry])
                if known.domain in domains
            ]
        except (tarfile.TarError, ValueError, TypeError, EOFError, OverflowError) as error:
            raise DataError(f"{where}: damaged ({_words(error)}); write the shards again") from error
        if self.faces and any(entry.landmarks is None for entry, _ in members):
            raise DataError(f"{where}: an image has no landmarks; write the shards again")
        return [decode(io.BytesIO(image), entry, size, self.margin) for entry, image in members]


def is_shards(source: str) -> bool:
    """Whether a recipe's `data.source` means shards: it is an address, or a folder with an index."""
    return "://" in source or (Path(source) / INDEX).exists()


def write_shards(
    folder: Path, url: str, *, photos: int = PHOTOS, progress: Callable[[str, int, int], None] = lambda *_: None
) -> Shards:
    """Write the data set in `folder` as shards to `url`, a folder or an address; the same data give the same bytes.

    People are shuffled (by a hash of their names), and all photos of one lie together. Shards of the same data that
    are there already stay as they are. Raises DataError or OutputError.
    """
    manifest, described = load_manifest(folder), read_description(folder)
    entries, data = manifest.entries, manifest.sha256
    domains = tuple(dict.fromkeys(entry.domain for entry in entries))
    groups = list(_group(entries, photos))
    try:
        found = Shards.open(url)
    except DataError:
        found = None
    if (
        found is not None
        and found.data == data
        and [shard.photos for shard in found.shards] == [len({entry.photo for entry in group}) for _, group in groups]
    ):
        return found
    _remove_index(url)
    shards = []
    for number, (name, group) in enumerate(groups, 1):
        shards.append(_write_shard(folder, url, name, group))
        progress("writing shards", number, len(groups))
    written = Shards(
        url=url.rstrip("/"),
        shards=tuple(shards),
        domains=domains,
        margin=described.margin,
        detector=described.detector,
        licence=described.licence,
        data=data,
        faces=described.faces,
        expressions=tuple(sorted({entry.expression for entry in entries if entry.domain == PHOTO} - {""})),
        topology=find_entries_topology(entries).name,
    )
    index = {"schema": SCHEMA, **{name: value for name, value in asdict(written).items() if name != "url"}}
    if written.topology == IBUG68.name:
        del index["topology"]  # as shards of before
    with _writing(f"{url}/{INDEX}") as file:
        file.write(f"{json.dumps(index, indent=1, ensure_ascii=False)}\n".encode())
    return written


def _group(entries: Sequence[Entry], photos: int) -> Iterator[tuple[str, list[Entry]]]:
    """The name of each shard and what goes into it."""
    place = _places(entries)
    ordered = sorted(entries, key=lambda entry: (entry.split, place[entry.identity], entry.identity, entry.photo))
    for split, of_split in groupby(ordered, key=lambda entry: entry.split):
        number, group = 0, list[Entry]()
        for _, of_person in groupby(of_split, key=lambda entry: entry.identity):
            person = list(of_person)
            if group and len({entry.photo for entry in group + person}) > photos:
                yield f"{split}-{number:06d}.tar", group
                number, group = number + 1, []
            group += person
        yield f"{split}-{number:06d}.tar", group


def _places(entries: Sequence[Entry]) -> dict[str, tuple[float, bytes]]:
    """Where each identity lies: by a hash of its name; where some are in other domains than others, spread evenly.

    So hardly any shard lacks a domain, however few images of it there are.
    """
    domains: dict[str, set[str]] = defaultdict(set)
    splits = {entry.identity: entry.split for entry in entries}
    for entry in entries:
        domains[entry.identity].add(entry.domain)
    kinds: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for identity in sorted(domains, key=_hash):
        kinds[splits[identity], *sorted(domains[identity])].append(identity)
    return {
        identity: ((rank + 0.5) / len(alike), _hash(identity))
        for alike in kinds.values()
        for rank, identity in enumerate(alike)
    }


def _write_shard(folder: Path, url: str, name: str, entries: Sequence[Entry]) -> Shard:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for number, (_, of_photo) in enumerate(groupby(entries, key=lambda entry: entry.photo)):
            renderings = list(of_photo)
            if any(entry.landmarks != renderings[0].landmarks for entry in renderings):
                raise DataError(f"{folder}: {renderings[0].photo}: its renderings have other landmarks; run `check`")
            fields = {key: value for key, value in asdict(renderings[0]).items() if key not in ("image", "domain")}
            _add(tar, f"{number:06d}.json", json.dumps(fields, ensure_ascii=False).encode())
            for entry in renderings:
                try:
                    content = (folder / entry.image).read_bytes()
                except OSError as error:
                    raise DataError(
                        f"{folder / entry.image}: cannot be read ({error}); prepare the data again"
                    ) from error
                _add(tar, f"{number:06d}.{entry.domain}.jpg", content)
    content = buffer.getvalue()
    with _writing(f"{url}/{name}") as file:
        file.write(content)
    return Shard(
        name=name,
        split="train" if entries[0].split == "train" else "test",
        photos=len({entry.photo for entry in entries}),
        images=len(entries),
        identities=len({entry.identity for entry in entries}),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def _hash(identity: str) -> bytes:
    return hashlib.sha256(identity.encode()).digest()


def _remove_index(url: str) -> None:
    import fsspec

    try:
        files, path = fsspec.core.url_to_fs(url)
        if files.exists(f"{path}/{INDEX}"):
            files.rm_file(f"{path}/{INDEX}")
    except (OSError, ValueError, ImportError) as error:
        raise OutputError(f"{url}: cannot be written ({_words(error)}); choose another address") from error


def _read(url: str, most: int) -> bytes:
    """The file at `url`. Raises DataError where it cannot be had, or holds more than `most` bytes."""
    import fsspec

    try:
        # Piece by piece: to ask for as many bytes at once would take the memory for them.
        buffer = io.BytesIO()
        with fsspec.open(url, "rb") as file:
            while buffer.tell() <= most and (piece := file.read(_PIECE)):
                buffer.write(piece)
        content = buffer.getvalue()
    except (OSError, ValueError, ImportError) as error:
        raise DataError(f"{url}: cannot be read ({_words(error)})") from error
    if len(content) > most:
        raise DataError(f"{url}: is larger than {most >> 20} MiB; write the shards again, with fewer photos in each")
    return content


@contextmanager
def _writing(url: str) -> Iterator[Any]:
    import fsspec

    try:
        with fsspec.open(url, "wb", auto_mkdir=True) as file:
            yield file
    except (OSError, ValueError, ImportError) as error:
        raise OutputError(f"{url}: cannot be written ({_words(error)}); choose another address") from error


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
