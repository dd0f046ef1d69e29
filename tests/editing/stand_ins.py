"""Stand-ins for what an Editor is made of, and photos for them: quick, and known to the pixel."""

from pathlib import Path

import numpy as np
from PIL import Image

from ptk.editing.editor import Editor
from ptk.editing.rendered import Rendered
from ptk.faces.align import FACE as SOLID
from ptk.faces.expressions import vocabulary
from ptk.types import Landmarks

SMILE = {"smile": 1.0}
FACE = (vocabulary().rest * 60 + (100, 80)).astype(np.float32)


class Network:
    """A translator that paints faces grey, and keeps where they were to go."""

    size = 64
    domains = ("photo",)
    face_flow = None

    def __init__(self) -> None:
        self.goals: list[np.ndarray] = []

    def render(self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> Rendered:
        self.goals.append(goal - start)
        return Rendered(np.full(cut.shape, 128.0, np.float32))


class Finds:
    """A detector that finds a face where the photo is bright."""

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        faces = {0: 0, 255: 1}.get(int(image[0, 0, 0]), 2)
        return [Landmarks(points=FACE, width=image.shape[1], height=image.shape[0])] * faces


def turned(degrees: float) -> np.ndarray:
    """The mean face after a turn to the right of the picture, in pixels."""
    sin, cos = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    seen = np.stack([SOLID[:, 0] * cos - SOLID[:, 2] * sin, SOLID[:, 1]], axis=-1)
    return np.asarray(seen * 60 + (100, 80), dtype=np.float32)


class Sees:
    """A detector that finds the same face everywhere, and more of it the brighter the photo is."""

    def __init__(self, **points: np.ndarray) -> None:
        self.points = points

    def detect(self, image: np.ndarray) -> list[Landmarks]:
        points = self.points[f"level{image[0, 0, 0]}"]
        return [Landmarks(points=points, width=image.shape[1], height=image.shape[0])]


def photo(path: Path, level: int = 255) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (200, 200), (level,) * 3).save(path)
    return path


def editor(**options: object) -> Editor:
    """One that finds faces where a photo is bright, and paints them grey."""
    return Editor(Network(), Finds(), "finds", **options)  # type: ignore[arg-type]
