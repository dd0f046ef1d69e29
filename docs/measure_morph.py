"""Measure films between two photos of a person: whether each frame shows the landmarks that lie between.

Run it as ``python docs/measure_morph.py NEUTRAL OTHER`` with the extra mediapipe. For seven frames by each way it
prints how far the landmarks that are found lie from those between (mean, % of the eye distance, in the first photo's
pose), and how far lips are apart and the mouth is wide: each should go one way.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Literal

import numpy as np

from ptk.editing.opening import open_editor
from ptk.faces.align import aligned
from ptk.faces.anatomy import lip_gap
from ptk.faces.images import read_photo
from ptk.faces.landmarks import eye_distance
from ptk.faces.topology import MOUTH_CORNERS, MOVING
from ptk.video.between import align_photo, morph_photos

WAYS: tuple[Literal["landmarks", "recursion"], ...] = ("landmarks", "recursion")
COUNT = 7


def main() -> None:
    """Print a table for each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    given = parser.parse_args()
    editor = open_editor(moving=["expression"])
    session = editor.open(read_photo(given.first))
    other = align_photo(editor, read_photo(given.second), session)
    first, second = session.faces[0].points, other.faces[0].points
    right, left = MOUTH_CORNERS
    for way in WAYS:
        print(f"{given.first.name} to {given.second.name} by {way}: frame | error, % | lips apart | mouth wide")
        gaps, widths = [], []
        for number, frame in enumerate(morph_photos(session, other, way, COUNT, True, False)):
            found = editor.detector.detect(frame)[0].points
            share = number / (COUNT - 1)
            between = (1 - share) * first + share * second
            moving = list(MOVING)
            error = np.linalg.norm(found - between, axis=1)[moving].mean() / eye_distance(first) * 100
            shape = aligned(found)
            gaps.append(float(lip_gap(shape)))
            widths.append(float(shape[left, 0] - shape[right, 0]))
            print(f"{number + 1} | {error:.2f} | {gaps[-1]:.3f} | {widths[-1]:.3f}")
        for name, values in (("lips apart", gaps), ("mouth wide", widths)):
            back = max(0.0, float(np.max(-np.diff(values) * np.sign(values[-1] - values[0]))))
            print(f"{name}: from {values[0]:.3f} to {values[-1]:.3f}, at most {back:.3f} the other way")


if __name__ == "__main__":
    main()
