"""The skin that an upper lid shows when it shuts, told from the skin around its open eye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.motion.eyelids import place_beyond_lid

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32

    from ptk.motion.eyelids import Eye
    from ptk.motion.face_geometry import FaceGeometry

__all__ = ["ACROSS", "LidSkin", "find_lid_skin"]

# In widths of an eye:
ACROSS = np.linspace(-0.7, 0.7, 57, dtype=np.float32)
"""The columns of a lid's skin, -0.5 and 0.5 at the corners of its eye."""
_HEIGHTS = np.arange(0.06, 0.47, 0.02, dtype=np.float32)  # above the lashes, where skin is looked for
_BELOW = np.arange(0.1, 0.37, 0.013, dtype=np.float32)  # below the lashes of a lower lid there is skin
_UNDER_BROW = 0.45  # of the way from a lid to the upper edge of its brow there is none of its hair
_MIDDLE = 0.35  # how far from the middle of an eye the height of its skin is measured
_NEARER = 0.3  # of its light, per width of an eye, skin nearer to the lid is better
_BAND = 0.05  # half of the height of the skin that is taken
_SMOOTH = 0.12  # along the lid: what is left of lashes would be drawn out into streaks
_COLOUR = 0.3  # the same for its colour, which changes less than its light
_AROUND = 0.35  # so far along the lid skin in the same light is looked for

_LEAST = 0.18  # above the lashes: detectors see lids nearer to the iris than they are
_CLEAN = 0.12  # of the light of the skin around: what is darker by that is lashes, frames, a fold, and counts by 1 / e
_LIT = 0.35  # of the way in log light to the skin below an eye, which faces forwards, a lid is lit at its lashes
_BRIGHTEST = 1.25  # times the skin above it: light that only the skin below gets
_DARKEST = 0.6  # times the skin below: what is darker above is a shadow of glasses or brows, which lids come out of
_LIGHTEST = 1.4  # times the skin below: what is lighter above is a frame, or what is behind the head
_WRINKLES = (0.5, 5.0)  # of the skin below an eye, how much a lid has, and the most in levels
_FRAME = 0.3  # of the light of the skin below it, and darker: what is beyond is another side of glasses, or a brow
_PALE = 2.0  # by how much light counts less that has less colour than skin, in log of red over blue: whites of eyes
_PALER = 0.15  # the same by which what is above an eye is paler than what is below, and is no skin
_REDDER = 0.2  # the same by which it may be redder than both that and cheeks: deep shadows are
_LIFT = (0.4, 0.03, 0.22)  # of the log light that cheeks have more than lids, how much is on these; at least, at most
_CHEEK = 0.035  # of the crop: half of the side of a piece of cheek
_GREY = np.full(3, 1 / 3, dtype=np.float32)


@dataclass(frozen=True, eq=False)
class LidSkin:
    """A lid's colours (rows, columns, 3) in levels of 255, from its lashes up and along `ACROSS`.

    From `stays` widths of the eye above the lashes on the photo keeps its own skin. In the middle a lid is brighter by
    the factor exp(`lift`), as far as it stands out of its socket's shadow.
    """

    colours: Float32[np.ndarray, "rows columns 3"]
    stays: float
    lift: float


