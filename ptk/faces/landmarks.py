"""Landmarks of a face: their JSON, their mirror image, their contours.

Points are continuous pixel coordinates of the upright photo: the photo spans [0, width] x [0, height], the centre of
its first pixel is (0.5, 0.5). A person's right eye is on the left of the picture and has the lower indices.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ptk.errors import LandmarksError
from ptk.faces.crop import Crop
from ptk.faces.topologies import IBUG68, TOPOLOGIES, Topology, find_topology
from ptk.faces.topology import CONTOURS, EYELIDS, MIRROR, OUTER_EYE_CORNERS, REGIONS, point_name
from ptk.files import read_json_object, shorten_json, write_bytes
from ptk.motion import face_geometry
from ptk.motion.smooth_flow import carry_points
from ptk.types import Landmarks

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8
    from torch import Tensor

    from ptk.faces.images import Photo

    Points = TypeVar("Points", np.ndarray, Tensor)

__all__ = [
    "CONTOURS",
    "MIRROR",
    "REGIONS",
    "SCHEMA",
    "draw_landmarks",
    "encode_landmarks",
    "eye_distance",
    "make_landmarks",
    "mirrored",
    "move_landmarks",
    "point_name",
    "read_landmarks",
    "write_landmarks",
]

SCHEMA = "ptk.landmarks/1"

_MEND = "run `write_landmarks` again"


def make_landmarks(topology: Topology, points: Float[np.ndarray, "count 2"], **photo: Any) -> Landmarks:
    """Make landmarks of all `points` of a `topology`; `photo` are the other fields of `Landmarks`."""
    if topology.places is None:
        return Landmarks(points=points, topology=topology.name, **photo)
    return Landmarks(points=topology.to_anatomy(points), topology=topology.name, dense=points, **photo)


def move_landmarks(landmarks: Landmarks, points: Float[np.ndarray, "68 2"]) -> Landmarks:
    """Move the 68 landmarks to `points`, and all those of a denser topology with them (`carry_points`)."""
    if landmarks.dense is None:
        return replace(landmarks, points=points)
    topology, side = TOPOLOGIES[landmarks.topology], Crop.around(landmarks.points).side
    start, goal = (np.asarray(each, dtype=np.float64)[None] / side for each in (landmarks.dense, points))
    # These are for a file, which weights of any geometry take as it is: the method of today carries them.
    dense = (carry_points(start, goal, topology, face_geometry.CURRENT)[0] * side).astype(np.float32)
    return replace(landmarks, points=topology.to_anatomy(dense), dense=dense)


def mirrored(points: Points, width: float) -> Points:
    """`points` (..., 68, 2) of the picture mirrored left to right; `width` of the picture in the points' unit."""
    swapped = points[..., list(MIRROR), :]
    swapped[..., 0] = width - swapped[..., 0]
    return swapped


def eye_distance(points: Float[np.ndarray, "*batch 68 2"]) -> Any:
    """Distance of the outer eye corners, in the points' unit: the usual norm for landmark errors (300-W)."""
    right, left = (points[..., corner, :] for corner in OUTER_EYE_CORNERS)
    return np.linalg.norm(left - right, axis=-1)


def read_landmarks(path: str | Path, photo: Photo | None = None) -> Landmarks:
    """The landmarks in the JSON at `path`, held against `photo` when it is given. Raises LandmarksError in one line.

    Without a sha256 in the file only the size of the photo is compared. Points may lie outside the photo, by as much
    as its larger side.
    """
    path = Path(path)
    try:
        landmarks = _landmarks(read_json_object(path, SCHEMA, "landmarks file", "coordinate", _MEND, LandmarksError))
        if photo is not None:
            _check_photo(landmarks, photo)
    except LandmarksError as error:
        raise LandmarksError(f"{path}: {error}") from error
    return landmarks


def write_landmarks(path: str | Path, landmarks: Landmarks) -> None:
    """Write `landmarks` as JSON, one point a line with two decimals. Raises OutputError."""
    write_bytes(path, encode_landmarks(landmarks, decimals=2))


def encode_landmarks(landmarks: Landmarks, *, decimals: int) -> bytes:
    """Encode `landmarks` as JSON, one point a line. With 9 `decimals` they are read back to the last bit."""
    photo = {"width": landmarks.width, "height": landmarks.height, "sha256": landmarks.sha256}
    points = ",\n".join(f"    [{x:.{decimals}f}, {y:.{decimals}f}]" for x, y in landmarks.all_points.tolist())
    circles = "" if landmarks.irises is None else np.round(landmarks.irises.astype(float), decimals).tolist()
    irises = f',\n  "irises": {json.dumps(circles)}' if circles else ""
    lines = [
        "{",
        f'  "schema": {json.dumps(SCHEMA)},',
        f'  "topology": {json.dumps(landmarks.topology)},',
        f'  "photo": {json.dumps(photo)},',
        f'  "detector": {json.dumps(landmarks.detector)},',
        f'  "points": [\n{points}\n  ]{irises}',
        "}",
        "",
    ]
    return "\n".join(lines).encode()


