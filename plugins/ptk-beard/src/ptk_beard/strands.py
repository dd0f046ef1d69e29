"""Grows the hairs of a beard on one face: curves in its pixels, and how light each is.

Chance is drawn once, for the chart, and not for a face: a hair is the same hair on every photo of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ptk_beard.chart import PATCHES, Spots

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Strands", "grow", "size_of"]

_SEED = 68
_ROOTS = (28000, 12000)
"""Candidates in each patch: a face keeps those that it has the skin for."""

_HAIRS = 3400.0
"""Hairs on an area of the face's size squared, where the beard is thickest."""

_HALF_WIDTH = 0.0052
"""Of a hair, as a share of the face's size."""

_STATIONS = np.array([0.0, 0.3, 0.65, 1.0])
_TAPER = np.array([0.8, 1.0, 0.7, 0.0])


@dataclass(frozen=True, eq=False)
class Strands:
    """Hairs of one face: `outlines` (N, 7, 2) in pixels, to be filled in this order; their `shade` (N,), about 1."""

    outlines: Floats
    shade: Floats


@dataclass(frozen=True, eq=False)
class _Roots:
    """Everything about the hairs of a patch that does not depend on the face.

    `chance` in [0, 1] says who is thinned out first, `turn` is in radians, `bend`, `length` and `shade` are relative;
    `flow` (N, 4) holds a length as a share of the face's size, and how much of down, along the jaw towards the chin
    and away from the nose a hair's heading has.
    """

    spots: Spots
    chance: Floats
    turn: Floats
    bend: Floats
    length: Floats
    shade: Floats
    flow: Floats


def size_of(points: Floats) -> float:
    """How large a face is: the root mean square distance of its `points` (68, 2) from their middle, in their unit."""
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


def grow(points: Floats, length: float, density: float) -> Strands:
    """The hairs on a face with `points` (68, 2) in pixels, lower ones before those that lie over them."""
    size = max(size_of(points), 1e-6)
    grown = [_grown(points, size, patch, length, density) for patch in range(len(PATCHES))]
    return Strands(*(np.concatenate(parts) for parts in zip(*grown, strict=True)))


def _grown(points: Floats, size: float, patch: int, length: float, density: float) -> tuple[Floats, Floats]:
    """The outlines and shades of the hairs of one patch."""
    roots = _roots(patch)
    spots = roots.spots
    along, across = spots.along @ points, spots.across @ points
    area = np.abs(along[:, 0] * across[:, 1] - along[:, 1] * across[:, 0]) / size**2
    kept = roots.chance < _HAIRS * density * spots.density * area * spots.cell
    start, rank, flow = (spots.weights @ points)[kept], spots.density[kept], roots.flow[kept]
    down = _unit(points[8] - points[27])
    # Towards the chin on both sides of it.
    along = along[kept] * np.sign(PATCHES[patch].steps / 2 - spots.s[kept])[:, None]
    heading = flow[:, 1:2] * down + flow[:, 2:3] * _unit(along) + flow[:, 3:4] * _unit(start - points[33])
    heading = _turned(_unit(heading), roots.turn[kept])
    normal = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    # Hair at the borders of the beard is short and fine.
    reach = flow[:, 0] * roots.length[kept] * (0.35 + 0.65 * rank) * length * size
    half = _HALF_WIDTH * size * (0.6 + 0.4 * rank)
    # Each bends a little to one side, and all bend down.
    bent = 0.35 * roots.bend[kept, None] * normal + 0.25 * down
    tau = _STATIONS[:, None]
    curve = start[:, None] + reach[:, None, None] * (tau * heading[:, None] + tau**2 * bent[:, None])
    offset = normal[:, None] * (half[:, None] * _TAPER)[..., None]
    outlines = np.concatenate([curve + offset, (curve - offset)[:, 2::-1]], axis=1)
    order = np.argsort(-(start @ down), kind="stable")
    return outlines[order], roots.shade[kept][order]


@cache
def _roots(patch: int) -> _Roots:
    rng = np.random.default_rng([_SEED, patch])
    count = _ROOTS[patch]
    spots = PATCHES[patch].scattered(count, rng)
    locks = _locks(spots, rng)
    shade = 1 + 0.18 * locks[1] + 0.25 * rng.normal(size=count)
    if patch == 0:
        # Less light comes under the jaw, and under the lower lip.
        shade *= np.interp(spots.t, [0, 0.35, 0.8, 1], [0.62, 1.0, 1.0, 0.85])
    return _Roots(
        spots=spots,
        chance=rng.uniform(size=count),
        turn=0.30 * locks[0] + 0.22 * rng.normal(size=count),
        bend=0.5 * rng.normal(size=count),
        length=np.clip(1 + 0.2 * locks[2] + 0.25 * rng.normal(size=count), 0.4, 1.8),
        shade=shade,
        flow=_moustache_flow(spots) if patch else _beard_flow(spots),
    )


def _locks(spots: Spots, rng: np.random.Generator) -> Floats:
    """Three noises (3, N) that neighbouring hairs share: what lies together turns and shines together."""
    lattice = rng.normal(size=(3, 66, 14))
    x, y = spots.s * 4, spots.t * 12
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    f, g = x - i, y - j
    near = lattice[:, i, j] * (1 - f) + lattice[:, i + 1, j] * f
    far = lattice[:, i, j + 1] * (1 - f) + lattice[:, i + 1, j + 1] * f
    noise: Floats = near * (1 - g) + far * g
    return noise


def _beard_flow(spots: Spots) -> Floats:
    """Sideburns hang, the cheeks' hair follows the jaw, and what grows on the chin stands away from it."""
    side = np.minimum(spots.s, 16 - spots.s)
    length = np.interp(side, [0, 2, 4, 6, 8], [0.10, 0.13, 0.18, 0.23, 0.25])
    length *= np.interp(spots.t, [0, 0.5, 1], [1.0, 0.95, 0.7])
    down = np.interp(side, [0, 3, 6, 8], [1.0, 0.7, 0.7, 0.8])
    along = np.interp(side, [0, 3, 6, 8], [0.3, 0.35, 0.15, 0.0])
    out = np.interp(side, [0, 3, 6, 8], [0.0, 0.1, 0.3, 0.3])
    return np.stack([length, down, along, out], axis=1)


def _moustache_flow(spots: Spots) -> Floats:
    """Combed from the middle to the corners of the mouth, and down."""
    side = np.minimum(spots.s, 8 - spots.s)
    length = np.interp(side, [0, 1, 2, 4], [0.22, 0.24, 0.22, 0.17])
    down = np.interp(side, [0, 1, 2, 4], [0.9, 0.7, 0.6, 0.9])
    along = np.interp(side, [0, 1, 2, 3.5, 4], [-0.2, -0.5, -0.7, -0.5, 0.0])
    return np.stack([length, down, along, np.zeros_like(down)], axis=1)


def _unit(vectors: Floats) -> Floats:
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return unit


def _turned(vectors: Floats, angles: Floats) -> Floats:
    """`vectors` (N, 2) turned by `angles` (N,) in radians."""
    cosine, sine = np.cos(angles), np.sin(angles)
    x, y = vectors.T
    return np.stack([x * cosine - y * sine, x * sine + y * cosine], axis=1)
