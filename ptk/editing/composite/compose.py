"""A face put into a photo at the photo's own resolution: its own pixels move, and only what was painted is enlarged."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.closed_lids import ClosedLids
from ptk.editing.composite.folds import FoldedSkin
from ptk.editing.composite.grain import sharpen, skin_grain, tile_grain
from ptk.editing.composite.mouth_inside import MouthInside
from ptk.editing.composite.pinned_glasses import find_room_beside_glasses
from ptk.editing.composite.ramp import ramp
from ptk.editing.composite.teeth import Teeth
from ptk.editing.composite.unseen_eyes import find_unseen_eyes
from ptk.faces.crop import overlap
from ptk.faces.mask import head_mask, hull_mask
from ptk.faces.topology import EYES, LEFT_EYE, MOUTH, RIGHT_EYE
from ptk.motion.geometry import close_eyes_locally, move_lips_locally
from ptk.motion.landmark_flow import find_flow
from ptk.motion.sampling import sample_photo, soften_cuts, warp_picture
from ptk.threads import map_threads

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Float, Float32, UInt8

    from ptk.editing.rendered import Rendered
    from ptk.faces.crop import Crop, Window
    from ptk.motion.flow_options import FaceFlow
    from ptk.motion.geometry import LipFlow

__all__ = ["asks_for_movement", "composite"]

# In sides of the crop:
_STILL, _MOVING = 0.0006, 0.0025  # a flow shorter than the first is none asked for; from the second on it counts whole
_NEAR = 0.0175  # so far around what moves the rest may change
_TRUST = 0.01  # how far around a repainted place detail of the photo is not trusted
_GROW, _FEATHER = 0.02, 0.10  # beyond the faces, before and after, everything stays
_PART_GROW, _PART_FEATHER = 0.012, 0.03  # beyond an eye or a mouth that stays
_LENS_GROW, _LENS_FEATHER = 0.09, 0.04  # beyond an eye that is not seen
_REPAINTED = 24.0  # levels of 255 at which paint has replaced what was there
_AROUND_EYES, _AROUND_LIPS = 0.4, 0.15  # of the width of both, beyond which neither lids nor lips change the flow
_HIDDEN = (0.1, 0.8)  # what is hidden by less keeps all detail of the photo, by more none
_GRAIN = 0.7  # of the grain of skin, where it is as bright as paper
_SPECK = 0.05  # of a place that is replaced by less nothing is
_GREY = np.full(3, 1 / 3, dtype=np.float32)
_STRIP = 1 << 17  # pixels that are composed at a time: memory does not grow with the photo, and small ones have two
_FEWEST = 128  # rows of a strip
_OVERLAP = 4  # pixels around a strip that are composed with it, so that cuts are softened as if it went on


def composite(
    pixels: UInt8[np.ndarray, "height width 3"],
    crop: Crop,
    cut: UInt8[np.ndarray, "size size 3"],
    made: Rendered,
    start: Float[np.ndarray, "68 2"],
    goal: Float[np.ndarray, "68 2"],
    how: FaceFlow,
    icc: bytes | None = None,
) -> UInt8[np.ndarray, "height width 3"]:
    """A copy of `pixels` with the face `made` of its `cut`, whose landmarks move from `start` to `goal` (in [0, 1]).
    All are in the space of the profile `icc`, or in sRGB.

    The flow that `made` tells moves the photo's own pixels, sampled once (Lanczos), and the difference between `made`
    and the cut moved likewise, what was painted, is enlarged and added. Where so much was painted that what was there
    is gone, teeth in a mouth that was shut, the enlarged picture stands alone. What landmarks move by less than 0.0006
    of the crop's side, and lies not within 0.018 of what moves more, keeps its pixels to the last bit.
    """
    assert made.flow is not None
    grain = skin_grain(pixels, crop.to_photo(start), crop.side / len(cut))
    cut_finer = partial(crop.cut, pixels, 2 * len(cut)) if crop.side > len(cut) else lambda: cut
    layers = _Layers.of(cut, made, start, goal, how, grain, icc, cut_finer)
    result = pixels.copy()
    if not layers.asked.any():
        return result
    window = crop.window(pixels, inside=layers.asked > 0)
    map_threads(lambda strip: _compose(result, pixels, crop, strip, layers), _strips(window))
    return result


def asks_for_movement(start: Float[np.ndarray, "68 2"], goal: Float[np.ndarray, "68 2"]) -> bool:
    """Whether some landmark, in [0, 1] of a crop, moves so far that anything changes."""
    return bool(np.linalg.norm(goal - start, axis=-1).max() > _STILL)


@dataclass(frozen=True, eq=False)
class _Layers:
    """What is enlarged, each (S, S, ...) over the crop.

    `asked` in [0, 1] is how far a place may change, `motion` the flow in shares of the side times that, without what
    lids and lips change of the `smooth` flow between landmarks, and `asked` itself. `paint`, in levels of 255, is added
    to moved pixels; `replaced` in [0, 1] how far `picture`, what the network made, stands in their place, with `grain`
    of the photo's skin. `face` are the landmarks, before and after, whose eyes and lips are drawn again, and `inside`
    what is seen below the teeth of a mouth that opens, if anything is.
    """

    asked: Float32[np.ndarray, "size size 1"]
    motion: Float32[np.ndarray, "size size 3"]
    smooth: Float32[np.ndarray, "size size 2"]
    paint: Float32[np.ndarray, "size size 3"]
    replaced: Float32[np.ndarray, "size size 1"]
    picture: Float32[np.ndarray, "size size 3"]
    grain: Float32[np.ndarray, "side side"] | None
    face: tuple[np.ndarray, np.ndarray]
    how: FaceFlow
    inside: MouthInside | None
    lids: ClosedLids | None
    folds: FoldedSkin | None

    @classmethod
    def of(
        cls,
        cut: np.ndarray,
        made: Rendered,
        start: np.ndarray,
        goal: np.ndarray,
        how: FaceFlow,
        grain: np.ndarray | None,
        icc: bytes | None,
        cut_finer: Callable[[], np.ndarray],
    ) -> _Layers:
        """The layers of a result, from the flow that landmarks ask for and that which the network tells."""
        import cv2

        assert made.flow is not None
        assert made.visibility is not None
        here, there = (np.asarray(points, dtype=np.float32)[None] for points in (start, goal))
        size = len(cut)
        flow = find_flow(here, there, size, reach=how.reach, noise=how.noise, geometry=how.geometry)
        smooth, exact = flow.smooth, flow.lids
        exact = _with_lips(exact, flow.lips) if how.lips else exact
        asked = _asked(exact[0].transpose(1, 2, 0))
        part = _bounds(asked)
        asked[part] *= head_mask(start, goal, size=size, grow=_GROW, feather=_FEATHER, part=part)
        free = np.ones((size, size), dtype=np.float32)  # a flow between others ends before eyes and mouths that stay
        for still in (RIGHT_EYE, LEFT_EYE, MOUTH):
            if not _moves(start, goal, still):
                free *= 1 - hull_mask(start[still], size=size, grow=_PART_GROW, feather=_PART_FEATHER)
        asked *= free
        lids = ClosedLids.of(cut, here, there, grain, how.geometry)
        room = find_room_beside_glasses(cut, start, goal, made.flow, closes=lids is not None)
        asked *= 1.0 if room is None else room
        for unseen, eye in zip(find_unseen_eyes(cut, start, goal), (RIGHT_EYE, LEFT_EYE), strict=True):
            if unseen:
                asked *= 1 - hull_mask(start[eye], size=size, grow=_LENS_GROW, feather=_LENS_FEATHER)
        below = warp_picture(cut.astype(np.float32), made.flow)
        teeth = Teeth.of(cut, start, icc) if how.lips and _moves(start, goal, MOUTH) else None
        image = made.image if teeth is None else teeth.tone(made.image, below, made.visibility, goal)
        paint = image - below
        hidden = 1 - made.visibility * np.clip(1 - (np.abs(paint) @ _GREY) / _REPAINTED, 0, 1)
        inside = None
        if teeth is not None:
            if flow.lips is not None:
                paint, hidden = teeth.keep_own(paint, hidden, goal, flow.lips)
            inside = MouthInside.of(cut, smooth, here, there, grain, how.geometry, teeth)
        if inside is not None:
            paint, hidden = inside.make_room(paint, hidden)
        replaced = ramp(hidden, *_HIDDEN)
        side = 2 * max(1, round(_TRUST * size)) + 1
        replaced = ((cv2.blur(replaced, (side, side)) - _SPECK) / (1 - _SPECK)).clip(0)[..., None]
        asked = asked[..., None]
        learned = made.flow + (smooth - exact)[0].transpose(1, 2, 0)
        smooth = smooth[0].transpose(1, 2, 0)
        motion = np.concatenate([learned * asked, asked], axis=2)
        face = here, there
        folds = FoldedSkin.of(cut, cut_finer, made.flow, start, goal)
        return cls(asked, motion, smooth, paint * asked, replaced * asked, image, grain, face, how, inside, lids, folds)


def _moves(start: np.ndarray, goal: np.ndarray, part: slice) -> bool:
    """Whether landmarks of an eye or a mouth move, in [0, 1] of the crop."""
    return bool(np.linalg.norm(goal[part] - start[part], axis=-1).max() >= _STILL / 2)


def _asked(flow: Float32[np.ndarray, "size size 2"]) -> Float32[np.ndarray, "size size"]:
    """How far each place may change, in [0, 1], by the flow that landmarks ask for around it."""
    import cv2

    length = np.hypot(flow[..., 0], flow[..., 1])
    side = 2 * max(1, round(_NEAR * len(flow))) + 1
    near = cv2.blur(cv2.dilate(length, np.ones((side, side), np.uint8)), (side, side))
    return ramp(near, _STILL, _MOVING)


def _bounds(mask: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns in which something of a mask is above 0."""
    rows, columns = (np.flatnonzero((mask > 0).any(axis=axis)) for axis in (1, 0))
    return tuple(slice(each[0], each[-1] + 1) if len(each) else slice(0) for each in (rows, columns))  # type: ignore[return-value]


