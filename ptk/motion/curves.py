"""Lines and curves through landmarks, as heights over places along a local frame."""

from __future__ import annotations

from ptk.arrays import Array, array_namespace, clip
from ptk.motion.face_geometry import CurveGeometry

__all__ = ["curve", "line"]


def line(knots: Array, x: Array, by: CurveGeometry) -> Array:
    """y (B, N) at each `x` (B or 1, N) of the line through `knots` (B, K, 2) from left to right.

    Beyond the ends it goes on level. Where a knot is left of the one before, the line jumps.
    """
    found = knots[:, :1, 1]
    for index in range(knots.shape[1] - 1):
        start, step = knots[:, index, :], knots[:, index + 1, :] - knots[:, index, :]
        share = (x - start[:, :1]) / clip(step[:, :1], by.narrow)
        found = found + step[:, 1:] * clip(share, 0.0, 1.0)
    return found


def curve(knots: Array, x: Array, by: CurveGeometry) -> Array:
    """y (B, L, N) at each `x` (B, N) of L lines as `line` draws them, through `knots` (B, L, K, 2), but round.

    Cubic between knots, with the slope at each of the line through its two neighbours.

    Source: Catmull and Rom, "A class of local interpolating splines" (1974).
    """
    xp = array_namespace(knots, x)
    step = knots[:, :, 1:, :] - knots[:, :, :-1, :]
    wide, rise = clip(step[..., 0], by.narrow), step[..., 1]
    ends = xp.concat([step[:, :, :1, :], knots[:, :, 2:, :] - knots[:, :, :-2, :], step[:, :, -1:, :]], axis=2)
    slope = clip(ends[..., 1] / clip(ends[..., 0], by.narrow), -by.steep, by.steep)
    before, after = wide * slope[..., :-1], wide * slope[..., 1:]
    # Each piece adds t (before + t (second + t third)): few operations, for there are as many as pieces.
    second, third = 3 * rise - 2 * before - after, before + after - 2 * rise
    found = knots[:, :, :1, 1]
    for piece in range(knots.shape[2] - 1):
        at = slice(piece, piece + 1)
        t = clip((x[:, None, :] - knots[:, :, at, 0]) / wide[..., at], 0.0, 1.0)
        found = found + t * (before[..., at] + t * (second[..., at] + t * third[..., at]))
    return found
