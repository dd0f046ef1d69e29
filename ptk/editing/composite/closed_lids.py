"""Upper lids of eyes that shut, which no photo of an open eye shows, drawn at the photo's own resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.grain import tile_grain
from ptk.editing.composite.lid_skin import ACROSS, find_lid_skin
from ptk.editing.composite.ramp import ramp
from ptk.editing.composite.unseen_eyes import SHUT, find_openings
from ptk.faces.crop import overlap
from ptk.faces.topology import CHEEKS, EYELIDS, LEFT_BROW, RIGHT_BROW
from ptk.motion.eyelids import cover_eye, eyes_close, eyes_shut, line_of_lashes, place_beyond_lid

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.editing.composite.lid_skin import LidSkin
    from ptk.faces.crop import Crop, Window
    from ptk.motion.eyelids import Eye, Stays
    from ptk.motion.face_geometry import FaceGeometry

__all__ = ["ClosedLids"]

_BROWS = (RIGHT_BROW, LEFT_BROW)
_TURNED = 0.5  # of the width of the other: an eye that is narrower is seen from the side, if at all
_GREY = np.full(3, 1 / 3, dtype=np.float32)

# In widths of an eye:
_SOFT = 0.03  # over so much a lid begins above its lashes
_TOP = 0.11  # half of the height over which it ends above
_SIDES = (0.45, 0.64)  # from the middle of an eye, where a lid is whole, and where it ends
_WHITE = (0.6, 0.7)  # the same for what is brighter than a lid, such as the white of an eye
_UNDER = (-0.15, -0.05)  # above the lashes: where what is brighter begins to be covered, and from where it is
_BRIGHTER = (0.95, 1.12)  # times the light of a lid: what is no brighter may be a lash, and what is as bright is none
_LINE = 0.04  # the sigma above the edge of the dark line where lids meet
_LASHES = (0.075, 0.018, 17)  # the sigma below it, where lashes hang down, by how much they differ, and how many
_LINE_ENDS = (0.42, 0.56)  # from the middle of an eye, where that begins to fade, and where it ends

_BULGE = (0.45, 0.5)  # of its height, where a lid stands out most, and half of the height over which it does
_ROUND = (0.06, 0.08, 0.1)  # how much darker at its corners, and at its lashes, over so much, than in between
_FOLD = (0.065, 0.08, 0.85)  # how much darker the fold is that it leaves above, half of its width, and where it is
_DARK = 0.8  # how much darker than a lid the line is where lids meet: by less, the lid itself is taken for an eye
_GRAIN, _LOUD = 0.7, 3.0  # of the grain of skin where it is as bright as paper; levels, of what is no grain any more


@dataclass(frozen=True, eq=False)
class ClosedLids:
    """The upper lids that come down over eyes.

    `skins` are those of the right and of the left eye, None where none is seen. `face` are landmarks before and after,
    in [0, 1], `grain` that of the photo's skin, and `geometry` has the numbers of the weights.
    """

    skins: tuple[LidSkin | None, LidSkin | None]
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
        openings = find_openings(here[0])
        shut = eyes_shut(here * size, there * size, geometry)
        right, left = (
            find_lid_skin(cut, here * size, eye, brow, cheek, geometry) if shuts and faces and opens > SHUT else None
            for eye, brow, cheek, shuts, faces, opens in zip(EYELIDS, _BROWS, CHEEKS, shut, seen, openings, strict=True)
        )
        if grain is not None:  # hair and wrinkles of a cheek are none
            grain = grain * min(1.0, _LOUD / max(float(grain.std()), 1e-3))
        return cls((right, left), (here, there), grain, geometry)

    @property
    def stays(self) -> Stays:
        """From where on the photo keeps its skin above each lid, in widths of the eye above its lashes."""
        right, left = (None if skin is None else skin.stays for skin in self.skins)
        return right, left

    def draw(
        self,
        painted: Float32[np.ndarray, "height width 3"],
        asked: Float32[np.ndarray, "height width 1"],
        crop: Crop,
        strip: Window,
    ) -> None:
        """Draw them over a strip of the photo, as far as they are `asked` for."""
        here, there = (crop.to_photo(points[0]).astype(np.float32) for points in self.face)
        for eye, skin in zip(EYELIDS, self.skins, strict=True):
            if skin is None:
                continue
            window = overlap(_bounds(here[None], there[None], eye, skin.stays + _TOP, self.geometry), strip)
            left, top, right, bottom = window
            if right <= left or bottom <= top:
                continue
            part = np.s_[top - strip[1] : bottom - strip[1], left - strip[0] : right - strip[0]]
            corner = np.array([left, top], dtype=np.float32)
            drawn = self._draw_eye(painted[part], (here - corner)[None], (there - corner)[None], eye, skin, window)
            if drawn is not None:
                painted[part] += asked[part] * (drawn - painted[part])

    def _draw_eye(
        self, painted: np.ndarray, here: np.ndarray, there: np.ndarray, eye: Eye, skin: LidSkin, window: Window
    ) -> np.ndarray | None:
        """A window of the photo with a lid over what is `painted` in it; None where it is not."""
        shape = height, width = painted.shape[:2]
        found = cover_eye(here, there, eye, height, width, self.geometry)
        if not found.share.any():
            return None
        above, down, across, shut = (
            np.asarray(each, dtype=np.float32).reshape(shape)
            for each in (found.above, found.down, found.across, found.share)
        )
        beside = np.abs(across)
        lashes, end = np.float32(line_of_lashes(skin.stays, self.geometry.eyelids)), down + np.float32(skin.stays)
        colour = self._colour(skin, (above - lashes) / np.maximum(end - lashes, _SOFT), above - lashes, across, window)
        ends = ramp((_SIDES[1] - beside) / (_SIDES[1] - _SIDES[0]))
        lens = shut * ramp((end + _TOP - above) / (2 * _TOP))
        dark = lens * ramp(down / _SOFT) * ramp((above - lashes) / _SOFT) * ends
        bright = lens * ramp(above, *_UNDER) * ramp((_WHITE[1] - beside) / (_WHITE[1] - _WHITE[0]))
        light, lid = painted @ _GREY, np.maximum(colour @ _GREY, 1)
        share = dark + ramp(light / lid, *_BRIGHTER) * np.maximum(bright - dark, 0)
        drawn = painted + share[..., None] * (colour - painted)
        line = shut * ramp((_LINE_ENDS[1] - beside) / (_LINE_ENDS[1] - _LINE_ENDS[0])) * ramp(down / _SOFT)
        lashes = _LASHES[0] + _LASHES[1] * np.cos(2 * np.pi * _LASHES[2] * across * (1 - above))
        line *= np.exp(-0.5 * (above / np.where(above > 0, _LINE, lashes)) ** 2)
        darker = np.minimum(1, (1 - _DARK) * lid / np.maximum(drawn @ _GREY, 1))
        return np.asarray(drawn * (1 - line * (1 - darker))[..., None], dtype=np.float32)

    def _colour(
        self, skin: LidSkin, row: np.ndarray, above: np.ndarray, across: np.ndarray, window: Window
    ) -> np.ndarray:
        """The colours of a lid, where `row` is 0 at its lashes and 1 at its end, `above` the lashes by so much."""
        import cv2

        bent = (np.abs(across) / _SIDES[0]) ** 2
        column = (across - ACROSS[0]) / (ACROSS[1] - ACROSS[0])
        rows = row.clip(0, 1) * (len(skin.colours) - 1)
        colour = cv2.remap(skin.colours, column, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        shade = _ROUND[0] * np.minimum(bent, 1.5) * ramp(1.15 - row) + _ROUND[1] * (1 - ramp(above / _ROUND[2]))
        fold = np.exp(-(((row - _FOLD[2]) / _FOLD[1]) ** 2)) * ramp(1.4 - bent)
        bulge = np.clip(1 - ((row - _BULGE[0]) / _BULGE[1]) ** 2, 0, 1) * ramp(1.3 - bent)
        colour = colour * (np.exp(skin.lift * bulge) * (1 - shade - _FOLD[0] * fold))[..., None]
        if self.grain is not None:
            brightness = (colour.mean(axis=2, keepdims=True) / 255).clip(0)
            colour = colour + _GRAIN * np.sqrt(brightness) * tile_grain(self.grain, window)
        return np.asarray(colour)


def _bounds(here: np.ndarray, there: np.ndarray, eye: Eye, beyond: float, geometry: FaceGeometry) -> Window:
    """What a lid may cover of the photo, from below its edge to so far `beyond` where its lashes were."""
    across = np.array([-_WHITE[1], 0, _WHITE[1]], dtype=np.float32)
    places = [
        place_beyond_lid(points, eye, across, np.array([above, 0], dtype=np.float32), geometry)
        for points, above in ((here, beyond), (there, 3 * _UNDER[0]))
    ]
    found = np.concatenate([*(each.reshape(-1, 2) for each in places), there[0, sorted({*eye[0], *eye[1]})]])
    (left, top), (right, bottom) = np.floor(found.min(axis=0)).astype(int), np.ceil(found.max(axis=0)).astype(int)
    return int(left), int(top), int(right) + 1, int(bottom) + 1
