"""Skin that unfolds: where frowns and smiles end, their lines give way to the colours of the skin around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.folds.fold_lines import draw_lines
from ptk.editing.composite.folds.skin import find_folded_skin
from ptk.editing.composite.glasses import find_frames, find_hidden_eyes
from ptk.editing.composite.ramp import ramp
from ptk.faces.crop import overlap
from ptk.faces.mask import hull_mask
from ptk.faces.topology import LEFT_BROW, LEFT_EYE, LEFT_EYE_OUTER, MOUTH, RIGHT_BROW, RIGHT_EYE, RIGHT_EYE_OUTER

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Float, Float32, UInt8

    from ptk.editing.composite.folds.fold_lines import Fold
    from ptk.faces.crop import Crop, Window

__all__ = ["SmoothedFolds"]

# In outer eye distances:
_REACH = 0.05  # beside a fold skin is smoothed, less and less
_AROUND = 0.045  # over which the colours of skin are averaged
_GRAIN = 0.008  # what is finer stays: pores
_BROW, _BROW_EDGE = 0.085, 0.015  # how thick brows are, and how soft they end
_FURTHER = 0.045  # hair of brows grows further in than their landmarks
_BESIDE = 0.035  # beside eyes, lips and glasses nothing is smoothed
_LENS = 0.3  # beside an eye that a dark lens covers

_WHOLE = 1.6  # a fold whose strength is 1 / this below 0 is gone
_DARKER = 0.08  # of brightness, below that around: from there on a line says nothing about the skin
_KNOWN = (0.03, 0.12)  # how much skin must be around: none is smoothed up to the first, all from the second
_LEAST = 0.02  # a share that nobody sees
_SEEN = 0.5  # levels of 255: what changes by less is left alone


@dataclass(frozen=True, eq=False)
class SmoothedFolds:
    """What is `added` to moved skin, in levels of 255, over the crop."""

    added: Float32[np.ndarray, "side side 3"]

    @classmethod
    def of(
        cls,
        cut: UInt8[np.ndarray, "size size 3"],
        cut_finer: Callable[[], UInt8[np.ndarray, "side side 3"]],
        flow: Float32[np.ndarray, "size size 2"],
        start: Float[np.ndarray, "68 2"],
        folds: list[Fold],
    ) -> SmoothedFolds | None:
        """Smooth those `folds` that fade (their strength is below 0) in a `cut` whose pixels are moved by `flow`.

        The landmarks `start` are in [0, 1] of it. Lines are looked for in what `cut_finer` gives, the same at more
        pixels. None where no fold fades, or no skin is seen.
        """
        import cv2

        fading = [fold for fold in folds if fold.strength < 0 < fold.fades]
        skin = find_folded_skin(cut, start) if fading else None
        if skin is None:
            return None
        eyes = float(np.linalg.norm(start[LEFT_EYE_OUTER] - start[RIGHT_EYE_OUTER]))
        points = np.concatenate([fold.points for fold in fading])
        weights = np.concatenate([-_WHOLE * fold.fades * fold.strength * fold.weights for fold in fading])
        share = cv2.resize(draw_lines(points, weights, len(cut) // 2, _REACH, eyes), cut.shape[:2]).clip(0, 1)
        if not (share > _LEAST).any():
            return None
        free = _find_free(cut, start, eyes)
        fine = cut_finer()
        side = len(fine)
        layers = cv2.resize(np.stack([share * free, skin * free], axis=2), (side, side))
        part = _bounds(layers[..., 0] > _LEAST, round(3 * _AROUND * eyes * side))
        added = np.zeros((side, side, 3), dtype=np.float32)
        if part is not None:
            share, skin = np.moveaxis(layers[part], 2, 0)
            added[part] = share[..., None] * _unfold(fine[part], skin, eyes * side)
        moved = _move(added, flow)
        return cls(moved) if (np.abs(moved) > _SEEN).any() else None

    def draw(
        self,
        painted: Float32[np.ndarray, "height width 3"],
        asked: Float32[np.ndarray, "height width 1"],
        pixels: UInt8[np.ndarray, "rows columns 3"],
        crop: Crop,
        strip: Window,
    ) -> None:
        """Smooth a strip of the photo, as far as it is `asked` for."""
        seen = (np.abs(self.added) > _SEEN).any(axis=2, keepdims=True)
        left, top, right, bottom = window = overlap(crop.window(pixels, seen), strip)
        if right <= left or bottom <= top:
            return
        part = np.s_[top - strip[1] : bottom - strip[1], left - strip[0] : right - strip[0]]
        painted[part] += asked[part] * crop.spread(self.added, window, smooth=True)


def _unfold(cut: np.ndarray, skin: np.ndarray, eyes: float) -> Float32[np.ndarray, "height width 3"]:
    """What each pixel lacks to the colour of the skin around it, each channel for itself; `eyes` apart, in pixels.

    Lines, which are darker than what is around them, count for little there: twice, for at first they are not known.
    """
    low = _blur(cut.astype(np.float32), _GRAIN * eyes)
    known, around = skin, low
    for _ in range(3):
        weight = _blur(known, _AROUND * eyes)
        around = _blur(low * known[..., None], _AROUND * eyes) / np.maximum(weight, 1e-3)[..., None]
        bright = around.mean(axis=2)
        darker = (low.mean(axis=2) - bright) / (bright + 10)
        known = skin * (1 + darker / _DARKER).clip(0.03, 1)
    trust = ramp(_blur(known, _AROUND * eyes), *_KNOWN)
    return np.asarray(trust[..., None] * (around - low))


def _find_free(cut: np.ndarray, start: np.ndarray, eyes: float) -> Float32[np.ndarray, "side side"]:
    """How far a place may be smoothed: no brow, eye, lip or glasses."""
    import cv2

    side = len(cut)
    brows = np.zeros((side, side), dtype=np.uint8)
    for brow in (start[RIGHT_BROW], start[LEFT_BROW][::-1]):
        along = brow[-1] - brow[0]
        line = np.vstack([brow, brow[-1] + _FURTHER * eyes * along / max(np.linalg.norm(along), 1e-6)])
        line = (line * side).round().astype(np.int32)
        cv2.polylines(brows, [line], False, 255, max(1, round(_BROW * eyes * side)))
    free = 1 - (2 * _blur(brows.astype(np.float32) / 255, _BROW_EDGE * eyes * side)).clip(0, 1)
    hidden = find_hidden_eyes(cut, start)
    for eye, is_hidden in zip((RIGHT_EYE, LEFT_EYE), hidden, strict=True):
        free *= 1 - hull_mask(start[eye], size=side, grow=(_LENS if is_hidden else _BESIDE) * eyes, feather=0.01)
    free *= 1 - hull_mask(start[MOUTH], size=side, grow=_BESIDE * eyes, feather=0.01)
    frames = find_frames(cut, start)
    if frames is not None:
        around = 2 * max(1, round(_BESIDE * eyes * side)) + 1
        free *= 1 - cv2.blur(cv2.dilate(frames, np.ones((around, around), np.uint8)), (around, around))
    return np.asarray(free, dtype=np.float32)


def _move(picture: np.ndarray, flow: np.ndarray) -> np.ndarray:
    import cv2

    side = len(picture)
    fine = cv2.resize(flow, (side, side), interpolation=cv2.INTER_LINEAR) * np.float32(side)
    column, row = np.meshgrid(np.arange(side, dtype=np.float32), np.arange(side, dtype=np.float32))
    return np.asarray(cv2.remap(picture, fine[..., 0] + column, fine[..., 1] + row, cv2.INTER_LINEAR))


def _bounds(mask: np.ndarray, beyond: int) -> tuple[slice, slice] | None:
    """The rows and columns in which something of a mask is true, and some beyond; None without any."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    first, second = (slice(max(int(each[0]) - beyond, 0), int(each[-1]) + 1 + beyond) for each in (rows, columns))
    return first, second


def _blur(picture: np.ndarray, width: float) -> np.ndarray:
    import cv2

    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(width, 0.3)))
