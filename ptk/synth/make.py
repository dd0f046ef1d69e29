"""Writes a data set of synthetic people: pictures, manifest, and the settings that make it again."""

from __future__ import annotations

import importlib.util
import io
import json
import os
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.data.manifest import MANIFEST, Entry, read_manifest, write_manifest
from ptk.errors import DataError, MissingExtra, OutputError
from ptk.files import write_bytes
from ptk.synth.expressions import EXPRESSIONS
from ptk.synth.people import draw_person

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk.synth.portrait import Sitting, Studio

__all__ = ["SEED", "Settings", "draw_split", "make_set"]

SEED = 7  # the bundled sample's
_BLOCK, _TEST_OF_BLOCK = 24, 7
_QUALITY = 92
_LOOK = 1  # raised whenever the same settings would give other pictures


@dataclass(frozen=True)
class Settings:
    """What a set's pictures depend on: `size` in pixels, paths a pixel (`samples`), and the `seed` of its people."""

    size: int = 256
    samples: int = 20
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
    settings = settings or Settings()
    _require("anny", "mitsuba")
    out = Path(out)
    _claim(out, settings)
    entries = {entry.photo: entry for entry in (read_manifest(out) if (out / MANIFEST).exists() else [])}
    total, done, rendered = people * len(EXPRESSIONS), 0, 0
    workers = workers or os.cpu_count() or 1
    studio: Studio | None = None
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_start_worker) as pool:
        pending: set[Future[None]] = set()
        for index in range(people):
            person = draw_person(index, settings.seed)
            names = [f"{person.name}_{expression}" for expression in EXPRESSIONS]
            if all(name in entries and (out / entries[name].image).exists() for name in names):
                done += len(names)
                continue
            studio = studio or _open_studio()
            for sitting in studio.sittings(person, settings.size, settings.samples):
                entry = _entry(sitting, settings)
                entries[entry.photo] = entry
                if (out / entry.image).exists():
                    done += 1
                else:
                    pending.add(pool.submit(_render, sitting, out / entry.image))
            while len(pending) > (2 * workers if index + 1 < people else 0):
                finished, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in finished:
                    future.result()
                rendered, done = rendered + len(finished), done + len(finished)
                if progress:
                    progress(done, total)
            _write_entries(out, entries)
    if progress:
        progress(done, total)
    return rendered


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


def _require(*modules: str) -> None:
    if any(importlib.util.find_spec(module) is None for module in modules):
        raise MissingExtra("synth", what="ptk synth")


def _open_studio() -> Studio:
    from ptk.synth.head import load_head
    from ptk.synth.portrait import Studio

    return Studio(load_head())


def _start_worker() -> None:
    import drjit

    drjit.set_thread_count(1)  # the processes are the parallelism


def _render(sitting: Sitting, path: Path) -> None:
    from ptk.synth.portrait import take

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


def _write_entries(out: Path, entries: dict[str, Entry]) -> None:
    """The manifest of the pictures that are there, person by person."""
    there = [entry for entry in entries.values() if (out / entry.image).exists()]
    write_manifest(out, sorted(there, key=lambda entry: (int(entry.identity[1:]), entry.expression)))