def draw_landmarks(
    pixels: UInt8[np.ndarray, "height width 3"], points: Float[np.ndarray, "count 2"]
) -> UInt8[np.ndarray, "height width 3"]:
    """A copy of `pixels` with the contours as thin lines and the points as dots, smooth, in two colours.

    The `points` are the 68, or all of another topology.
    """
    from PIL import Image, ImageDraw

    topology = find_topology(len(points)) or IBUG68
    size = max(1.0, float(eye_distance(topology.to_anatomy(points))) / (60 if topology is IBUG68 else 120))
    margin = 4 * size
    low = np.floor(np.maximum(points.min(axis=0) - margin, 0)).astype(int)
    high = np.ceil(np.minimum(points.max(axis=0) + margin, pixels.shape[1::-1])).astype(int)
    if (high <= low).any():
        return pixels.copy()
    fine = 4 if (high - low).max() <= 2000 else 2
    extent = tuple(int(side) for side in high - low)
    ink = [Image.new("L", (extent[0] * fine, extent[1] * fine)) for _ in range(2)]
    lines, dots = (ImageDraw.Draw(layer) for layer in ink)
    placed = (np.asarray(points, dtype=np.float64) - low) * fine
    for contour in topology.contours:
        lines.line([tuple(placed[index]) for index in contour], fill=255, width=max(1, round(size * fine * 0.7)))
    radius = size * fine
    for x, y in placed:
        dots.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    drawn = Image.fromarray(pixels)
    for layer, colour in zip(ink, ((255, 255, 255), (0, 200, 90)), strict=True):
        drawn.paste(colour, (int(low[0]), int(low[1])), layer.reduce(fine))
    return np.array(drawn)


def _landmarks(content: dict[str, Any]) -> Landmarks:
    name = content.get("topology")
    topology = TOPOLOGIES.get(name) if isinstance(name, str) else None
    if topology is None:
        known = " or ".join(f'"{each}"' for each in TOPOLOGIES)
        raise LandmarksError(f'its "topology" is {shorten_json(name)}, not {known}')
    photo = content.get("photo")
    if not isinstance(photo, dict):
        raise LandmarksError('has no "photo" with width and height')
    for extent in ("width", "height"):
        side = photo.get(extent)
        if isinstance(side, bool) or not isinstance(side, int) or not 1 <= side <= 1_000_000:
            raise LandmarksError(f'"{extent}" of "photo" is {shorten_json(side)}, not a number of pixels')
    width, height = photo["width"], photo["height"]
    sha256 = photo.get("sha256", "")
    if not isinstance(sha256, str) or not re.fullmatch("([0-9a-f]{64})?", sha256):
        raise LandmarksError('"sha256" of "photo" is not 64 hexadecimal digits; without it only the size is compared')
    detector = content.get("detector", "")
    if not isinstance(detector, str):
        raise LandmarksError('"detector" is not text')
    side = float(max(width, height))
    points = _points(content.get("points"), side, topology)
    irises = _irises(content["irises"], side) if "irises" in content else None
    photo = {"width": width, "height": height, "sha256": sha256, "detector": detector, "irises": irises}
    return make_landmarks(topology, points, **photo)


def _points(rows: Any, side: float, topology: Topology) -> Float[np.ndarray, "count 2"]:
    if not isinstance(rows, list):
        raise LandmarksError('has no "points"')
    if len(rows) != topology.count:
        raise LandmarksError(f"has {len(rows)} points, not {topology.count}")
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != 2 or not all(type(value) in (int, float) for value in row):
            raise LandmarksError(f"{topology.name_point(number)}, is {shorten_json(row)}, not [x, y]")
        if not all(-side <= value <= 2 * side for value in row):
            raise LandmarksError(f"{topology.name_point(number)}, is {shorten_json(row)}, far outside the photo")
    return np.array(rows, dtype=np.float32)


def _irises(rows: Any, side: float) -> Float[np.ndarray, "2 3"]:
    if not isinstance(rows, list) or len(rows) != len(EYELIDS):
        raise LandmarksError(f'"irises" is {shorten_json(rows)}, not [x, y, radius] of the right and of the left one')
    for name, row in zip(("right", "left"), rows, strict=True):
        if not isinstance(row, list) or len(row) != 3 or not all(type(value) in (int, float) for value in row):
            raise LandmarksError(f"the {name} iris is {shorten_json(row)}, not [x, y, radius]")
        if not (all(-side <= value <= 2 * side for value in row) and row[2] > 0):
            raise LandmarksError(f"the {name} iris is {shorten_json(row)}, far outside the photo, or no circle")
    return np.array(rows, dtype=np.float32)


def _check_photo(landmarks: Landmarks, photo: Photo) -> None:
    if (landmarks.width, landmarks.height) != (photo.width, photo.height):
        raise LandmarksError(
            f"belongs to a photo of {landmarks.width} x {landmarks.height} pixels, "
            f"{photo.path} has {photo.width} x {photo.height}; run `write_landmarks` on it"
        )
    if landmarks.sha256 and landmarks.sha256 != photo.sha256:
        raise LandmarksError(
            f"belongs to another file than {photo.path} (same size, other sha256); run `write_landmarks` on it, "
            'or empty "sha256" if it shows the same'
        )
