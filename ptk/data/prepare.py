"""Photos -> a data set: every face found, cut out, rendered in each style, split by identity, listed in a manifest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

import ptk
from ptk.data.manifest import DATASET, Entry, write_manifest
from ptk.data.renderings import Progress, stylise
from ptk.data.sources import Skipped, Source, find_sources
from ptk.device import resolve_device
from ptk.errors import DataError, ImageError, LandmarksError, NoFaceError, OutputError
from ptk.faces.crop import Crop
from ptk.faces.images import read_photo, to_srgb
from ptk.files import replacing_folder
from ptk.recipe.build import build_part
from ptk.recipe.schema import DomainUse, PartUse

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

    from ptk.types import Domain

__all__ = ["DATASET", "SKIPPED", "Prepared", "parse_styles", "prepare", "split_identities"]

DATASET = "dataset.json"
SKIPPED = "skipped.jsonl"

PHOTO = DomainUse(name="photo", part="photo")

_BATCH = 16
_STYLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Prepared:
    """What came of it: the manifest's entries, the domains in order, and what could not be used."""

    entries: tuple[Entry, ...]
    domains: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    def people(self, split: str = "") -> int:
        """How many identities there are, in `split` or altogether."""
        return len({entry.identity for entry in self.entries if split in ("", entry.split)})


@dataclass(frozen=True, eq=False)
class _Face:
    source: Source
    pixels: UInt8[np.ndarray, "size size 3"]
    points: Float[np.ndarray, "68 2"]  # in pixels of the crop


def prepare(
    source: Path,
    out: Path,
    *,
    size: int = 256,
    styles: Sequence[DomainUse] = (),
    detector: str = "mediapipe68",
    train_share: float = 0.7,
    seed: int = 1,
    licence: str = "unknown",
    device: str = "auto",
    progress: Progress = lambda *_: None,
) -> Prepared:
    """Make the data set `out`, which appears whole or not at all, from the photos in the folder `source`.

    `size` is the side of the crops in pixels, `train_share` in (0, 1) the share of identities to train on. A photo
    that cannot be used never stops the run: it is listed with the reason in `out`/skipped.jsonl and in what is
    returned. Raises DataError when no photo can be used, OutputError when `out` is there already.
    """
    _check_out(source, out)
    sources, skipped = find_sources(source)
    uses = (PHOTO, *styles)
    domains = {use.name: _build(use) for use in styles}
    found = _faces(sources, size, detector, source, skipped, progress)
    written: list[Entry] = []
    with replacing_folder(out) as folder:
        while batch := list(islice(found, _BATCH)):
            written.extend(_write(folder, batch, domains, device))
        if not written:
            first = skipped[-len(sources)]
            raise DataError(f"{source}: none of {len(sources)} photos can be used; {first.path}: {first.reason}")
        splits = split_identities({entry.identity for entry in written}, train_share, seed)
        entries = [replace(entry, split=splits[entry.identity]) for entry in written]
        described = {
            "ptk": ptk.__version__,
            "size": size,
            "detector": detector,
            "domains": [{"name": use.name, "part": use.part, "options": dict(use.options)} for use in uses],
            "split": {"train_share": train_share, "seed": seed},
            "licence": licence,
        }
        (folder / DATASET).write_text(json.dumps(described, indent=2, default=str, ensure_ascii=False) + "\n")
        (folder / SKIPPED).write_text("".join(f"{json.dumps(vars(one), ensure_ascii=False)}\n" for one in skipped))
        write_manifest(folder, entries)
    return Prepared(entries=tuple(entries), domains=tuple(use.name for use in uses), skipped=tuple(skipped))


