"""A chart of the beard: places named by coordinates (s, t) that every face has, and how thickly hair grows there.

A place is a weighted sum of the 68 landmarks with weights that do not depend on the face. Hair therefore stays on its
spot of the skin when a mouth opens or a head turns, everything is linear in the landmarks and finite for any, and a
mirrored face has a mirrored chart.

Two patches make up the chart, both strips between two borders: the *beard* runs along the jaw from sideburn to
sideburn (s = 0 to 16, the jaw's own numbers), from the neck (t = 0) to the cheek line and the lower lip (t = 1); the
*moustache* from corner to corner of the mouth (s = 0 to 8), from the upper lip (t = 0) to the nose (t = 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]
    Place = dict[int, float]

__all__ = ["PATCHES", "Patch", "Spots"]


@dataclass(frozen=True, eq=False)
class Spots:
    """N places of a patch: each is `weights @ points`, `along` and `across` @ points are its derivatives by s and t.

    `weights`, `along`, `across` are (N, 68), `density` (N,) in [0, 1], and `cell` how much of (s, t) one spot stands
    for, so that `cell` times the area |along x across| is the area of skin around it.
    """

    s: Floats
    t: Floats
    weights: Floats
    along: Floats
    across: Floats
    density: Floats
    cell: float


@dataclass(frozen=True, eq=False)
class Patch:
    """A strip between its borders `low` (t = 0) and `high` (t = 1), (knots, 68) weights of the landmarks at whole s.

    Hair thins out towards the borders over a share of t, `low_fade` and `high_fade` (knots,), and towards both ends of
    the strip over `ends` steps of s.
    """

    low: Floats
    high: Floats
    low_fade: Floats
    high_fade: Floats
    ends: float

    @property
    def steps(self) -> int:
        """The s of the far end."""
        return len(self.low) - 1

    def at(self, s: Floats, t: Floats, cell: float) -> Spots:
        """The places at `s` in [0, steps] and `t` in [0, 1], both (N,)."""
        place, slope = _cubic(s, self.steps)
        across = (high := place @ self.high) - (low := place @ self.low)
        along = (1 - t)[:, None] * (slope @ self.low) + t[:, None] * (slope @ self.high)
        weights = (1 - t)[:, None] * low + t[:, None] * high
        return Spots(s, t, weights, along, across, self.thickness(s, t), cell)

    def thickness(self, s: Floats, t: Floats) -> Floats:
        """How thickly hair grows at `s` and `t`, both (N,), in [0, 1]."""
        knots = np.arange(self.steps + 1)
        fades = (np.maximum(np.interp(s, knots, fade), 1e-3) for fade in (self.low_fade, self.high_fade))
        density = _smooth(t / next(fades)) * _smooth((1 - t) / next(fades))
        density *= _smooth(np.minimum(s, self.steps - s) / self.ends)
        # Hairs are longer than they lie apart: skin shows through only where they are few.
        return np.asarray(density**1.3)

    def place(self, points: Floats, s: Floats, t: Floats) -> tuple[Floats, Floats, Floats]:
        """Where `s` and `t` are on a face with `points` (68, 2), and the derivatives by s and by t, all (N, 2).

        As by `at`, but for a hundredth of a step of s, and faster where there are many.
        """
        fine = np.linspace(0, self.steps, 50 * self.steps + 1)
        place, slope = _cubic(fine, self.steps)
        low, high = self.low @ points, self.high @ points
        borders = np.concatenate([table @ border for table in (place, slope) for border in (low, high)], axis=1)
        columns = np.stack([np.interp(s, fine, each) for each in borders.T], axis=1)
        low, high, low_slope, high_slope = np.split(columns, 4, axis=1)
        share = t[:, None]
        return low + share * (high - low), low_slope + share * (high_slope - low_slope), high - low

    def grid(self, per_step: int, rows: int) -> Spots:
        """Places in even rows and columns, each at the middle of its cell."""
        columns = (np.arange(self.steps * per_step) + 0.5) / per_step
        s, t = np.meshgrid(columns, (np.arange(rows) + 0.5) / rows, indexing="ij")
        return self.at(s.ravel(), t.ravel(), 1 / (per_step * rows))

    def scatter(self, count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
        """The s and t of `count` places strewn evenly but without order."""
        # An additive recurrence (Roberts 2018, "The unreasonable effectiveness of quasirandom sequences"), shaken.
        golden = 1.32471795724
        order = np.arange(count)[:, None] / np.array([golden, golden**2])
        places = (order + rng.uniform(0, 0.5, (count, 2)) / np.sqrt(count)) % 1
        return places[:, 0] * self.steps, places[:, 1]


def _cubic(s: Floats, steps: int) -> tuple[Floats, Floats]:
    """Catmull-Rom weights of the knots 0 ... `steps` at `s`, and their derivatives, both (N, steps + 1)."""
    left = np.clip(np.floor(s), 0, steps - 1).astype(int)
    f = (s - left)[:, None]
    one = np.ones_like(f)
    values = np.hstack([-f + 2 * f**2 - f**3, 2 - 5 * f**2 + 3 * f**3, f + 4 * f**2 - 3 * f**3, f**3 - f**2]) / 2
    slopes = np.hstack([4 * f - 3 * f**2 - one, 9 * f**2 - 10 * f, one + 8 * f - 9 * f**2, 3 * f**2 - 2 * f]) / 2
    place, slope = np.zeros((2, len(s), steps + 3))
    rows = np.arange(len(s))[:, None]
    for table, numbers in ((place, values), (slope, slopes)):
        table[rows, left[:, None] + np.arange(4)] = numbers
        # The knots beyond the ends continue the line through the last two.
        table[:, 1] += 2 * table[:, 0]
        table[:, 2] -= table[:, 0]
        table[:, -2] += 2 * table[:, -1]
        table[:, -3] -= table[:, -1]
    return place[:, 1:-1], slope[:, 1:-1]


def _smooth(ramp: Floats) -> Floats:
    ramp = np.clip(ramp, 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp))


def _mirror(index: int) -> int:
    """The number of landmark `index` on a mirrored face: jaw, bridge of the nose, its base, upper and lower lip."""
    if index < 17:
        return 16 - index
    if index < 31:
        return index
    for first, last in ((31, 35), (48, 54), (55, 59)):
        if first <= index <= last:
            return first + last - index
    raise ValueError(f"landmark {index} is no part of the chart")


def _border(half: list[Place]) -> Floats:
    """The knots of a border (knots, 68) from its right half, the person's own; the last of them is in the middle."""
    mirrored = [{_mirror(index): share for index, share in place.items()} for place in half[-2::-1]]
    table = np.zeros((2 * len(half) - 1, 68))
    for row, place in enumerate([*half, *mirrored]):
        for index, share in place.items():
            table[row, index] = share
    return table


