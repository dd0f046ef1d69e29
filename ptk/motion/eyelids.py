"""Eyes that close: a flow between two faces' landmarks in which lids move over the eyes, which stay."""

from __future__ import annotations

from dataclasses import dataclass

from ptk.arrays import Array, array_namespace, clip, constant
from ptk.faces.topology import EYELIDS
from ptk.motion.curves import curve
from ptk.motion.face_geometry import EyelidGeometry, FaceGeometry
from ptk.motion.local_frame import Frame, move_on, sampling_grid

__all__ = [
    "LidCover",
    "close_eyes",
    "cover_eye",
    "eyes_close",
    "eyes_shut",
    "line_of_lashes",
    "place_beyond_lid",
]

Eye = tuple[tuple[int, ...], ...]

Stays = tuple[float | None, float | None]
"""How far above each upper lid, in widths of the eye, skin begins that keeps its place when the eye shuts."""


def close_eyes(flow: Array, source: Array, target: Array, geometry: FaceGeometry, stays: Stays = (None, None)) -> Array:
    """`flow` (B, 2, H, W), in shares of the sides, where eyes close, as lids do it.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1]. A smooth flow squeezes an eye that closes, iris and all,
    and folds before it is shut. Here skin above an upper lid, and below a lower, comes along with its edge, and what
    stays open between them shows what the source has there. An eye that hardly closes moves by `flow`.

    Above the upper lid lashes and brows are stretched with the skin. Where an eye is shut, skin from `stays` widths of
    it above its lid keeps its place instead, if that is a number, and the line of lashes its thickness.
    """
    height, width = flow.shape[-2:]
    sides = constant([width, height], flow)
    for eye, beyond in zip(EYELIDS, stays, strict=True):
        flow = move_on(flow, _change(flow, _lids(source, eye) * sides, _lids(target, eye) * sides, geometry, beyond))
    return flow


@dataclass(frozen=True, eq=False)
class LidCover:
    """How the upper lid of an eye covers it, each (B, H * W) and in widths of the eye.

    `above` is how far a pixel is above the lid's edge, `down` how far that has come down there, and `across` runs from
    -0.5 to 0.5 between the corners. `share` in [0, 1] is 1 where the eye is shut, or nearly, and 0 beside it.
    """

    above: Array
    down: Array
    across: Array
    share: Array


def cover_eye(source: Array, target: Array, eye: Eye, height: int, width: int, geometry: FaceGeometry) -> LidCover:
    """How an `eye` is covered in a picture of that size, between landmarks (B, 68, 2) in pixels, by `close_eyes`."""
    by, curves = geometry.eyelids, geometry.curves
    goals, here = _in_frame(_lids(target, eye), by)
    lines, _ = _in_frame(_lids(source, eye), by)
    at = here.pixels(height, width)
    left = _left(goals, lines, by)
    upper, _, first, _, lashes = _edges(curve(goals, at[..., 0], curves), curve(lines, at[..., 0], curves), left, by)
    share = _share(goals, lines, at, by) * _nearly_shut(left, by)
    return LidCover(upper - at[..., 1], clip(upper - first + lashes, 0.0), at[..., 0], share)


def place_beyond_lid(
    points: Array, eye: Eye, across: Array, beyond: Array, geometry: FaceGeometry, *, lower: bool = False
) -> Array:
    """Find places (K, N, 2), in pixels, `beyond` (K,) the lashes of a lid of landmarks (1, 68, 2), at `across` (N,).

    Lengths are in widths of the eye, and `across` is -0.5 and 0.5 at its corners.
    """
    xp = array_namespace(points)
    lines, frame = _in_frame(_lids(points, eye), geometry.eyelids)
    away = beyond[:, None] + geometry.eyelids.lashes
    lid = curve(lines, across[None], geometry.curves)[0, int(lower), :][None, :]
    y = lid + away if lower else lid - away
    places = xp.stack([xp.broadcast_to(across[None], y.shape), y], axis=-1)
    return xp.reshape(frame.outside(xp.reshape(places, (1, -1, 2))), places.shape)


def eyes_close(source: Array, target: Array, geometry: FaceGeometry) -> bool:
    """Whether `close_eyes` changes a flow between these landmarks (B, 68, 2), which are in pixels."""
    by = geometry.eyelids
    for eye in EYELIDS:
        goals, lines = (_in_frame(_lids(points, eye), by)[0] for points in (target, source))
        if bool((_closing(goals, lines, by) > 0).any()):
            return True
    return False


def eyes_shut(source: Array, target: Array, geometry: FaceGeometry) -> tuple[bool, bool]:
    """Whether each eye is shut, or nearly, between landmarks (B, 68, 2) in pixels: `close_eyes` heeds `stays` there."""
    by = geometry.eyelids
    lids = (((_in_frame(_lids(points, eye), by)[0] for points in (target, source))) for eye in EYELIDS)
    right, left = (bool((_nearly_shut(_left(goals, lines, by), by) > 0).any()) for goals, lines in lids)
    return right, left


def _in_frame(lids: Array, by: EyelidGeometry) -> tuple[Array, Frame]:
    """Lids (B, 2, 4, 2) in the frame between the corners of their eye, and that."""
    xp = array_namespace(lids)
    frame = Frame.between(lids[:, 0, 0, :], lids[:, 0, 3, :], by.apart)
    return xp.reshape(frame.inside(xp.reshape(lids, (-1, 8, 2))), (-1, 2, 4, 2)), frame


def _closing(goals: Array, lines: Array, by: EyelidGeometry) -> Array:
    """How much of its lids' motion an eye gets (B, 1), whose lids go from `lines` to `goals`: 0 if it hardly closes."""
    least, most = by.closing
    return clip((most - _left(goals, lines, by)) / (most - least), 0.0, 1.0)


