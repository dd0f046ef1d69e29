"""Make `photographs.jpg`: rows of a photo, young and old.

Usage: python make_photographs.py points.json photo.jpg ... (points of each photo by its path as given, in pixels).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from ptk.faces.crop import Crop
from ptk_aging.domains import Old, Young

SIDE, COLUMNS = 190, 2


def main() -> None:
    """Render the photos and put their faces side by side, two people a row."""
    known = json.loads(Path(sys.argv[1]).read_text())
    people = []
    for name in sys.argv[2:]:
        pixels, points = np.asarray(Image.open(name).convert("RGB")), np.array(known[name])
        crop, unit = Crop.around(points, margin=3.4), points / pixels.shape[1::-1]
        ages = (pixels, *(domain().render(pixels, unit, 1.0) for domain in (Young, Old)))
        people.append(np.hstack([crop.cut(each, SIDE) for each in ages]))
    rows = [np.hstack(people[first : first + COLUMNS]) for first in range(0, len(people), COLUMNS)]
    Image.fromarray(np.vstack(rows)).save(Path(__file__).with_name("photographs.jpg"), quality=78)


if __name__ == "__main__":
    main()
