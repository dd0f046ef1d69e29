"""The upper lids of eyes that shut: skin that no photo of an open eye shows, at the photo's own resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.grain import tile_grain
from ptk.editing.composite.ramp import ramp
from ptk.faces.crop import overlap
from ptk.faces.topology import EYELIDS, LEFT_BROW, RIGHT_BROW
from ptk.motion.eyelids import cover_eye, eyes_close, eyes_shut, line_of_lashes, place_beyond_lid

if TYPE_CHECKING:
    from jaxtyping import Bool, Float32, UInt8

    from ptk.faces.crop import Crop, Window
    from ptk.motion.eyelids import Eye, Stays
    from ptk.motion.face_geometry import FaceGeometry

__all__ = ["ClosedLids"]

_BROWS = (RIGHT_BROW, LEFT_BROW)
# In widths of an eye:
_HEIGHTS = np.arange(0.08, 0.47, 0.02, dtype=np.float32)  # above the lashes, where skin is looked for
_ACROSS = np.linspace(-0.65, 0.65, 53, dtype=np.float32)
_BELOW = np.arange(0.16, 0.37, 0.013, dtype=np.float32)  # below the lashes of a lower lid there is skin
_UNDER_BROW = 0.45  # of the way from a lid to the upper edge of its brow there is none of its hair
_MIDDLE = 0.35  # how far from the middle of an eye the height of its skin is measured
_BAND = 0.04  # half of the height of the skin that is taken
_SMOOTH = 0.08  # along the lid: what is left of lashes would be drawn out into streaks
_SOFT = 0.03  # over so much a lid begins above its lashes
_SIDES = (0.45, 0.62)  # from the middle of an eye, where a lid is whole, and where it ends

_LIT = (0.5, 0.0)  # of the light of the skin below an eye, which faces forwards, at the lashes of a lid and above
_ROUND = (0.16, 0.1, 0.12)  # how much darker a lid is at its corners, and at its lashes, over so much, than in between
_FOLD = (
    0.17,
    0.045,
)  # how much darker the fold is that it leaves above, and half of the fold's width in those of an eye
_WARM = 0.5  # how much more colour the light between skin and skin has
_WRINKLES = (0.6, 6.0)  # of the skin below an eye, how much a lid has, and the most in levels
_GLASS = 0.4  # skin below an eye is no darker than so much of that above, or dark glasses are before it
_TURNED = 0.5  # of the width of the other: an eye that is narrower is seen from the side, if at all
_FRAME = 0.3  # of the light of the skin below it, and darker: what is beyond is another side of glasses, or a brow
_GRAIN, _LOUD = 0.7, 3.0  # of the grain of skin where it is as bright as paper; levels, of what is no grain any more
_ROWS = len(_BELOW)


@dataclass(frozen=True, eq=False)
class ClosedLids:
    """The skin of upper lids that come down over eyes.

    `skins` has colours (rows, columns, 3) in levels of 255 for each eye, from its lashes upwards and from corner to
    corner, and `stays` from where on the photo keeps its skin, in widths of the eye above the lashes; None where none
    is seen. `face` are landmarks before and after, in [0, 1], `grain` that of the photo's skin, and `geometry` has the
    numbers of the weights.
    """

    skins: tuple[Float32[np.ndarray, "rows columns 3"] | None, ...]
    stays: Stays
    face: tuple[Float32[np.ndarray, "1 68 2"], Float32[np.ndarray, "1 68 2"]]
    grain: Float32[np.ndarray, "side side"] | None
    geometry: FaceGeometry

    @classmethod
    def of(
        cls,
        cut: UInt8[np.ndarray, "size size 3"],
        here: Float32[np.ndarray, "1 68 2"],
        there: Float32[np.ndarray, "1 68 2"],
        grain: Float32[np.ndarray, "side side"] | None,
        geometry: FaceGeometry,
    ) -> ClosedLids | None:
        """Find the skin of lids in a `cut` whose landmarks go from `here` to `there`; None where no eye closes."""
        size = len(cut)
        if not eyes_close(here * size, there * size, geometry):
            return None
        wide = [float(np.linalg.norm(here[0, eye[0][-1]] - here[0, eye[0][0]])) for eye in EYELIDS]
        seen = [each > _TURNED * max(wide) for each in wide]
        shut = eyes_shut(here * size, there * size, geometry)
        right, left = (
            _find_skin(cut, here * size, eye, brow, geometry) if shuts and faces else (None, None)
            for eye, brow, shuts, faces in zip(EYELIDS, _BROWS, shut, seen, strict=True)
        )
        if grain is not None:  # hair and wrinkles of a cheek are none
            grain = grain * min(1.0, _LOUD / max(float(grain.std()), 1e-3))
        return cls((right[0], left[0]), (right[1], left[1]), (here, there), grain, geometry)

    def draw(
        self,
        painted: Float32[np.ndarray, "height width 3"],
        asked: Float32[np.ndarray, "height width 1"],
        crop: Crop,
        strip: Window,
    ) -> None:
        """Draw them over a strip of the photo, as far as they are `asked` for."""
        here, there = (crop.to_photo(points[0]).astype(np.float32) for points in self.face)
        for eye, skin, stays in zip(EYELIDS, self.skins, self.stays, strict=True):
            if skin is None or stays is None:
                continue
            window = overlap(_bounds(here[None], there[None], eye, stays + _BAND, self.geometry), strip)
            left, top, right, bottom = window
            if right <= left or bottom <= top:
                continue
            part = np.s_[top - strip[1] : bottom - strip[1], left - strip[0] : right - strip[0]]
            corner = np.array([left, top], dtype=np.float32)
            drawn = self._draw_eye((here - corner)[None], (there - corner)[None], eye, skin, stays, window)
            if drawn is not None:
                painted[part] += drawn[1] * asked[part] * (drawn[0] - painted[part])

    def _draw_eye(
        self, here: np.ndarray, there: np.ndarray, eye: Eye, skin: np.ndarray, stays: float, window: Window
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """The colours of a lid in a window of the photo, and how much of each pixel it is; None where it is not."""
        import cv2

        shape = window[3] - window[1], window[2] - window[0]
        found = cover_eye(here, there, eye, *shape, self.geometry)
        if not found.share.any():
            return None
        above, down, across, share = (
            np.asarray(each, dtype=np.float32).reshape(shape)
            for each in (found.above, found.down, found.across, found.share)
        )
        lashes, end = np.float32(line_of_lashes(stays, self.geometry.eyelids)), down + np.float32(stays)
        share = share * ramp((above - lashes) / _SOFT) * ramp((end + _BAND - above) / (2 * _BAND))
        share *= ramp((_SIDES[1] - np.abs(across)) / (_SIDES[1] - _SIDES[0])) * ramp(down / _SOFT)
        row = ((above - lashes) / np.maximum(end - lashes, _SOFT)).clip(0, 1) * (len(skin) - 1)
        column = (across - _ACROSS[0]) / (_ACROSS[1] - _ACROSS[0])
        colour = cv2.remap(skin, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        bent = (np.abs(across) / _SIDES[0]) ** 2
        shade = _ROUND[0] * bent + _ROUND[1] * (1 - ramp((above - lashes) / _ROUND[2]))
        fold = np.exp(-(((above - end) / _FOLD[1]) ** 2)) * ramp(1.4 - bent)
        colour = colour * (1 - shade - _FOLD[0] * fold)[..., None].clip(0, 1)
        colour = colour + _WARM * fold[..., None] * (colour - colour.mean(axis=2, keepdims=True))
        if self.grain is not None:
            brightness = colour.mean(axis=2, keepdims=True) / 255
            colour = colour + _GRAIN * np.sqrt(brightness) * tile_grain(self.grain, window)
        return colour, share[..., None]


def _bounds(here: np.ndarray, there: np.ndarray, eye: Eye, beyond: float, geometry: FaceGeometry) -> Window:
    """What a lid may cover of the photo, from its edge to so far `beyond` where its lashes were."""
    across = np.array([-_SIDES[1], 0, _SIDES[1]], dtype=np.float32)
    places = [
        place_beyond_lid(points, eye, across, np.array([0, above], dtype=np.float32), geometry)
        for points, above in ((here, beyond), (there, 0))
    ]
    found = np.concatenate([*(each.reshape(-1, 2) for each in places), there[0, sorted({*eye[0], *eye[1]})]])
    (left, top), (right, bottom) = np.floor(found.min(axis=0)).astype(int), np.ceil(found.max(axis=0)).astype(int)
    return int(left), int(top), int(right) + 1, int(bottom) + 1


def _find_skin(
    cut: np.ndarray, points: np.ndarray, eye: Eye, brow: slice, geometry: FaceGeometry
) -> tuple[np.ndarray | None, float | None]:
    """The skin of a lid of landmarks (1, 68, 2) in pixels of a `cut`, and how far above its lashes it was found.

    Between lashes and brow, shadows of both, and frames of glasses it is where it is brightest; the nearer to the lid
    the better. Smooth along the lid, and lit at its edge as the skin below the eye.
    """
    import cv2

    seen = _sample(cut, place_beyond_lid(points, eye, _ACROSS, _HEIGHTS, geometry))
    bright = np.median(seen[:, np.abs(_ACROSS) < _MIDDLE].mean(axis=2), axis=1)
    bright = np.convolve(np.pad(bright, 1, "edge"), np.full(3, 1 / 3), "valid")
    free = _free_of_hair(points, eye, brow) & ~np.logical_or.accumulate(bright < _FRAME * np.maximum.accumulate(bright))
    brightest = max(float(bright[free].max()), 1.0)
    best = int(np.where(free, bright / brightest - _HEIGHTS, -np.inf).argmax())
    under = _sample(cut, place_beyond_lid(points, eye, _ACROSS, _BELOW, geometry, lower=True)).astype(np.float32)
    # Parted into its light along the eye, (columns, 3), and its pores and wrinkles, (rows, columns, 1).
    light = cv2.GaussianBlur(under, (0, 0), sigmaX=4, sigmaY=3)
    wrinkles = _WRINKLES[0] * (under - light).mean(axis=2, keepdims=True).clip(-_WRINKLES[1], _WRINKLES[1])
    below = under.mean(axis=0)
    if float(np.median(below)) < _GLASS * brightest:
        return None, None
    beside = round(_BAND / float(_HEIGHTS[1] - _HEIGHTS[0]))
    skin = cv2.medianBlur(np.ascontiguousarray(seen[max(best - beside, 0) : best + beside + 1]), 5)
    skin = cv2.resize(skin, (len(_ACROSS), _ROWS), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    skin = skin + np.linspace(_LIT[0], _LIT[1], _ROWS, dtype=np.float32)[:, None, None] * (below - skin)
    columns = _SMOOTH / float(_ACROSS[1] - _ACROSS[0])
    smooth = cv2.GaussianBlur(skin, (0, 0), sigmaX=columns, sigmaY=0.8)
    return np.asarray(smooth + wrinkles), float(_HEIGHTS[best])


def _sample(cut: np.ndarray, places: np.ndarray) -> UInt8[np.ndarray, "rows columns 3"]:
    import cv2

    x, y = (np.ascontiguousarray(places[..., axis], dtype=np.float32) - 0.5 for axis in (0, 1))
    return np.asarray(cv2.remap(cut, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _free_of_hair(points: np.ndarray, eye: Eye, brow: slice) -> Bool[np.ndarray, "heights"]:
    """Which of the heights above a lid have nothing of its brow, whose landmarks are along its upper edge."""
    first, last = points[0, eye[0][0]], points[0, eye[0][-1]]
    along = last - first
    down = np.array([-along[1], along[0]]) / max(float(along @ along), 1.0)
    lid = float((points[0, list(eye[0][1:-1])] @ down).mean())
    room = _UNDER_BROW * (lid - float(np.sort(points[0, brow] @ down)[:4].mean()))
    return np.asarray(max(room, float(_HEIGHTS[0])) >= _HEIGHTS)