def _left(goals: Array, lines: Array, by: EyelidGeometry) -> Array:
    """The share by which an eye stays open, (B, 1)."""
    return (_opening(goals, by) / _opening(lines, by))[:, None]


def _lids(points: Array, eye: Eye) -> Array:
    """The two lines of an eye, (B, 2, 4, 2)."""
    xp = array_namespace(points)
    return xp.stack([points[:, list(lid), :] for lid in eye], axis=1)


def _change(flow: Array, source: Array, target: Array, geometry: FaceGeometry, stays: float | None) -> Array:
    """How much further pixels come from for one eye, whose lids (B, 2, 4, 2) are in pixels, (B, H * W, 2)."""
    xp = array_namespace(flow)
    height, width = flow.shape[-2:]
    by = geometry.eyelids
    (goals, here), (lines, there) = _in_frame(target, by), _in_frame(source, by)
    moved = sampling_grid(flow)
    at, origin = here.pixels(height, width), there.inside(moved)
    heights = curve(goals, at[..., 0], geometry.curves), curve(lines, origin[..., 0], geometry.curves)
    row = _row(at[..., 1], origin[..., 1], *heights, _left(goals, lines, by), by, stays)
    found = there.outside(xp.stack([origin[..., 0], row], axis=-1))
    return _share(goals, lines, at, by)[..., None] * (found - moved)


def _share(goals: Array, lines: Array, at: Array, by: EyelidGeometry) -> Array:
    """How much of the lids' motion counts (B, N) at places `at` (B, N, 2) of the frame between the corners."""
    xp = array_namespace(at)
    share = _closing(goals, lines, by) * clip((0.5 + by.beside - xp.abs(at[..., 0])) / by.beside, 0.0, 1.0)
    return xp.where(_in_order(goals) & _in_order(lines), share, xp.zeros_like(share))


def _in_order(lids: Array) -> Array:
    """Whether points (B, 2, 4, 2) go from one corner to the other (B, 1): what does not is no eye."""
    xp = array_namespace(lids)
    return xp.all(lids[:, :, 1:, 0] > lids[:, :, :-1, 0], axis=(1, 2))[:, None]


def _opening(lids: Array, by: EyelidGeometry) -> Array:
    """How far an eye (B, 2, 4, 2) is open (B,), at least a little: one that was shut does not close."""
    xp = array_namespace(lids)
    return clip(xp.mean(lids[:, 1, 1:3, 1] - lids[:, 0, 1:3, 1], axis=-1), by.least)


def _edges(goals: Array, lines: Array, left: Array, by: EyelidGeometry) -> tuple[Array, Array, Array, Array, Array]:
    """Edges of lids (B, N), upper and lower, in the target and in the source, and how far beyond these lashes begin."""
    xp = array_namespace(goals)
    upper, lower = goals[:, 0, :], xp.maximum(goals[:, 0, :], goals[:, 1, :])
    first, last = lines[:, 0, :], xp.maximum(lines[:, 0, :], lines[:, 1, :])
    lashes = by.lashes * clip(1 - left / by.shut, 0.0, 1.0)
    shut = xp.minimum(lashes, (lower - upper) / 2)
    return upper + shut, lower - shut, first, last, lashes


def _row(
    y: Array, moved: Array, goals: Array, lines: Array, left: Array, by: EyelidGeometry, stays: float | None
) -> Array:
    """Where heights `y` (B, N) come from, elsewhere from `moved`; lids (B, 2, N) go from `lines` to `goals`.

    `left` (B, 1) is the share by which the eye stays open; skin that is so far above the lid `stays`.
    """
    xp = array_namespace(y)
    upper, lower, first, last, lashes = _edges(goals, lines, left, by)
    skin = moved - y
    above = y + skin + clip(1 - (upper - y) / by.above, 0.0, 1.0) * (first - lashes - upper - skin)
    if stays is not None:
        above = above + _nearly_shut(left, by) * (_unroll(y, skin, upper, first - lashes, by, stays) - above)
    below = y + skin + clip(1 - (y - lower) / by.below, 0.0, 1.0) * (last + lashes - lower - skin)
    inside = xp.minimum(xp.maximum(y, first), last)
    inside = xp.minimum(inside, first + by.edge * (y - upper))
    inside = xp.maximum(inside, last - by.edge * (lower - y))
    return xp.where(y < upper, above, xp.where(y > lower, below, inside))


def _nearly_shut(left: Array, by: EyelidGeometry) -> Array:
    """1 for eyes that stay open by next to nothing, 0 for those that are half open (B, 1)."""
    return clip(2 - 2 * left / by.shut, 0.0, 1.0)


def line_of_lashes(stays: float, by: EyelidGeometry) -> float:
    """How thick the line of lashes is taken to be, in widths of the eye, where skin `stays` so far above it."""
    return min(by.line, stays / 2)


def _unroll(y: Array, skin: Array, upper: Array, top: Array, by: EyelidGeometry, stays: float) -> Array:
    """Where heights `y` (B, N) above a lid come from, whose edge goes from `top` to `upper`, if skin above `stays`."""
    xp = array_namespace(y)
    lashes = line_of_lashes(stays, by)
    start = upper - lashes
    end = xp.minimum(top - stays, start - by.least)
    between = top - lashes - (stays - lashes) * clip((start - y) / (start - end), 0.0, 1.0)
    above = y + clip((end - y) / by.above, 0.0, 1.0) * skin
    return xp.where(y > start, top + y - upper, xp.where(y > end, between, above))