def _strips(window: Window) -> list[Window]:
    left, top, right, bottom = window
    rows = max(_FEWEST, _STRIP // (right - left))
    return [(left, start, right, min(start + rows, bottom)) for start in range(top, bottom, rows)]


def _compose(result: np.ndarray, pixels: np.ndarray, crop: Crop, strip: Window, layers: _Layers) -> None:
    """Write one strip of `result`."""
    import cv2

    top, bottom = strip[1], strip[3]
    motion, strip = _narrow(crop, strip, len(pixels), layers)
    if not motion.size:
        return
    asked, flow = motion[..., 2:], crop.turn(motion)
    parts = _add_details(flow, asked, crop, strip, layers)
    painted = sample_photo(pixels, strip, flow)
    painted += crop.spread(layers.paint, strip)
    if layers.replaced.any():
        _replace(painted, pixels, crop, strip, layers)
    for rows, columns in parts:
        soften_cuts(painted[rows, columns], flow[rows, columns])
    if layers.folds is not None:
        layers.folds.draw(painted, asked, pixels, crop, strip)
    if layers.lids is not None:
        layers.lids.draw(painted, asked, crop, strip)
    if layers.inside is not None:
        layers.inside.draw(painted, asked, pixels, crop, strip)
    inner = slice(top - strip[1], bottom - strip[1])
    levels = np.rint(painted[inner].clip(0, 255)).astype(np.uint8)
    changes = (asked[inner, :, 0] > 0).astype(np.uint8)
    cv2.copyTo(levels, changes, result[top:bottom, strip[0] : strip[2]])


def _narrow(crop: Crop, strip: Window, height: int, layers: _Layers) -> tuple[np.ndarray, Window]:
    """The motion of a strip, and of some rows beside it, in the columns in which something may change; and those."""
    left, top, right, bottom = strip
    top, bottom = max(top - _OVERLAP, 0), min(bottom + _OVERLAP, height)
    motion = crop.spread(layers.motion, (left, top, right, bottom), smooth=True)
    columns = np.flatnonzero((motion[..., 2] > 0).any(axis=0))
    if not len(columns):
        return motion[:, :0], (left, top, left, bottom)
    first, last = max(int(columns[0]) - _OVERLAP, 0), min(int(columns[-1]) + 1 + _OVERLAP, right - left)
    return motion[:, first:last], (left + first, top, left + last, bottom)


def _replace(painted: np.ndarray, pixels: np.ndarray, crop: Crop, strip: Window, layers: _Layers) -> None:
    """Put the enlarged picture into a strip where it stands alone."""
    scale = crop.side / len(layers.picture)
    left, top, right, bottom = overlap(crop.window(pixels, inside=layers.replaced > 0), strip)
    if right <= left or bottom <= top:
        return
    beyond = round(4 * scale) + 1  # so that what is at a strip's edge is sharpened as inside
    wider = (left - beyond, top - beyond, right + beyond, bottom + beyond)
    picture = sharpen(crop.spread(layers.picture, wider), scale)[beyond:-beyond, beyond:-beyond]
    share = crop.spread(layers.replaced, (left, top, right, bottom)).clip(0, 1)
    if layers.grain is not None:
        brightness = (picture @ _GREY).clip(0, 255)[..., None] / 255
        picture = picture + _GRAIN * np.sqrt(brightness) * tile_grain(layers.grain, (left, top, right, bottom))
    part = painted[top - strip[1] : bottom - strip[1], left - strip[0] : right - strip[0]]
    part += share * (picture - part)


def _add_details(
    flow: np.ndarray, asked: np.ndarray, crop: Crop, strip: Window, layers: _Layers
) -> list[tuple[slice, slice]]:
    """Add to the `flow` (h, w, 2) of a strip, in pixels, what lids and lips change of it, exact to the pixel.

    Returns the rows and columns of the parts that they change.
    """
    here, there = (crop.to_photo(points[0]) for points in layers.face)
    geometry = layers.how.geometry
    steps: list[tuple[slice, float, Callable[..., np.ndarray]]] = []
    if layers.lids is not None:
        steps.append((EYES, _AROUND_EYES, partial(close_eyes_locally, stays=layers.lids.stays)))
    if layers.how.lips and np.linalg.norm(there[MOUTH] - here[MOUTH], axis=-1).max() > _STILL / 2 * crop.side:
        steps.append((MOUTH, _AROUND_LIPS, lambda flow, *ends: _with_lips(flow, move_lips_locally(flow, *ends))))
    changed = []
    for part, reach, change in steps:
        low, high = there[part].min(axis=0), there[part].max(axis=0)
        beyond = reach * (high - low).max()
        left, top = (int(each) for each in np.maximum(np.floor(low - beyond), strip[:2]))
        right, bottom = (int(each) for each in np.minimum(np.ceil(high + beyond), strip[2:]))
        if right <= left or bottom <= top:
            continue
        corner, sides = np.array([left, top]), np.array([right - left, bottom - top])
        smooth = crop.turn(crop.spread(layers.smooth, (left, top, right, bottom), smooth=True))
        smooth = smooth / sides.astype(np.float32)
        smooth = np.ascontiguousarray(smooth.transpose(2, 0, 1))[None]
        points = (((each - corner) / sides).astype(np.float32)[None] for each in (here, there))
        further = (change(smooth, *points, geometry) - smooth)[0].transpose(1, 2, 0) * sides.astype(np.float32)
        rows, columns = slice(top - strip[1], bottom - strip[1]), slice(left - strip[0], right - strip[0])
        flow[rows, columns] += asked[rows, columns] * further
        changed.append((rows, columns))
    return changed


def _with_lips(flow: np.ndarray, lips: LipFlow | None) -> np.ndarray:
    if lips is None:
        return flow
    moved = flow.copy()
    moved[:, :, *lips.window] = lips.flow
    return moved