def _both(half: list[float]) -> Floats:
    """Numbers for all knots from those of the right half."""
    return np.array(half + half[-2::-1])


def _beyond(jaw: int, share: float) -> Place:
    """A point of the jaw, pushed away from the base of the nose by a share of its distance."""
    return {jaw: 1 + share, 33: -share}


_BEARD = Patch(
    low=_border(
        [_beyond(jaw, share) for jaw, share in enumerate([0.0, 0.03, 0.08, 0.13, 0.16, 0.17, 0.16, 0.15, 0.15])]
    ),
    high=_border(
        [
            {0: 0.9, 27: 0.1},
            {1: 0.8, 29: 0.2},
            {2: 0.66, 31: 0.34},
            {3: 0.42, 48: 0.36, 31: 0.22},
            {4: 0.17, 48: 0.70, 31: 0.13},
            {5: 0.08, 48: 0.92},
            {6: 0.05, 48: 0.35, 59: 0.60},
            {7: 0.03, 58: 0.97},
            {8: 0.02, 57: 0.98},
        ]
    ),
    low_fade=_both([0.3, 0.28, 0.25, 0.25, 0.25, 0.22, 0.2, 0.22, 0.25]),
    high_fade=_both([0.9, 0.9, 0.9, 0.9, 0.75, 0.3, 0.35, 0.35, 0.1]),
    ends=1.8,
)

_MOUSTACHE = Patch(
    low=_border([{48: 0.68, 5: 0.32}, {48: 1.0}, {49: 1.0}, {50: 1.0}, {51: 1.0}]),
    high=_border(
        [
            {48: 0.64, 3: 0.36},
            {48: 0.66, 31: 0.2, 2: 0.14},
            {49: 0.40, 31: 0.60},
            {50: 0.22, 32: 0.78},
            {51: 0.18, 33: 0.82},
        ]
    ),
    low_fade=_both([0.2, 0.05, 0.05, 0.05, 0.05]),
    high_fade=_both([0.4, 0.35, 0.3, 0.3, 0.5]),
    ends=0.5,
)

PATCHES = (_BEARD, _MOUSTACHE)
"""The beard, then the moustache."""
