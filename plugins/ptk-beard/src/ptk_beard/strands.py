"""Grows the hairs of a beard on one face: spots along curves in its pixels, and how light each is.

Chance is drawn once, for the chart, and not for a face: a hair is the same hair on every photo of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from ptk_beard.chart import PATCHES
from ptk_beard.skin import ramp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ptk_beard.skin import Skin

    Floats = NDArray[np.floating]

__all__ = ["LAYERS", "Cover", "Hairs", "grow", "size_of", "split_by_length"]

Cover = Literal["full", "goatee", "moustache"]

LAYERS = 4
"""Hairs lie in so many layers, the first below."""

_SEED = 68
_ROOTS = (60000, 10000)
"""Candidates in each patch: a face keeps those that it has the skin for."""

_HAIRS = 8500.0
"""Hairs on an area of the face's size squared, where the beard is thickest."""

_WIDTH = 0.0066
"""Of a hair, as a share of the face's size: as of some that stick together."""

_IN_LAYERS = (0.4, 0.7, 0.9)
"""The share of hairs up to each layer but the last."""

_THINNEST = 0.004
"""Of the thickest: where hair grows more thinly there is none."""

_SHORTEST = 0.012
"""Of the face's size: nothing is shorter."""


@dataclass(frozen=True, eq=False)
class Hairs:
    """N hairs of one face, all (N,) but for the vectors (N, 2) in pixels.

    Each starts at `start`, grows along `heading` (of length 1) over `reach` pixels, bends by `bend`, and waves across
    its way by `wave` shares of its reach from a `phase`. `width` is in pixels, `shade` about 1, `depth` in [0, 1] how
    thickly hair grows around, `layer` below LAYERS, and `chance` in [0, 1].
    """

    start: Floats
    heading: Floats
    bend: Floats
    reach: Floats
    width: Floats
    wave: Floats
    phase: Floats
    shade: Floats
    depth: Floats
    layer: NDArray[np.intp]
    chance: Floats

    def take(self, rows: NDArray[np.intp]) -> Hairs:
        """Those hairs alone."""
        return Hairs(*(getattr(self, field.name)[rows] for field in fields(self)))

    def trace(self, count: int) -> tuple[Floats, Floats]:
        """`count` places along each hair, (N, count, 2), and their `along` in [0, 1], (count,)."""
        along = ((np.arange(count) + 0.5) / count).astype(np.float32)
        ahead, aside = self.reach[:, None, None], np.stack([-self.heading[:, 1], self.heading[:, 0]], axis=1)
        curve = along[:, None] * self.heading[:, None] + (along**2)[:, None] * self.bend[:, None]
        sway = self.wave[:, None] * (np.sin(5 * along + self.phase[:, None]) - np.sin(self.phase)[:, None])
        curve = curve + (sway * along)[..., None] * aside[:, None]
        return self.start[:, None] + ahead * curve, along


@dataclass(frozen=True, eq=False)
class _Roots:
    """Everything about the hairs of a patch that does not depend on the face.

    `chance` in [0, 1] says who is thinned out first, `turn` is in radians, `bend`, `length` and `shade` are relative;
    `flow` (N, 4) holds a length as a share of the face's size, and how much of down, along the jaw towards the chin
    and away from the nose a hair's heading has.
    """

    s: Floats
    t: Floats
    density: Floats
    chance: Floats
    turn: Floats
    bend: Floats
    length: Floats
    shade: Floats
    flow: Floats
    phase: Floats
    layer: NDArray[np.intp]
    other: Floats


def size_of(points: Floats) -> float:
    """How large a face is: the root mean square distance of its `points` (68, 2) from their middle, in their unit."""
    return float(np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=1).mean()))


def grow(points: Floats, skin: Skin, length: float, density: float, cover: Cover) -> Hairs:
    """The hairs on a face with `points` (68, 2) in pixels, rooted in its `skin`."""
    size = max(size_of(points), 1e-6)
    grown = [_grow(points, size, skin, patch, length, density, cover) for patch in range(len(PATCHES))]
    joined = {field.name: np.concatenate([getattr(part, field.name) for part in grown]) for field in fields(Hairs)}
    layer = joined.pop("layer")
    return Hairs(layer=layer, **{name: each.astype(np.float32) for name, each in joined.items()})


