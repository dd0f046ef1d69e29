"""Measures the way back: photos made of drawings, beside the photos that the drawings were made of.

    ptk edit photos/*.jpg --style sketch --out drawings/sketch
    python docs/measure_photographs.py photos drawings

`drawings` holds a folder a style, with drawings named as the photos. It prints a line a style: the error of the
landmarks that a detector finds on the photo made, beside those that it finds on the true one, in per cent of the
distance of the outer eye corners (the mean of people, and the worst); the same straight on the drawing; LPIPS and
dlib's identity distance of the face's crop at 256 pixels, of the photo made and of the drawing; and how many faces were
found. With `--sheets` it also writes pictures to look at: drawing, photo made, true photo.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from ptk.editing.drawings.photographs import photograph
from ptk.editing.loading import SHIPPED, load_translator
from ptk.faces.crop import Crop
from ptk.faces.images import read_photo
from ptk.faces.landmarks import eye_distance
from ptk.metrics.identity_distance import IdentityDistance
from ptk.metrics.lpips import LPIPS
from ptk.recipe.one_part import build_one
from ptk.types import Faces

SIZE = 256
FAR = 0.35  # outer eye distances: a face farther from where it should be is another


def main() -> None:
    """Measure every drawing, and print the means a style."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="a folder, or a file with a path a line")
    parser.add_argument("drawings", type=Path)
    parser.add_argument("--weights", type=Path, default=SHIPPED / "photographs.onnx")
    parser.add_argument("--detector", default="dlib68", help="whose landmarks are compared")
    parser.add_argument("--sheets", type=Path)
    given = parser.parse_args()
    measure = Measure(given.weights, given.detector)
    paths = map(Path, given.photos.read_text().split()) if given.photos.is_file() else given.photos.iterdir()
    photos = {path.stem: path for path in sorted(paths)}
    print("| | landmarks | worst | of the drawing | LPIPS | of the drawing | identity | of the drawing | found | |")
    for folder in sorted(path for path in given.drawings.iterdir() if path.is_dir()):
        rows, pictures = [], []
        for path in sorted(folder.iterdir()):
            row, sheet = measure(photos[path.stem], path, folder.name)
            rows.append(row)
            pictures.append(sheet)
        table = np.array(rows)
        means = np.nanmean(table, axis=0)
        cells = [means[0], np.nanmax(table[:, 0]), *means[1:]]
        found = [int(np.isfinite(table[:, column]).sum()) for column in (0, 1)]
        numbers = " | ".join(f"{value:.3f}" if index > 2 else f"{value:.2f}" for index, value in enumerate(cells))
        print(f"| {folder.name} | {numbers} | {found[0]} | {found[1]} of {len(rows)} |", flush=True)
        if given.sheets:
            given.sheets.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.concatenate(pictures)).save(given.sheets / f"{folder.name}.png")


class Measure:
    """Measure a drawing by what is made of it; detectors and networks are opened once."""

    def __init__(self, weights: Path, detector: str) -> None:
        self.network = load_translator(weights)
        self.edits = build_one("detector", "mediapipe68", {}, {})
        self.detector = build_one("detector", detector, {}, {})
        self.metrics: list[Any] = [LPIPS(), IdentityDistance()]

    def __call__(self, photo: Path, drawn: Path, style: str) -> tuple[list[float], np.ndarray]:
        """Return landmark errors, LPIPS and identity distances, each of the photo made and of the drawing; a sheet."""
        true, drawing = read_photo(photo).pixels, read_photo(drawn)
        made = photograph(drawing.pixels, style, self.network, self.edits)
        points = self.detector.detect(true)[0].points
        crop = Crop.around(points)
        cuts = [crop.cut(each, SIZE) for each in (drawing.pixels, made, true)]
        errors = [self.compare(pixels, points) for pixels in (made, drawing.pixels)]
        faces = [self.face(cut, crop.to_unit(points)) for cut in cuts]
        likeness = [float(metric(faces[2], faces[2], faces[n].image)) for metric in self.metrics for n in (1, 0)]
        return [*errors, *likeness], np.concatenate(cuts, axis=1)

    def compare(self, pixels: np.ndarray, points: np.ndarray) -> float:
        """Return how far the landmarks found are from `points`, in per cent of the eye distance; nan where none are."""
        gaps = [np.linalg.norm(face.points - points, axis=1).mean() for face in self.detector.detect(pixels)]
        nearest = min(gaps, default=np.inf) / eye_distance(points)
        return 100 * nearest if nearest <= FAR else np.nan

    @staticmethod
    def face(cut: np.ndarray, points: np.ndarray) -> Faces:
        """Return a crop as a batch of one face."""
        image = torch.from_numpy(cut).permute(2, 0, 1)[None].float() / 127.5 - 1
        where = torch.from_numpy(points).float()[None]
        return Faces(image=image, points=where, domain=torch.zeros(1, dtype=torch.int64))


if __name__ == "__main__":
    main()
