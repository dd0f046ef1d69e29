"""Photos and videos -> a data set: every face found, cut out, rendered in each style, split by identity, listed."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import ptk
from ptk.dataset.journal import LOCK, SOURCES, Record, journal, read_records
from ptk.dataset.manifest import PHOTO, UNFINISHED, Entry
from ptk.errors import DataError, OutputError, PtkError
from ptk.plain import nearest
from ptk.prepare.executors import ENGINES, run_tasks
from ptk.prepare.messages import Settings
from ptk.prepare.plan import Item, Plan, find_items, make_plan, path_of, style_keys
from ptk.prepare.writer import Writer, remove_partial_files
from ptk.recipe.one_part import DomainUse, PartUse
from ptk.recipe.schema import IMAGES
from ptk.registry.registry import load_registry
from ptk.types import MediaFile, Skipped

__all__ = ["Prepared", "parse_styles", "prepare", "split_identities"]

_STYLE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Prepared:
    """What came of it: the manifest's entries, the domains in order, and what could not be used.

    `media` are the files with what was read from their names.
    `notes` tell, by source, how a video's frames were chosen. `made` counts the images that this run wrote, `wall` are
    its seconds, `seconds` those of its `workers` by what they did.
    """

    entries: tuple[Entry, ...]
    domains: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    notes: Mapping[str, str] = field(default_factory=dict)
    media: tuple[MediaFile, ...] = ()
    made: int = 0
    workers: int = 0
    wall: float = 0.0
    seconds: Mapping[str, float] = field(default_factory=dict)

    def people(self, split: str = "") -> int:
        """How many identities there are, in `split` or altogether."""
        return len({entry.identity for entry in self.entries if split in ("", entry.split)})


def prepare(
    places: Sequence[Path],
    out: Path,
    *,
    source: PartUse | None = None,
    size: int = 256,
    margin: float | None = None,
    styles: Sequence[DomainUse] = (),
    frames: int = 8,
    detector: str = "mediapipe68",
    train_share: float = 0.7,
    seed: int = 1,
    licence: str = "unknown",
    device: str = "auto",
    engine: str = "local",
    workers: int = 0,
    faces: bool = True,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Prepared:
    """Make the data set `out` from the photos and videos at `places`, or bring it up to date.

    `source` is the part that finds them (None: a table for .csv and .jsonl, else a tree); `size` the side of the crops
    in pixels, `margin` what is kept around them as a share of it (None: an eighth around faces, nothing around whole
    pictures); `frames` how many are taken of a video at most; `train_share` in (0, 1) the share of identities to train
    on; with 0 `workers` it takes all cores. What was made before from the same content with the same options stays. A
    file that cannot be used stops nothing, it is listed. Interrupted at any moment, the same call goes on.

    Without `faces` no image has landmarks: the square in the middle of each picture is taken, its margin included;
    `source` is then folders by default, and of each domain `train_share` are trained on.

    Raises DataError when nothing can be used, OutputError when `out` is something else, PluginError for parts that are
    not there. The workers import the main module: scripts call this under ``if __name__ == "__main__"``.
    """
    started = perf_counter()
    margin = (0.125 if faces else 0.0) if margin is None else margin
    source = source or (None if faces else PartUse("folders"))
    _check_parts(detector if faces else None, styles, engine)
    _check_out(places, out)
    settings, keys = Settings(size, margin, detector, frames, tuple(styles), device, faces), style_keys(styles)
    found = find_items(places, source)
    domains = _domains(found, styles, faces=faces)
    with _made(out), journal(out) as notes, _tidy(out):
        remove_partial_files(out)
        known = read_records(out)
        plan = make_plan(found, known, out, settings, keys)
        writer = Writer(out, plan)
        slots = ENGINES[engine](settings, workers, plan.left)
        for number, outcome in enumerate(run_tasks(plan.tasks(out), slots), 1):
            notes.add(writer.write(outcome))
            progress("preparing", number, plan.left)
        skipped = _skipped(found, writer.records)
        entries = _split(writer.entries(), train_share, seed, by_domain=not faces)
        if not entries:
            sources = {item.source for item in plan.items}
            first = next((one for one in skipped if one.path in sources), skipped[0])
            none = f"none of {len(plan.items)} photos can be used" if plan.items else "no photos or videos here"
            raise DataError(f"{', '.join(map(str, places))}: {none}; {first.path}: {first.reason}")
        writer.finish(_described(settings, domains, train_share, seed, licence), skipped, entries, _images(known))
    return _prepared(plan, writer, entries, domains, skipped, len(slots), started)


def _prepared(
    plan: Plan,
    writer: Writer,
    entries: Sequence[Entry],
    domains: Iterable[str],
    skipped: Sequence[Skipped],
    workers: int,
    started: float,
) -> Prepared:
    return Prepared(
        entries=tuple(entries),
        domains=tuple(domains),
        skipped=tuple(skipped),
        notes={record.source: record.note for record in writer.ordered() if record.note},
        media=tuple(plan.media),
        made=writer.made,
        workers=workers,
        wall=perf_counter() - started,
        seconds=writer.seconds,
    )


def parse_styles(words: Sequence[str]) -> tuple[DomainUse, ...]:
    """What to render, from words: ``sketch`` is the domain part of that name, ``starry=stars.jpg`` a picture as style.

    Raises DataError for a word that is neither, and for a name given twice.
    """
    uses: dict[str, DomainUse] = {}
    for word in words:
        name, is_picture, file = word.partition("=")
        if name == PHOTO and not is_picture:
            continue
        if not _STYLE_NAME.fullmatch(name) or (is_picture and not file):
            raise DataError(f"`styles`: {word!r} is no style; write sketch, or starry=picture.jpg with a picture")
        if name in uses or name == PHOTO:
            raise DataError(f"`styles`: {name} is named twice (photo is always there); give each style its own name")
        uses[name] = DomainUse(name, {"file": Path(file)}, part="picture") if is_picture else DomainUse(name, part=name)
    return tuple(uses.values())


def split_identities(identities: set[str], train_share: float, seed: int) -> dict[str, str]:
    """Identity -> "train" or "test": `train_share` of them to train on, and of two or more at least one on each side.

    The order is that of a hash of seed and name, so an identity more or less hardly moves the others.
    """
    ordered = sorted(identities, key=lambda name: hashlib.sha256(f"{seed}:{name}".encode()).digest())
    count = max(1, min(round(len(ordered) * train_share), len(ordered) - 1))
    return {name: "train" if number < count else "test" for number, name in enumerate(ordered)}


def _check_parts(detector: str | None, styles: Sequence[DomainUse], engine: str) -> None:
    registry = load_registry()
    if detector is not None:
        registry.part("detector", detector)
    for use in styles:
        registry.part("domain", use.part)
    if engine not in ENGINES:
        raise DataError(f"`engine`: no such engine: {engine}{nearest(engine, ENGINES)}")


def _check_out(places: Sequence[Path], out: Path) -> None:
    """Refuse to write into anything but a new folder or one that `prepare` made."""
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise OutputError(f"{out}: is there already; name a new folder with `out`, or remove this one")
    for place in places:
        if place.is_dir() and out.resolve().is_relative_to(place.resolve()):
            raise OutputError(f"{out}: lies in the folder of photos; name a folder outside of {place}")
    ours = any((out / name).exists() for name in (SOURCES, UNFINISHED, LOCK))
    if out.exists() and not ours and any(out.iterdir()):
        raise OutputError(f"{out}: is there already, and not made by `prepare`; name a new folder with `out`")


def _described(
    settings: Settings, domains: Mapping[str, DomainUse], train_share: float, seed: int, licence: str
) -> dict[str, Any]:
    """What dataset.json says of how the images were made."""
    return {
        "ptk": ptk.__version__,
        "size": settings.size,
        "margin": settings.margin,
        **({"detector": settings.detector} if settings.faces else {"detector": "none", "faces": False}),
        "domains": [{"name": use.name, "part": use.part, "options": dict(use.options)} for use in domains.values()],
        "split": {"train_share": train_share, "seed": seed},
        "licence": licence,
    }


def _domains(found: Iterable[Item | Skipped], styles: Sequence[DomainUse], *, faces: bool) -> dict[str, DomainUse]:
    """The domains by name: photo, the styles made from it, and those of other real images, sorted."""
    shown = {one.media.domain for one in found if isinstance(one, Item)}
    plain = [DomainUse(PHOTO, part=PHOTO)] if faces or PHOTO in shown else []
    real = [DomainUse(name, part=name if faces else IMAGES) for name in sorted(shown - {PHOTO})]
    uses = (*plain, *styles, *real)
    return {use.name: use for use in uses}


def _split(entries: Sequence[Entry], train_share: float, seed: int, *, by_domain: bool) -> list[Entry]:
    """The entries on the sides that their source says, the others' identities split, `by_domain` in each of them."""
    groups: dict[str, set[str]] = defaultdict(set)
    homes: dict[str, str] = {}
    for entry in entries:
        if entry.split not in ("", "train", "test"):
            raise DataError(f"{entry.photo}: its source says the split {entry.split!r:.80}; there are train and test")
        if not entry.split:
            home = homes.setdefault(entry.identity, entry.domain)
            groups[home if by_domain else ""].add(entry.identity)
    splits: dict[str, str] = {}
    for group in groups.values():
        splits |= split_identities(group, train_share, seed)
    return [replace(entry, split=entry.split or splits[entry.identity]) for entry in entries]


def _skipped(found: Iterable[Item | Skipped], records: Mapping[str, Record]) -> list[Skipped]:
    """Everything that is not in the data set, in the order in which it was found."""
    skipped = [one if isinstance(one, Skipped) else Skipped(one.source, records[one.source].reason) for one in found]
    return [one for one in skipped if one.reason]


def _images(known: Iterable[Record]) -> set[str]:
    """The images that earlier runs made."""
    return {path_of(record, domain, face) for record in known for face in record.faces for domain in face.images}


@contextmanager
def _made(out: Path) -> Iterator[None]:
    """The folder `out`, made where it is not there, and gone if nothing is left in it after an error.

    What the system refuses in it is said in one line.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        yield
    except PtkError:
        with suppress(OSError):  # it is not empty
            out.rmdir()
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        mend = "free space or choose another place, and run the same again"
        raise OutputError(f"{error.filename or out}: cannot be read or written ({reason}); {mend}") from error


@contextmanager
def _tidy(out: Path) -> Iterator[None]:
    """After an error, leave no journal behind in which there is nothing to go on with."""
    try:
        yield
    except PtkError:
        if not any(record.faces for record in read_records(out)):
            (out / UNFINISHED).unlink(missing_ok=True)
        raise
