"""Writes a data set of synthetic people: pictures, manifest, and the settings that make it again."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.dataset.manifest import MANIFEST, Entry, read_manifest, write_manifest
from ptk.errors import DataError, OutputError
from ptk.files import write_bytes
from ptk_synth.expressions import EXPRESSIONS
from ptk_synth.people import draw_person
from ptk_synth.workers import open_studio, renderers, require_renderer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_synth.people import Person
    from ptk_synth.portrait import Sitting, Studio

__all__ = ["SEED", "Settings", "draw_split", "make_set"]

SEED = 7  # the bundled sample's
_BLOCK, _TEST_OF_BLOCK = 24, 7
_QUALITY = 92
_LOOK = 1  # raised whenever the same settings would give other pictures


@dataclass(frozen=True)
class Settings:
    """What a set's pictures depend on: `size` in pixels, paths a pixel (`samples`), and the `seed` of its people."""

    size: int = 256
    samples: int = 16
    seed: int = SEED
    look: int = _LOOK


def make_set(
    out: Path,
    people: int = 24,
    settings: Settings | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write `people` synthetic people with eight expressions each to the folder `out`; returns the pictures rendered.

    A picture that is there already, made with the same settings, is kept, so that a stopped run goes on and a set
    can be enlarged. `workers` processes render (one for every core, unless given); `progress(done, total)` is called
    after every picture. The same settings give the same bytes with the same versions of anny, mitsuba and Pillow.

    Raises MissingExtra without anny and mitsuba, DataError when `out` holds a set of other settings, and OutputError
    when it cannot be written.
    """
    require_renderer("ptk synth")
    out, workers = Path(out), workers or os.cpu_count() or 1
    making = _Making(out, settings or Settings(), people * len(EXPRESSIONS), progress)
    studio: Studio | None = None
    with renderers(workers) as pool:
        for index in range(people):
            person = draw_person(index, making.settings.seed)
            if making.has(person):
                continue
            studio = studio or open_studio()
            making.add(studio.sittings(person, making.settings.size, making.settings.samples), pool)
            making.collect(at_most=2 * workers)  # a sitting holds some 15 MB: not all of them at once
        making.collect(at_most=0)
    return making.rendered


class _Making:
    """A set that is being made in the folder `out`: what is there, what is under way, and the manifest."""

    def __init__(self, out: Path, settings: Settings, total: int, progress: Callable[[int, int], None] | None) -> None:
        _claim(out, settings)
        self.out, self.settings, self.total, self.progress = out, settings, total, progress
        self.entries = {entry.photo: entry for entry in (read_manifest(out) if (out / MANIFEST).exists() else [])}
        self.pending: set[Future[None]] = set()
        self.kept = self.rendered = 0

    def has(self, person: Person) -> bool:
        """Whether all pictures of `person` are there, and if so counts them."""
        entries = [self.entries.get(f"{person.name}_{expression}") for expression in EXPRESSIONS]
        there = all(entry is not None and (self.out / entry.image).exists() for entry in entries)
        self.kept += len(entries) if there else 0
        return there

    def add(self, sittings: Sequence[Sitting], pool: ProcessPoolExecutor) -> None:
        """Send what is not there yet to be rendered."""
        for sitting in sittings:
            entry = _entry(sitting, self.settings)
            self.entries[entry.photo] = entry
            if (self.out / entry.image).exists():
                self.kept += 1
            else:
                self.pending.add(pool.submit(_render, sitting, self.out / entry.image))

    def collect(self, at_most: int) -> None:
        """Wait until `at_most` pictures are under way, and write the manifest of those that are there."""
        while len(self.pending) > at_most:
            finished, self.pending = wait(self.pending, return_when=FIRST_COMPLETED)
            for future in finished:
                future.result()
            self.rendered += len(finished)
            self._report()
        there = [entry for entry in self.entries.values() if (self.out / entry.image).exists()]
        write_manifest(self.out, sorted(there, key=lambda entry: (int(entry.identity[1:]), entry.expression)))
        self._report()

    def _report(self) -> None:
        if self.progress:
            self.progress(self.kept + self.rendered, self.total)


def draw_split(index: int, seed: int) -> str:
    """Whether person `index` trains or tests: 7 of every 24 test, whatever the size of the set."""
    block, place = divmod(index, _BLOCK)
    order = np.random.default_rng([seed, 3, block]).permutation(_BLOCK)
    return "test" if place in order[:_TEST_OF_BLOCK] else "train"


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """The bytes of `picture` (H, W, 3) as JPEG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return buffer.getvalue()


def _render(sitting: Sitting, path: Path) -> None:
    from ptk_synth.portrait import take

    write_bytes(path, jpeg(take(sitting)))


def _entry(sitting: Sitting, settings: Settings) -> Entry:
    person = sitting.person
    name = f"{person.name}_{sitting.expression}"
    return Entry(
        image=f"images/{name}.jpg",
        identity=person.name,
        domain="photo",
        photo=name,
        expression=sitting.expression,
        split=draw_split(person.index, settings.seed),
        landmarks=tuple((float(x), float(y)) for x, y in sitting.points),
    )


def _claim(out: Path, settings: Settings) -> None:
    """Say in `out` what the set is, or check that what is there was made with the same settings."""
    file, said = out / "dataset.json", {"licence": "CC0-1.0", "detector": "mesh", "synth": asdict(settings)}
    try:
        if file.exists():
            there = json.loads(file.read_text(encoding="utf-8"))
            if there.get("synth") != said["synth"]:
                raise DataError(f"{out}: holds a set made otherwise ({there.get('synth')}); choose another folder")
            return
        (out / "images").mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise OutputError(f"{out}: cannot be used ({error}); choose another folder") from error
    write_bytes(file, (json.dumps(said, indent=2) + "\n").encode())
