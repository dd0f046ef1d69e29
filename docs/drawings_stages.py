"""Stages of the way back, from drawings to photos: drawings of photos as a data set, what tells them, and measuring."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from run_ptk import ptk, run
from weights_stages import LONDON, STYLES, Place, Stage

from ptk.files import write_bytes
from ptk.recipe.one_part import build_one

HERE = Path(__file__).parent
EVERY = 10  # of the other portraits, these many are left out: they are there to look at


def draw(name: str, people: str) -> Stage:
    """Make drawings of the photos of those to train on, and of the other portraits where there are any."""

    def make(place: Place, folder: Path) -> None:
        known = [json.loads(line) for line in (place.out / people / "manifest.jsonl").open()]
        training = {line["identity"] for line in known if line["split"] == "train"}
        photos = _list_london(place, training) + _list_portraits(place)
        licence = "of each photo its own"
        run(HERE / "make_drawings.py", "--out", folder, "--size", place.size, "--licence", licence, *photos)

    return Stage(name, (people,), "draw", make)


def tell(name: str, drawings: str) -> Stage:
    """Learn what drawings look like, beside the photos that they were made of."""

    def make(place: Place, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        photos = _list_london(place, None) + _list_portraits(place)
        run(HERE / "make_guess_style.py", "--out", folder / "guess_style.json", place.out / drawings, *photos)

    return Stage(name, (drawings,), "tell", make)


def export_photographs(name: str, of: str) -> Stage:
    """Export the network that makes photos of drawings."""

    def make(place: Place, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ptk("export", place.out / of / "weights.safetensors", "--out", folder / "photographs.onnx")

    return Stage(name, (of,), "export photographs", make)


def measure_photographs(name: str, of: str, data: str) -> Stage:
    """Measure photos made of drawings of the people held out: a table in numbers.md."""

    def make(place: Place, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        lines = [json.loads(line) for line in (place.out / data / "manifest.jsonl").open()]
        photos = _list_london(place, {line["identity"] for line in lines if line["split"] == "test"})
        for style in STYLES.split(","):
            for photo in photos:
                drawing = folder / "drawings" / style / f"{photo.stem}.png"
                drawing.parent.mkdir(parents=True, exist_ok=True)
                ptk("edit", photo, "--style", style, "--out", drawing)
        listed = folder / "photos.txt"
        listed.write_text("\n".join(map(str, photos)))
        words = [HERE / "measure_photographs.py", listed, folder / "drawings"]
        words += ["--weights", place.out / of / "photographs.onnx", "--sheets", folder / "sheets"]
        done = subprocess.run([sys.executable, *map(str, words)], check=True, stdout=subprocess.PIPE, text=True)
        print(done.stdout, flush=True)
        write_bytes(folder / "numbers.md", done.stdout.encode())

    return Stage(name, (of, data), "measure photographs", make)


def _list_london(place: Place, people: set[str] | None) -> list[Path]:
    """The photos of these people of London, or of all."""
    found = build_one("source", LONDON, {}, {}).find(place.london)
    return sorted(one.path for one in found if hasattr(one, "identity") and (people is None or one.identity in people))


def _list_portraits(place: Place) -> list[Path]:
    """The other portraits, without those that are left out."""
    if place.portraits is None:
        return []
    files = sorted(file for file in place.portraits.rglob("*") if file.suffix.lower() in (".jpg", ".jpeg", ".png"))
    return [file for number, file in enumerate(files) if number % EVERY]
