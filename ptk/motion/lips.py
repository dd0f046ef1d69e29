"""Lips as lines: a flow between two faces' landmarks, made exact where lips meet and teeth come and go."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ptk.arrays import Array, arange, array_namespace, clip
from ptk.faces.topology import LIP_LINES, in_mouth
from ptk.motion.curves import curve
from ptk.motion.face_geometry import FaceGeometry, LipGeometry
from ptk.motion.local_frame import move_on, sampling_grid
from ptk.motion.mouth_frame import LEFT, LOWER, RIGHT, UPPER, MouthFrame

__all__ = ["Hollow", "HollowGeometry", "find_hollow", "move_lips"]

_LINES = tuple(in_mouth(line) for line in LIP_LINES)


def move_lips(flow: Array, source: Array, target: Array, geometry: FaceGeometry) -> tuple[Array, Array, Array]:
    """`flow` (B, 2, H, W), in shares of the sides, with every part of the mouth coming from the same part.

    And twice (B, 1, H, W) in [0, 1]: 1 where the mouth is open now and the source shows nothing of its inside, and
    1 where it is open further than the source shows, below the teeth.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1]. What is between two lines of the target's lips comes from
    between these lines of the source's; along the lips it comes from where `flow` says. Teeth hang from the upper lip
    and hardly change their height: a mouth that closes covers them from below, one that opens shows more below them.
    A smooth flow would squeeze them into a band between closed lips, or draw them out: mean squared error of the
    mouths of 8 people, smiling to neutral, was .0028 and .0053. Away from the lips it is `flow`.
    """
    xp = array_namespace(flow)
    height, width = flow.shape[-2:]
    here, there = (MouthFrame.around(points, height, width, geometry) for points in (target, source))
    moved = sampling_grid(flow)
    at, origin = here.pixels(height, width), there.inside(moved)
    columns = _Columns.of(here, there, at, origin)
    lines = columns.lines
    row, unseen, below = columns.carry(at[..., 1])
    found = there.outside(xp.stack([origin[..., 0], row], axis=-1))
    # 1 on the lips and between them, 0 away from them
    depth = xp.minimum(at[..., 1] - lines[0], lines[3] - at[..., 1])
    aside = xp.minimum(at[..., 0] - here.lips[:, RIGHT, :1], here.lips[:, LEFT, :1] - at[..., 0])
    share = clip(xp.minimum(depth, aside) / geometry.lips.fade + 1, 0.0, 1.0)
    share = share * _measure_level(here, at[..., 0]) * _measure_level(there, origin[..., 0])
    change = share[..., None] * (found - moved)
    shape = (flow.shape[0], 1, height, width)
    return move_on(flow, change), xp.reshape(unseen, shape), xp.reshape(below, shape)


@dataclass(frozen=True)
class HollowGeometry:
    """Where a mouth is taken to be hollow, in its widths.

    It is from `room` below the teeth on, and in part from less. `bare` above their edge it begins: what is there of
    them is dark, or the lip that was before them. It goes `cover` over the edge of the lower lip, where slivers of
    teeth would stay.
    """

    room: float = 0.03
    bare: float = 0.005
    cover: float = 0.012


_HOLLOW = HollowGeometry()


@dataclass(frozen=True, eq=False)
class Hollow:
    """Where a mouth is open further than its source shows, below the teeth, each (B, 1, H, W).

    `share` in [0, 1] is how much of a pixel is hollow. `teeth` is how far it is below the teeth's edge and `lip` how
    far above the inner edge of the lower lip, in widths of the mouth; `across` runs from -1 to 1 between the corners.
    `shown` in [0, 1] is how much of a pixel is inside of the mouth above that, which the source shows. `gapes` (B, 1)
    in [0, 1] is 1 for mouths that open from shut lips, and wider than smiles: these are hollow from lip to lip.
    """

    share: Array
    shown: Array
    teeth: Array
    lip: Array
    across: Array
    gapes: Array


def find_hollow(flow: Array, source: Array, target: Array, geometry: FaceGeometry, *, bare: bool = False) -> Hollow:
    """Where `move_lips`, given the same, finds a mouth open below its teeth; its edges are as fine as the pixels.

    A `bare` mouth, in which no teeth are seen though it is open, gapes whole.
    """
    xp = array_namespace(flow)
    height, width = flow.shape[-2:]
    here, there = (MouthFrame.around(points, height, width, geometry) for points in (target, source))
    at = here.pixels(height, width)
    columns = _Columns.of(here, there, at, there.inside(sampling_grid(flow)))
    columns = replace(columns, gapes=xp.ones_like(columns.gapes)) if bare else columns
    share, shown, teeth, lip = columns.measure_hollow(at[..., 1])
    first, last = here.lips[:, RIGHT, :1], here.lips[:, LEFT, :1]
    across = clip((2 * at[..., 0] - first - last) / clip(last - first, geometry.lips.thin), -1.0, 1.0)
    shape = (flow.shape[0], 1, height, width)
    share, shown, teeth, lip, across = (xp.reshape(each, shape) for each in (share, shown, teeth, lip, across))
    return Hollow(share, shown, teeth, lip, across, columns.gapes)


def _find_heights(frame: MouthFrame, x: Array) -> list[Array]:
    """y (B, N) of the four lines at `x` (B, N): none above the one before, however noisy the points are."""
    xp, lips = array_namespace(frame.lips), frame.lips
    drawn = curve(xp.stack([lips[:, list(places), :] for places in _LINES], axis=1), x, frame.geometry.curves)
    found = [drawn[:, index, :] for index in range(len(_LINES))]
    for index in (1, 2, 3):
        found[index] = xp.maximum(found[index], found[index - 1])
    return found


def _measure_level(frame: MouthFrame, x: Array) -> Array:
    """1 (B, N) where the lines at `x` are no steeper than lips are, 0 where they run down: there columns would tear.

    They do at the corners of round mouths, and of those seen from the side. Interpolated between `samples` places:
    pixels are many more.
    """
    xp, lips, by = array_namespace(frame.lips), frame.lips, frame.geometry.lips
    samples, beside = by.samples, by.beside
    places = (arange(samples, lips) * (2 / (samples - 1)) - 1)[None] * beside
    places = xp.broadcast_to(places, (lips.shape[0], samples))
    before, after = (_find_heights(frame, places + step) for step in (-by.step, by.step))
    rises = [xp.abs(left - right) for left, right in zip(before, after, strict=True)]
    steepest = xp.maximum(xp.maximum(rises[0], rises[1]), xp.maximum(rises[2], rises[3])) / (2 * by.step)
    least, most = by.steep
    levels = clip((most - steepest) / (most - least), 0.0, 1.0)
    place = clip((x + beside) * ((samples - 1) / 2 / beside), 0.0, samples - 1.001)
    index = xp.astype(place, xp.int64)
    low, high = (xp.take_along_axis(levels, index + step, axis=1) for step in (0, 1))
    return low + (place - xp.astype(index, place.dtype)) * (high - low)


@dataclass(frozen=True, eq=False)
class _Columns:
    """Of each pixel's column: heights (B, N) of the four lines in the target, and of those that they come from.

    In the frames of target and source; `scale` (B, 1) is how many of the source's units one of the target's is, and
    `opened` (B, 1) is 1 where the source shows nothing of the inside of the mouth, `shut` where that and the target
    show closed lips: the dark line between them is neither teeth nor inside, and stays. `gapes` is that of `Hollow`.
    """

    lines: list[Array]
    origins: list[Array]
    scale: Array
    opened: Array
    shut: Array
    gapes: Array
    by: LipGeometry

    @classmethod
    def of(cls, here: MouthFrame, there: MouthFrame, at: Array, origin: Array) -> _Columns:
        """The columns at places `at` of the target's frame, which come from `origin` of the source's, (B, N, 2)."""
        lines, origins, by = _find_heights(here, at[..., 0]), _find_heights(there, origin[..., 0]), here.geometry.lips
        xp, (slit, toothy) = array_namespace(here.lips), by.slit
        # 1 for mouths, each as a whole, that open from lips that were shut, or nearly
        gap, source_gap = (clip(_measure_gap(frame), by.thin) for frame in (here, there))
        further = clip(2 * xp.log2(gap * here.wider_than(there) / source_gap) - 1, 0.0, 1.0)  # 1 from twice as far on
        opened = further * clip((toothy - source_gap) / (toothy - slit), 0.0, 1.0)
        shut, gapes = _measure_closure(here) * _measure_closure(there), opened * here.gapes()
        return cls(lines, origins, here.wider_than(there), opened, shut, gapes, by)

    def carry(self, y: Array) -> tuple[Array, Array, Array]:
        """Where heights `y` (B, N) come from; 1 where the source shows nothing of that; 1 below what it shows."""
        xp = array_namespace(y)
        lines, origins, scale, by = self.lines, self.origins, self.scale, self.by
        gap, origin = (lines[2] - lines[1]) * scale, origins[2] - origins[1]
        closing = (1 - self.shut) * clip(origin - gap, 0.0) / clip(origin, by.thin)
        shut = xp.minimum(by.shut * closing, (lines[2] - lines[1]) / 2)
        upper, lower = lines[1] + shut, lines[2] - shut
        last = xp.maximum(origins[1] - by.teeth * closing, origins[0])
        first = xp.minimum(origins[2] + by.teeth * closing, origins[3])
        hidden = self.shut * clip(origin - gap, 0.0) / 2  # of the line between, which has no room of its own any more
        last, first = last + hidden, first - hidden
        above = origins[0] + clip(y - lines[0], None, 0.0) * scale + _part(y, lines[0], upper, by) * (last - origins[0])
        below = first + _part(y, lower, lines[3], by) * (origins[3] - first) + clip(y - lines[3], 0.0) * scale
        depth = self._depth(y)
        inside = origins[1] + xp.minimum(clip(depth, 0.0), origin)
        row = xp.where(y < upper, above, xp.where(y > lower, below, inside))
        beyond = (1 - self.opened) * clip((depth - origin) / by.edge, 0.0, 1.0)
        room = clip(xp.minimum(y - lines[1], lines[2] - y) / by.edge, 0.0, 1.0)
        room = room * clip((lines[2] - lines[1]) / by.shut - 1, 0.0, 1.0)
        return row, self.opened * room, beyond * room

    def measure_hollow(self, y: Array) -> tuple[Array, Array, Array, Array]:
        """How much of heights `y` (B, N) is below teeth that the source shows, and of them; how far, and above the lip.

        All (B, N). A mouth that gapes from lips that were shut has no teeth, but is hollow from lip to lip.
        """
        xp = array_namespace(y)
        upper, lower = self.lines[1], self.lines[2]
        origin = (self.origins[2] - self.origins[1]) * (1 - self.gapes)
        teeth, lip = self._depth(y) - origin, lower - y
        whole = xp.maximum(clip(2 * (1 - self.opened), 0.0, 1.0), self.gapes)
        whole = whole * clip((self._depth(lower) - origin) / _HOLLOW.room, 0.0, 1.0)
        whole = whole * clip((lower - upper) / self.by.shut - 1, 0.0, 1.0)
        inside = clip((y - upper) / self.by.edge, 0.0, 1.0)
        begins = clip(1 + (teeth + _HOLLOW.bare) / self.by.edge, 0.0, 1.0)
        share = whole * begins * (inside + self.gapes * (1 - inside)) * clip(1 + lip / _HOLLOW.cover, 0.0, 1.0)
        shown = whole * (1 - self.gapes) * inside * (1 - begins)
        return share, shown, clip(teeth / self.scale, 0.0), clip(lip, 0.0)

    def _depth(self, y: Array) -> Array:
        """How far heights `y` (B, N) are below the upper lip, in the source's units, by how far teeth may stretch."""
        gap, origin = (lines[2] - lines[1] for lines in (self.lines, self.origins))
        opening = clip(gap * self.scale, self.by.thin) / clip(origin, self.by.thin)
        return (y - self.lines[1]) * self.scale / clip(opening, *self.by.height)


def _measure_closure(frame: MouthFrame) -> Array:
    """1 (B, 1) for mouths that are closed, however far a detector sees their lips apart."""
    least, most = frame.geometry.lips.closed
    return clip((most - _measure_gap(frame)) / (most - least), 0.0, 1.0)


def _measure_gap(frame: MouthFrame) -> Array:
    """How far the inner lips are apart (B, 1), in widths of the mouth."""
    xp = array_namespace(frame.lips)
    pairs = frame.lips[:, LOWER, 1] - frame.lips[:, UPPER, 1]
    return xp.mean(pairs, axis=1, keepdims=True)


def _part(y: Array, start: Array, end: Array, by: LipGeometry) -> Array:
    """How far `y` is from `start` to `end`, in [0, 1]."""
    return clip((y - start) / clip(end - start, by.thin), 0.0, 1.0)