def split_by_length(hairs: Hairs, step: float) -> list[tuple[Hairs, int]]:
    """Hairs of about one length together, and how many places a `step` of pixels apart each then needs."""
    counts = np.ceil(hairs.reach / step).astype(int).clip(2, 400)
    bounds = [0, *(2 ** np.arange(2, 9)), 400]
    parts = []
    for low, high in pairwise(bounds):
        rows = np.flatnonzero((counts > low) & (counts <= high))
        if len(rows):
            parts.append((hairs.take(rows), int(counts[rows].max())))
    return parts


def _grow(points: Floats, size: float, skin: Skin, patch: int, length: float, density: float, cover: Cover) -> Hairs:
    roots = _roots(patch)
    start, along, across = PATCHES[patch].place(points, roots.s, roots.t)
    area = np.maximum(along[:, 1] * across[:, 0] - along[:, 0] * across[:, 1], 0) / size**2  # 0 where the chart folds
    thick = roots.density * _cover_share(patch, roots, cover)
    bare: Floats = ramp(skin.look(skin.share, start), 0.25, 0.75)
    if patch == 0:
        bare = bare * _find_same_skin(points, start, roots, skin) * _turn_away(points, roots.s)
    kept = np.flatnonzero(roots.chance < _HAIRS * density * thick * bare * area * PATCHES[patch].steps / _ROOTS[patch])
    start, flow = start[kept], roots.flow[kept]
    thick, bare = np.asarray(thick[kept]), np.asarray(bare[kept])
    down = _unit(points[8] - points[27])
    # Towards the chin on both sides of it.
    inwards = along[kept] * np.sign(PATCHES[patch].steps / 2 - roots.s[kept])[:, None]
    heading: Floats = flow[:, 1:2] * down + flow[:, 2:3] * _unit(inwards) + flow[:, 3:4] * _unit(start - points[33])
    heading = _turn(_unit(heading), roots.turn[kept])
    aside = np.stack([-heading[:, 1], heading[:, 0]], axis=1)
    # Hair at the borders of the beard is short and fine.
    reach = flow[:, 0] * roots.length[kept] * (0.5 + 0.5 * thick) * length * (0.4 + 0.6 * bare)
    limp = np.clip(reach / 0.25, 0.15, 1.2)[:, None]
    return Hairs(
        start=start,
        heading=heading,
        bend=0.3 * roots.bend[kept, None] * aside + 0.4 * limp * down,
        reach=np.maximum(reach, _SHORTEST) * size,
        # Stubble is finer than hair that sticks together.
        width=_WIDTH * size * (0.25 + 0.75 * thick) * (0.5 + 0.5 * float(ramp(length, 0.05, 0.6))),
        wave=0.05 * roots.other[kept],
        phase=roots.phase[kept],
        shade=roots.shade[kept],
        depth=thick,
        layer=roots.layer[kept],
        chance=roots.other[kept],
    )


def _find_same_skin(points: Floats, start: Floats, roots: _Roots, skin: Skin) -> Floats:
    """How far places at the jaw and beyond have the colours of the skin beside them inside of the face, in [0, 1].

    A wall or a shirt may have colours of skin; what it has not is those of this skin. A neck may be darker.
    """
    fine = np.linspace(0, 16, 161)
    inner = PATCHES[0].place(points, fine, np.zeros_like(fine))[0]
    inner += 0.26 * (points[33] - inner)
    ours = np.log(skin.look(skin.picture, inner) + 0.04)
    ours = np.stack([np.interp(roots.s, fine, each) for each in ours.T], axis=1)
    theirs = np.log(skin.look(skin.picture, start) + 0.04)
    lighter = (theirs - ours).mean(axis=1)
    hue = np.linalg.norm(theirs - ours - lighter[:, None], axis=1)
    hue *= 1 - 0.45 * ramp(-lighter, 0.1, 0.5)  # shade has other colours
    same = (1 - ramp(hue, 0.16, 0.32)) * (1 - ramp(lighter, 0.2, 0.4)) * (1 - ramp(-lighter, 0.8, 1.3))
    return np.asarray(np.maximum(same, ramp(roots.t, 0.3, 0.45)))


def _turn_away(points: Floats, s: Floats) -> Floats:
    """Less hair on the side of the cheek that a turned face hides: its landmarks are guesses. (N,) in [0, 1]."""
    right = _unit(points[45] - points[36])
    beside = (points[33] - points[[1, 2, 3]].mean(axis=0), points[[13, 14, 15]].mean(axis=0) - points[33])
    sides = [float(each @ right) for each in beside]
    first, last = (float(ramp(side / max(*sides, 1e-6), 0.15, 0.4)) for side in sides)
    seen = np.where(s < 8, first, last)
    return np.asarray(seen + (1 - seen) * (1 - ramp(np.abs(s - 8), 1.5, 3.5)))


