"""Eyes that close: a flow between two faces' landmarks in which lids move over the eyes, which stay."""

from __future__ import annotations

from ptk.arrays import Array, array_namespace, clip, constant
from ptk.motion.curves import curve
from ptk.motion.local_frame import Frame, move_on, sampling_grid

__all__ = ["EYES", "close_eyes", "eyes_close"]

EYES = (
    ((36, 37, 38, 39), (36, 41, 40, 39)),
    ((42, 43, 44, 45), (42, 47, 46, 45)),
)
"""The landmarks of each eye: the line of the upper lid, then of the lower, from corner to corner."""

_LEAST = 0.02  # widths of the eye that lids are apart at least
_CLOSING = (0.5, 0.7)  # an eye that stays more open than that, by its share, moves as the face does
_SHUT = 0.4  # from there on lids move further than their landmarks,
_LASHES = 0.05  # in the end by so much of the eye's width: detectors are no nearer, and else white shows at lashes
_ABOVE, _BELOW, _BESIDE = 0.55, 0.35, 0.15  # widths of the eye over which the motion of lids goes over into the face's
_EDGE = 4.0  # times as fast as elsewhere places follow each other at the edge of a lid: a step would have corners


def close_eyes(flow: Array, source: Array, target: Array) -> Array:
    """`flow` (B, 2, H, W), in shares of the sides, where eyes close, as lids do it.

    `source` and `target` are landmarks (B, 68, 2) in [0, 1]. A smooth flow squeezes an eye that closes, iris and all,
    and folds before it is shut. Here skin above an upper lid, and below a lower, comes along with its edge, and what
    stays open between them shows what the source has there. An eye that hardly closes moves by `flow`.
    """
    height, width = flow.shape[-2:]
    sides = constant([width, height], flow)
    for eye in EYES:
        flow = move_on(flow, _change(flow, *(_lids(points, eye) * sides for points in (source, target))))
    return flow


def eyes_close(source: Array, target: Array) -> bool:
    """Whether `close_eyes` changes a flow between these landmarks (B, 68, 2), which are in pixels."""
    for eye in EYES:
        goals, lines = (_in_frame(_lids(points, eye))[0] for points in (target, source))
        if bool((_closing(goals, lines) > 0).any()):
            return True
    return False


def _in_frame(lids: Array) -> tuple[Array, Frame]:
    """Lids (B, 2, 4, 2) in the frame between the corners of their eye, and that."""
    xp = array_namespace(lids)
    frame = Frame.between(lids[:, 0, 0, :], lids[:, 0, 3, :])
    return xp.reshape(frame.inside(xp.reshape(lids, (-1, 8, 2))), (-1, 2, 4, 2)), frame


def _closing(goals: Array, lines: Array) -> Array:
    """How much of its lids' motion an eye gets (B, 1), whose lids go from `lines` to `goals`: 0 if it hardly closes."""
    least, most = _CLOSING
    return clip((most - _left(goals, lines)) / (most - least), 0.0, 1.0)


def _left(goals: Array, lines: Array) -> Array:
    """The share by which an eye stays open, (B, 1)."""
    return (_opening(goals) / _opening(lines))[:, None]


def _lids(points: Array, eye: tuple[tuple[int, ...], ...]) -> Array:
    """The two lines of an eye, (B, 2, 4, 2)."""
    xp = array_namespace(points)
    return xp.stack([points[:, list(lid), :] for lid in eye], axis=1)


def _change(flow: Array, source: Array, target: Array) -> Array:
    """How much further pixels come from for one eye, whose lids (B, 2, 4, 2) are in pixels, (B, H * W, 2)."""
    xp = array_namespace(flow)
    height, width = flow.shape[-2:]
    (goals, here), (lines, there) = _in_frame(target), _in_frame(source)
    moved = sampling_grid(flow)
    at, origin = here.pixels(height, width), there.inside(moved)
    heights = curve(goals, at[..., 0]), curve(lines, origin[..., 0])
    row = _row(at[..., 1], origin[..., 1], *heights, _left(goals, lines))
    share = _closing(goals, lines) * clip((0.5 + _BESIDE - xp.abs(at[..., 0])) / _BESIDE, 0.0, 1.0)
    found = there.outside(xp.stack([origin[..., 0], row], axis=-1))
    eyes = _in_order(goals) & _in_order(lines)
    return xp.where(eyes, share, xp.zeros_like(share))[..., None] * (found - moved)


def _in_order(lids: Array) -> Array:
    """Whether points (B, 2, 4, 2) go from one corner to the other (B, 1): what does not is no eye."""
    xp = array_namespace(lids)
    return xp.all(lids[:, :, 1:, 0] > lids[:, :, :-1, 0], axis=(1, 2))[:, None]


def _opening(lids: Array) -> Array:
    """How far an eye (B, 2, 4, 2) is open (B,), at least a little: one that was shut does not close."""
    xp = array_namespace(lids)
    return clip(xp.mean(lids[:, 1, 1:3, 1] - lids[:, 0, 1:3, 1], axis=-1), _LEAST)


def _row(y: Array, moved: Array, goals: Array, lines: Array, left: Array) -> Array:
    """Where heights `y` (B, N) come from, elsewhere from `moved`; lids (B, 2, N) go from `lines` to `goals`.

    `left` (B, 1) is the share by which the eye stays open.
    """
    xp = array_namespace(y)
    upper, lower = goals[:, 0, :], xp.maximum(goals[:, 0, :], goals[:, 1, :])
    first, last = lines[:, 0, :], xp.maximum(lines[:, 0, :], lines[:, 1, :])
    lashes = _LASHES * clip(1 - left / _SHUT, 0.0, 1.0)
    shut = xp.minimum(lashes, (lower - upper) / 2)
    upper, lower = upper + shut, lower - shut
    skin = moved - y
    over, under = (clip(1 - away / reach, 0.0, 1.0) for away, reach in ((upper - y, _ABOVE), (y - lower, _BELOW)))
    above = y + skin + over * (first - lashes - upper - skin)
    below = y + skin + under * (last + lashes - lower - skin)
    inside = xp.minimum(xp.maximum(y, first), last)
    inside = xp.minimum(inside, first + _EDGE * (y - upper))
    inside = xp.maximum(inside, last - _EDGE * (lower - y))
    return xp.where(y < upper, above, xp.where(y > lower, below, inside))
