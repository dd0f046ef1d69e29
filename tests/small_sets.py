"""Small data sets as ptk prepare leaves them, made in a moment, to join or to spoil."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from PIL import Image

from ptk.dataset.journal import Made, Record, write_records
from ptk.dataset.manifest import DATASET, SAMPLE, Entry, read_manifest, write_manifest

SIDE = 64
PEOPLE = {name: [one for one in read_manifest(SAMPLE) if one.identity == name][:2] for name in ("p00", "p01", "p02")}
DESCRIBED = {
    "size": SIDE,
    "margin": 0,
    "detector": "mediapipe68",
    "domains": [
        {"name": "photo", "part": "photo", "options": {}},
        {"name": "sketch", "part": "sketch", "options": {"lines": 2}},
    ],
    "split": {"train_share": 0.5, "seed": 1},
    "licence": "CC0-1.0",
}


def make_set(folder, people, **described):
    """A small set as ptk prepare leaves it: two photos of each person of the sample, a split by name, and a sketch.

    `people` is {name in the set: (person of the sample, split)}.
    """
    entries, records = [], []
    for name, (person, split) in people.items():
        for number, shot in enumerate(PEOPLE[person]):
            with Image.open(SAMPLE / shot.image) as photo:
                pictures = {"photo": photo.convert("RGB").resize((SIDE, SIDE))}
                points = tuple((x * SIDE / photo.width, y * SIDE / photo.width) for x, y in shot.landmarks)
            pictures["sketch"] = pictures["photo"].convert("L")
            images = {}
            for domain, picture in pictures.items():
                image = f"images/{domain}/{name}/{name}_{number}.jpg"
                (folder / image).parent.mkdir(parents=True, exist_ok=True)
                picture.save(folder / image)
                images[domain] = hashlib.sha256((folder / image).read_bytes()).hexdigest()
                entries.append(Entry(image, name, domain, f"{name}_{number}", split, points, shot.expression))
            made = Made(f"{name}_{number}", points, 50.0, images)
            records.append(Record(f"{len(records)}.jpg", "key", name, faces=(made,)))
    write_manifest(folder, entries)
    write_records(folder, [*records, Record("dark.jpg", "key", reason="no face found")])
    (folder / "skipped.jsonl").write_text('{"path": "dark.jpg", "reason": "no face found"}\n')
    (folder / DATASET).write_text(json.dumps(DESCRIBED | described))
    return folder


def change(folder, **fields):
    """Let the first line of a manifest say something else."""
    first, *others = read_manifest(folder)
    write_manifest(folder, [replace(first, **fields), *others])


def describe(folder, **said):
    (folder / DATASET).write_text(json.dumps(json.loads((folder / DATASET).read_text()) | said))


class Manifest:
    """The manifest of a data set, to change by line number; `write` puts it back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries: dict[int, Entry] = dict(enumerate(read_manifest(folder), 1))

    def line(self, identity: str, expression: str, domain: str = "photo") -> int:
        """The line of one image."""
        wanted = (identity, expression, domain)
        return next(n for n, one in self.entries.items() if (one.identity, one.expression, one.domain) == wanted)

    def image(self, line: int) -> Path:
        """The file of a line."""
        return self.folder / self.entries[line].image

    def write(self) -> None:
        """Write what `entries` holds now."""
        write_manifest(self.folder, self.entries.values())
