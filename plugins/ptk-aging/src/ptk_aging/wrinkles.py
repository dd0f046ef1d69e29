"""The lines of an old face, carried over to the landmarks of another: fine lines, folds, redness, and spots."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.align import head_turn
from ptk.faces.topology import CHIN
from ptk.motion.smooth_flow import krige
from ptk_aging.face import Face, blur, ramp

if TYPE_CHECKING:
    from jaxtyping import Float, Float32

__all__ = ["carry_lines"]

_STEP = 12  # pixels between places at which the way to the map is computed
_REACH, _NOISE = 0.5, 0.02  # of landmarks: shares of the map, and of their motion
_SPOTS = ((0.018, 2.1, 2.7), (0.007, 2.6, 3.0))  # of spots: outer eye distances, and from where on noise is one
_TURNED = 0.4, 0.8  # radians: lines of a face that is turned further than the first are weaker
_NECK = 0.35  # of the map's side, below it: room for a neck
_EYES = 0.4  # of the map, between the eyes


@dataclass(frozen=True, eq=False)
class _Map:
    layers: Float32[np.ndarray, "side side 4"]
    points: Float[np.ndarray, "68 2"]


@cache
def _load() -> _Map:
    """The map: log ratios of fine lines, folds and redness, and how far a place is a spot."""
    import cv2

    folder = resources.files("ptk_aging") / "data"
    said = json.loads((folder / "wrinkles.json").read_text())
    levels = cv2.imdecode(np.frombuffer((folder / "wrinkles.webp").read_bytes(), np.uint8), cv2.IMREAD_COLOR_RGB)
    layers = (np.asarray(levels, dtype=np.float32) - 128) / 127 * np.asarray(said["range"], dtype=np.float32)
    side = len(layers)
    spots = np.zeros((side, side), np.float32)
    random = np.random.default_rng(72)
    for size, low, high in _SPOTS:
        noise = blur(random.standard_normal((side, side)).astype(np.float32), size * _EYES * side)
        spots = np.maximum(spots, ramp(noise / noise.std(), low, high))
    points = np.asarray(said["points"])
    layers = np.pad(np.dstack([layers, spots]), ((0, round(_NECK * side)), (0, 0), (0, 0)))
    layers[..., 0] += _draw_neck(layers.shape[:2], points[CHIN] * side, _EYES * side)
    return _Map(layers, points)


def _draw_neck(shape: tuple[int, ...], chin: np.ndarray, eyes: float) -> Float32[np.ndarray, "height side"]:
    """Rings around a neck and the folds that hang from the chin, as log ratios, in a picture of that `shape`."""
    x = (np.arange(shape[1], dtype=np.float32)[None] - np.float32(chin[0])) / np.float32(eyes)
    y = (np.arange(shape[0], dtype=np.float32)[:, None] - np.float32(chin[1])) / np.float32(eyes)
    neck = ramp(y, 0.06, 0.14) * (1 - ramp(y, 0.6, 0.75)) * (1 - ramp(np.abs(x), 0.35, 0.55))
    random = np.random.default_rng(3)
    wave = blur(random.standard_normal(shape).astype(np.float32), 0.05 * eyes)
    crepe = blur(random.standard_normal(shape).astype(np.float32), 0.006 * eyes)
    lines = 0.03 * crepe / crepe.std()
    for down, bent, width, depth in ((0.17, 0.25, 0.012, 0.2), (0.3, 0.3, 0.014, 0.22), (0.43, 0.35, 0.011, 0.16)):
        away = (y - down + bent * x * x - 0.012 * wave / wave.std()) / width
        lines += depth * ((0.55 * away - 1) * np.exp(-0.5 * away * away))
    for side in (-1, 1):
        away = (side * x - 0.13 - 0.08 * y - 0.006 * wave / wave.std()) / 0.035
        lines += 0.12 * away * np.exp(-0.5 * away * away) * ramp(y, 0.1, 0.3)
    return np.asarray(neck * lines)


def carry_lines(face: Face) -> Float32[np.ndarray, "height width 4"]:
    """Carry the map's layers to the pixels of the front of a `face`: 0 where it has none."""
    import cv2

    known = _load()
    side = known.layers.shape[1]
    own = (face.points - face.middle) @ np.linalg.inv(face.turn)
    spread = np.column_stack([own, np.ones(len(own))])
    fit = np.linalg.lstsq(spread, known.points, rcond=None)[0]
    columns, rows = (max(2, length // _STEP) for length in face.size)
    x, y = (
        (np.arange(count) + 0.5) * length / count - 0.5
        for count, length in zip((columns, rows), face.size, strict=True)
    )
    grid = (np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2) - face.middle) @ np.linalg.inv(face.turn)
    places = np.column_stack([grid, np.ones(len(grid))]) @ fit
    moved = places + krige(known.points[None], (spread @ fit)[None], places[None], reach=_REACH, noise=_NOISE)[0]
    field = (moved.reshape(rows, columns, 2) * side - 0.5).astype(np.float32)
    field = cv2.resize(field, face.size, interpolation=cv2.INTER_LINEAR)[face.front]
    seen = np.float32(1 - 0.85 * ramp(np.asarray(head_turn(face.points)), *_TURNED))
    return np.asarray(seen * cv2.remap(known.layers, field[..., 0], field[..., 1], cv2.INTER_LINEAR))