def parse_styles(words: Sequence[str]) -> tuple[DomainUse, ...]:
    """What to render, from words: ``sketch`` is the domain part of that name, ``starry=stars.jpg`` a picture as style.

    Raises DataError for a word that is neither, and for a name given twice.
    """
    uses: dict[str, DomainUse] = {}
    for word in words:
        name, is_picture, file = word.partition("=")
        if name == PHOTO.name and not is_picture:
            continue
        if not _STYLE_NAME.fullmatch(name) or (is_picture and not file):
            raise DataError(f"--styles: {word!r} is no style; write sketch, or starry=picture.jpg with a picture")
        if name in uses or name == PHOTO.name:
            raise DataError(f"--styles: {name} is named twice (photo is always there); give each style its own name")
        uses[name] = DomainUse(name, {"file": Path(file)}, part="picture") if is_picture else DomainUse(name, part=name)
    return tuple(uses.values())


def split_identities(identities: set[str], train_share: float, seed: int) -> dict[str, str]:
    """Identity -> "train" or "test": `train_share` of them to train on, and of two or more at least one on each side.

    The order is that of a hash of seed and name, so an identity more or less hardly moves the others.
    """
    ordered = sorted(identities, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    count = max(1, min(round(len(ordered) * train_share), len(ordered) - 1))
    return {name: "train" if number < count else "test" for number, name in enumerate(ordered)}


def _check_out(source: Path, out: Path) -> None:
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise OutputError(f"{out}: is there already; name a new folder with --out, or remove this one")
    if out.resolve().is_relative_to(source.resolve()):
        raise OutputError(f"{out}: lies in the folder of photos; name a folder outside of {source}")


def _build(use: DomainUse) -> Domain:
    domain: Domain = build_part("domain", PartUse(use.part, use.options), {})
    if domain.stylise is None:
        raise DataError(f"--styles: {use.name} cannot be made from photos; its images come from folders of real ones")
    return domain


def _faces(
    sources: Sequence[Source],
    size: int,
    detector: str,
    folder: Path,
    skipped: list[Skipped],
    progress: Progress,
) -> Iterator[_Face]:
    """One face a photo; a photo without, or with several, goes to `skipped`."""
    finder = build_part("detector", PartUse(detector), {})
    for number, source in enumerate(sources, 1):
        try:
            yield _face(source, size, finder, detector)
        except (ImageError, LandmarksError) as error:
            reason = str(error).removeprefix(f"{source.path}: ")
            skipped.append(Skipped(str(source.path.relative_to(folder)), reason))
        progress("preparing photos", number, len(sources))


def _face(source: Source, size: int, finder: Any, detector: str) -> _Face:
    photo = read_photo(source.path)
    found = finder.detect(photo.pixels)
    if not found:
        raise NoFaceError(f"no face found (tried {detector}); crop closer")
    if len(found) > 1:
        raise NoFaceError(f"{len(found)} faces found; crop it to the one that is meant")
    points = found[0].points
    crop = Crop.around(points)
    pixels = crop.cut(photo.pixels, size)
    if photo.icc is not None:  # a data set keeps no profiles
        pixels = np.array(to_srgb(Image.fromarray(pixels), photo.icc))
    return _Face(source, pixels, crop.to_unit(points) * size)


def _write(folder: Path, faces: Sequence[_Face], domains: dict[str, Domain], device: str) -> Iterator[Entry]:
    """Write the crops and their renderings; an entry each, whose split is not known yet."""
    images = np.stack([face.pixels for face in faces])
    place = resolve_device(device)
    pictures = {PHOTO.name: images} | {name: stylise(images, domain, place) for name, domain in domains.items()}
    for number, face in enumerate(faces):
        points = tuple((float(x), float(y)) for x, y in face.points)
        for name, rows in pictures.items():
            yield Entry(
                image=_save(folder, name, face.source, rows[number]),
                identity=face.source.identity,
                domain=name,
                photo=face.source.photo,
                split="",
                landmarks=points,
                expression=face.source.expression,
            )


def _save(folder: Path, domain: str, source: Source, pixels: np.ndarray) -> str:
    path = Path("images") / domain / source.identity / f"{source.photo}.jpg"
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(folder / path, quality=95, subsampling="4:4:4")
    return path.as_posix()
