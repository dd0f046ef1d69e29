"""Renders photos as `ptk edit --style` does, cuts out the faces, and writes a data set of them.

`ptk prepare --styles` renders crops; people have drawings of whole photos, with strokes that suit the face, at any
size. This takes photos at several sizes, renders each as a whole, and cuts faces from photo and drawings alike:

    python docs/make_drawings.py --out data/drawings --size 256 --licence "CC BY 4.0" photos/*.jpg

Of a photo with a face in it there is one line in the manifest a style, all with the landmarks of the photo. A second
run goes on where the first stopped. Every photo is taken for one person, of the split `train`; `ptk data join` and the
manifest's column `split` make others of them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image

from ptk.dataset.images import encode
from ptk.dataset.manifest import DATASET, PHOTO, Entry, write_manifest
from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.editing.styles import choose_renderer, measure_scale
from ptk.faces.crop import Crop
from ptk.faces.images import read_photo

STYLES = ("sketch,watercolor", "wave,poster")  # of each group a photo has one, by chance
SIDES = (192, 512)  # pixels of a face's crop in the photo that is rendered
WINDOW = (1.4, 1.6)  # of the crop's side: how much of the photo is rendered around the face
STROKES = 1.2  # strokes are at most so many times as wide, or as narrow, as suits the face
MARGIN = 0.2
DETECTOR = "mediapipe68"


def main() -> None:
    """Make what is missing of the data set, then its manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, nargs="*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--licence", default="unknown")
    parser.add_argument("--styles", nargs="+", default=STYLES, help="groups, of each of which a photo has one style")
    given = parser.parse_args()
    groups = [group.split(",") for group in given.styles]
    (given.out / "images").mkdir(parents=True, exist_ok=True)
    for path in given.photos:
        done = given.out / f"{name_photo(path)}.json"
        if not done.exists():
            entries = draw(path, given.out, groups, given.size)
            done.write_text(json.dumps(entries))
    write_set(given.out, [style for group in groups for style in group], given.size, given.licence)


def name_photo(path: Path) -> str:
    """Name a photo by its folder and itself."""
    return f"{path.parent.name}_{path.stem}"


def draw(path: Path, out: Path, groups: list[list[str]], size: int) -> list[list[object]]:
    """Render the photo at `path` at a size by chance, and cut out its face; returns image, domain and landmarks."""
    chance = np.random.default_rng(int.from_bytes(hashlib.sha256(name_photo(path).encode()).digest()[:8], "little"))
    pixels = read_photo(path).pixels
    found = MediaPipe68().detect(pixels)
    if len(found) != 1:
        print(f"{path}: {len(found)} faces", flush=True)
        return []
    pixels, points = zoom(pixels, found[0].points.astype(np.float64), chance)
    crop = Crop.around(points)
    wide = Crop(crop.x, crop.y, crop.side * (1 + 2 * MARGIN), crop.angle)
    side = size + 2 * round(MARGIN * size)
    landmarks = [[round(float(value), 2) for value in point] for point in wide.to_unit(points) * side]
    entries: list[list[object]] = []
    for style in [PHOTO, *(str(chance.choice(group)) for group in groups)]:
        drawn = pixels
        if style != PHOTO:
            renderer = choose_renderer(style)
            scale = measure_scale([points], *pixels.shape[:2]) * STROKES ** chance.uniform(-1, 1)
            assert renderer.domain.render is not None
            drawn = renderer.domain.render(pixels, points / pixels.shape[1::-1], scale)
        image = f"images/{name_photo(path)}.{style}.jpg"
        (out / image).write_bytes(encode(wide.cut(drawn, side)))
        entries.append([image, style, landmarks])
    return entries


def zoom(pixels: np.ndarray, points: np.ndarray, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cut a window around the face and make it smaller, by chance; returns it and where its landmarks lie."""
    crop = Crop.around(points)
    half = crop.side * chance.uniform(*WINDOW) / 2
    height, width = pixels.shape[:2]
    left, top = max(0, int(crop.x - half)), max(0, int(crop.y - half))
    right, bottom = min(width, int(crop.x + half)), min(height, int(crop.y + half))
    factor = min(1.0, np.exp(chance.uniform(*np.log(SIDES))) / crop.side)
    shape = max(32, round((right - left) * factor)), max(32, round((bottom - top) * factor))
    window = Image.fromarray(pixels[top:bottom, left:right]).resize(shape, Image.Resampling.LANCZOS)
    return np.array(window), (points - (left, top)) * (np.array(shape) / (right - left, bottom - top))


def write_set(out: Path, styles: list[str], size: int, licence: str) -> None:
    """Write manifest and description of all that is there."""
    entries = []
    for path in sorted(out.glob("*.json")):
        if path.name == DATASET:
            continue
        for image, domain, landmarks in json.loads(path.read_text()):
            points = tuple((float(x), float(y)) for x, y in landmarks)
            entries.append(Entry(image, path.stem, domain, path.stem, "train", points))
    write_manifest(out, entries)
    domains = [{"name": name, "part": name, "options": {}} for name in styles]
    said = {"size": size, "margin": MARGIN, "detector": DETECTOR, "licence": licence, "domains": domains}
    (out / DATASET).write_text(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
