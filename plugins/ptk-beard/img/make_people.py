"""Makes people.jpg of photos: beards above, other lengths and covers of the first in the middle, shaved below.

python img/make_people.py PHOTO ... --shave PHOTO ... ; six and three of them, each with one face.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from ptk.detectors.mediapipe68 import MediaPipe68
from ptk_beard.domain import Beard, Shaved
from ptk_beard.painter import FacePainter

SIDE = 190
OPTIONS = (
    {"length": 0.15}, {"length": 0.5}, {"length": 2}, {"cover": "goatee"}, {"cover": "moustache"}, {"colour": "red"}
)  # fmt: skip


def show(photo: Path, *domains: FacePainter) -> np.ndarray:
    """The face of a photo, (SIDE, SIDE times the domains and one, 3), first as it is."""
    pixels = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2RGB)
    points = MediaPipe68().detect(pixels)[0].points.astype(float)
    middle, reach = (points[27] + points[8]) / 2, 1.15 * float(np.linalg.norm(points[36] - points[45]))
    left, top = np.maximum(middle - reach, 0).astype(int)
    right, bottom = (middle + reach).astype(int)
    height, width = pixels.shape[:2]
    made = [pixels, *(domain.render(pixels, points / (width, height), 1.0) for domain in domains)]
    cut = [each[top:bottom, left:right] for each in made]
    return np.hstack([cv2.resize(each, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for each in cut])


def main() -> None:
    """Write people.jpg beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", type=Path, nargs=6)
    parser.add_argument("--shave", type=Path, nargs=3, required=True)
    chosen = parser.parse_args()
    pairs = [show(photo, Beard()) for photo in chosen.photos]
    rows = [np.hstack(pairs[:3]), np.hstack(pairs[3:])]
    rows.append(show(chosen.photos[0], *(Beard(**options) for options in OPTIONS))[:, SIDE:])
    rows.append(np.hstack([show(photo, Shaved()) for photo in chosen.shave]))
    picture = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(Path(__file__).with_name("people.jpg")), picture, [cv2.IMWRITE_JPEG_QUALITY, 80])


if __name__ == "__main__":
    main()