def _cover_share(patch: int, roots: _Roots, cover: Cover) -> Floats:
    """How thickly hair grows by the `cover` asked for, in [0, 1]."""
    if patch == 1:
        return np.ones_like(roots.s)
    aside = np.abs(roots.s - 8)
    if cover == "moustache":
        return np.zeros_like(aside)
    # Beside the tuft under the lower lip skin is bare.
    bare = ramp(aside, 0.3, 0.9) * (1 - ramp(aside, 1.3, 2.2)) * ramp(roots.t, 0.6, 0.95)
    share = (1 - 0.9 * bare) * ramp(8 - aside, 0.6, 3.6)
    return np.asarray(share if cover == "full" else share * (1 - ramp(aside, 2.0, 3.1)))


@cache
def _roots(patch: int) -> _Roots:
    rng = np.random.default_rng([_SEED, patch])
    count = _ROOTS[patch]
    s, t = PATCHES[patch].scatter(count, rng)
    grows = PATCHES[patch].thickness(s, t) > _THINNEST
    s, t, count = s[grows], t[grows], int(grows.sum())
    locks = _locks(s, t, rng)
    shade = 1.08 * np.exp(0.14 * locks[1] + 0.28 * rng.normal(size=count))
    if patch == 0:
        # Less light comes under the jaw, and under the lower lip.
        shade *= np.interp(t, [0, 0.35, 0.8, 1], [0.6, 1.0, 1.0, 0.85])
    order = rng.uniform(size=count)
    return _Roots(
        s=s,
        t=t,
        density=PATCHES[patch].thickness(s, t),
        # Hair grows in uneven patches, most visibly where it is thin.
        chance=rng.uniform(size=count) * np.exp(0.15 * locks[3]),
        turn=0.26 * locks[0] + 0.2 * rng.normal(size=count),
        bend=0.5 * rng.normal(size=count),
        length=np.clip(1 + 0.15 * locks[2] + 0.25 * rng.normal(size=count), 0.35, 1.7),
        shade=shade,
        flow=_moustache_flow(s) if patch else _beard_flow(s, t),
        phase=rng.uniform(0, 6.28, count),
        layer=np.searchsorted(_IN_LAYERS, order),
        other=rng.uniform(size=count),
    )


def _locks(s: Floats, t: Floats, rng: np.random.Generator) -> Floats:
    """Four noises (4, N) that neighbouring hairs share: what lies together turns and shines together."""
    lattice = rng.normal(size=(4, 98, 20))
    x, y = s * 6, t * 18
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    f, g = x - i, y - j
    near = lattice[:, i, j] * (1 - f) + lattice[:, i + 1, j] * f
    far = lattice[:, i, j + 1] * (1 - f) + lattice[:, i + 1, j + 1] * f
    return np.asarray(near * (1 - g) + far * g)


def _beard_flow(s: Floats, t: Floats) -> Floats:
    """Sideburns hang, the cheeks' hair follows the jaw, and what grows on the chin stands away from it."""
    side = np.minimum(s, 16 - s)
    length = np.interp(side, [0, 2, 4, 6, 8], [0.06, 0.08, 0.12, 0.17, 0.2])
    length *= np.interp(t, [0, 0.5, 1], [1.0, 0.9, 0.5])
    down = np.interp(side, [0, 3, 6, 8], [1.0, 0.8, 0.8, 0.9])
    along = np.interp(side, [0, 3, 6, 8], [0.1, 0.2, 0.12, 0.0])
    out = np.interp(side, [0, 3, 6, 8], [0.0, 0.1, 0.25, 0.2])
    return np.stack([length, down, along, out], axis=1)


def _moustache_flow(s: Floats) -> Floats:
    """Combed from the middle to the corners of the mouth, and down."""
    side = np.minimum(s, 8 - s)
    length = np.interp(side, [0, 1, 2, 4], [0.18, 0.2, 0.18, 0.14])
    down = np.interp(side, [0, 1, 2, 4], [0.95, 0.75, 0.65, 0.95])
    along = np.interp(side, [0, 1, 2, 3.5, 4], [-0.2, -0.5, -0.7, -0.45, 0.0])
    return np.stack([length, down, along, np.zeros_like(down)], axis=1)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def _turn(vectors: Floats, angles: Floats) -> Floats:
    """`vectors` (N, 2) turned by `angles` (N,) in radians."""
    cosine, sine = np.cos(angles), np.sin(angles)
    x, y = vectors.T
    return np.stack([x * cosine - y * sine, x * sine + y * cosine], axis=1)