def find_lid_skin(
    cut: np.ndarray, points: np.ndarray, eye: Eye, brow: slice, cheek: tuple[int, int], geometry: FaceGeometry
) -> LidSkin:
    """Find the skin of a lid of landmarks (1, 68, 2), in pixels of a `cut`; the `cheek` is half way between two.

    Between lashes and brow, shadows of both, and frames of glasses it is where it is brightest; the nearer to the lid
    the better. From there down its light goes over into that of the skin below the eye.
    """
    import cv2

    seen = _sample(cut, place_beyond_lid(points, eye, ACROSS, _HEIGHTS, geometry))
    under = _sample(cut, place_beyond_lid(points, eye, ACROSS, _BELOW, geometry, lower=True))
    below = _light_along(under, 0.0)
    tint = float(np.median(_tint(below[None])))
    middle = seen[:, np.abs(ACROSS) < _MIDDLE]
    bright = np.percentile(middle @ _GREY * _pale(middle, tint), 40, axis=1)
    bright = np.convolve(np.pad(bright, 1, "edge"), np.full(3, 1 / 3), "valid")
    free = _free_of_hair(points, eye, brow) & ~np.logical_or.accumulate(bright < _FRAME * np.maximum.accumulate(bright))
    free &= (_HEIGHTS >= _LEAST) | ~(free & (_HEIGHTS >= _LEAST)).any()
    brightest = max(float(bright[free].max()), 1.0)
    best = int(np.where(free, bright / brightest - _NEARER * _HEIGHTS, -np.inf).argmax())
    beside = round(_BAND / float(_HEIGHTS[1] - _HEIGHTS[0]))
    above = _light_along(seen[max(best - beside, 0) : best + beside + 1], tint)
    least, most = below @ _GREY, _BRIGHTEST * above @ _GREY
    least = np.minimum(least, float(np.median(least)))
    above = above * np.maximum(1, _DARKEST * least / (above @ _GREY + 1))[:, None]
    above = above * np.minimum(1, _LIGHTEST * float(np.median(below @ _GREY)) / (above @ _GREY + 1))[:, None]
    below = below * np.minimum(1, most / (below @ _GREY + 1))[:, None]
    share = np.linspace(1, 0, len(_BELOW), dtype=np.float32)[:, None, None]
    share = _LIT * share * share * (3 - 2 * share)
    (x, y), half = (points[0, cheek[0]] + points[0, cheek[1]]) / 2, _CHEEK * len(cut)
    skin = cut[max(int(y - half), 0) : int(y + half) + 1, max(int(x - half), 0) : int(x + half) + 1]
    skin = np.median(skin.reshape(-1, 3), axis=0) if skin.size else np.median(below, axis=0)
    redder = float(np.median(_tint(above))) - tint
    may = _REDDER + max(0.0, float(_tint(skin)) - tint)
    other = 1.0 if redder < -_PALER else np.clip(1 - may / max(redder, may), 0, 1)
    hue = (above + 1) ** (1 - other) * (below + 1) ** other  # light from below the eyes, colour from above: makeup
    below = hue * ((below @ _GREY + 1) / (hue @ _GREY))[:, None]
    above = hue * ((above @ _GREY + 1) / (hue @ _GREY))[:, None]
    colours = np.exp(np.log(above) * (1 - share) + np.log(below) * share)
    lift = _LIFT[0] * np.log(max(float(skin @ _GREY), 1.0) / max(float(np.median(colours @ _GREY)), 1.0))
    fine = (under - cv2.GaussianBlur(under, (0, 0), sigmaX=4, sigmaY=3)) @ _GREY  # pores and wrinkles, without light
    colours = colours + _WRINKLES[0] * fine.clip(-_WRINKLES[1], _WRINKLES[1])[..., None]
    colours = np.asarray(colours, dtype=np.float32)
    return LidSkin(colours, float(_HEIGHTS[best]), float(np.clip(lift, *_LIFT[1:])))


def _tint(skin: np.ndarray) -> np.ndarray:
    """How red skin (..., 3) is, and not blue."""
    return np.asarray(np.log((skin[..., 0] + 8) / (skin[..., 2] + 8)))


def _pale(skin: np.ndarray, tint: float) -> np.ndarray:
    """How little less red than `tint` something (..., 3) is, in [0, 1]."""
    return np.exp(-_PALE * np.maximum(0, tint - 0.05 - _tint(skin)))


def _sample(cut: np.ndarray, places: np.ndarray) -> Float32[np.ndarray, "rows columns 3"]:
    import cv2

    x, y = (np.ascontiguousarray(places[..., axis], dtype=np.float32) - 0.5 for axis in (0, 1))
    return np.asarray(cv2.remap(cut, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)).astype(np.float32)


def _light_along(skin: np.ndarray, tint: float) -> Float32[np.ndarray, "columns 3"]:
    """The colours of skin (rows, columns, 3) along a lid, smooth, and without what is darker than skin beside it."""
    import cv2

    step = float(ACROSS[1] - ACROSS[0])
    side = 2 * round(_AROUND / step) + 1
    light = np.ascontiguousarray(skin @ _GREY)
    calm = cv2.GaussianBlur(light, (0, 0), sigmaX=0.03 / step, sigmaY=1)
    most = np.percentile(calm, 85, axis=0).astype(np.float32)[None]
    around = cv2.dilate(most, np.ones((1, side), np.uint8))
    around = cv2.blur(around, (side, 1))
    weight = np.exp(-np.maximum(0, 1 - calm / np.maximum(around, 1)) / _CLEAN) * _pale(skin, tint) ** 4
    weight = weight[..., None].astype(np.float32)
    both = np.concatenate([skin * weight, weight], axis=2).sum(axis=0)
    narrow, wide = (
        cv2.GaussianBlur(both[None], (0, 0), sigmaX=smooth / step, sigmaY=0.01, borderType=cv2.BORDER_REPLICATE)[0]
        for smooth in (_SMOOTH, _COLOUR)
    )
    narrow, wide = narrow[:, :3] / narrow[:, 3:], wide[:, :3] / wide[:, 3:]
    return np.asarray(wide * ((narrow @ _GREY) / np.maximum(wide @ _GREY, 1))[:, None])


def _free_of_hair(points: np.ndarray, eye: Eye, brow: slice) -> Bool[np.ndarray, "heights"]:
    """Which of the heights above a lid have nothing of its brow, whose landmarks are along its upper edge."""
    first, last = points[0, eye[0][0]], points[0, eye[0][-1]]
    along = last - first
    down = np.array([-along[1], along[0]]) / max(float(along @ along), 1.0)
    lid = float((points[0, list(eye[0][1:-1])] @ down).mean())
    room = _UNDER_BROW * (lid - float(np.sort(points[0, brow] @ down)[:4].mean()))
    return np.asarray(max(room, float(_HEIGHTS[0])) >= _HEIGHTS)
