"""The inside of a mouth that opens further than its photo shows: shaded, at the photo's own resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.grain import tile_grain
from ptk.editing.composite.ramp import ramp
from ptk.editing.composite.rendered_mouth import GAPING, TeethRows
from ptk.editing.composite.teeth import GAMMA, Teeth
from ptk.faces.align import aligned
from ptk.faces.anatomy import lip_gap
from ptk.faces.colour import from_srgb
from ptk.faces.crop import overlap
from ptk.faces.topology import BROWS, CHIN, EYE_CORNERS, LIP_MIDDLES, MOUTH_CORNERS, UNDER_NOSE
from ptk.motion.geometry import find_hollow_locally
from ptk.motion.mouth_frame import MouthFrame

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8

    from ptk.faces.crop import Crop, Window
    from ptk.motion.face_geometry import FaceGeometry
    from ptk.motion.lips import Hollow

__all__ = ["SHADING", "MouthInside", "MouthShading", "measure_childhood", "shade"]

_REACH, _FAR = 1.5, 1e-4  # pixels, and the weight of what is too far away to say anything of a place
_GREY = 0.12  # lips of less colour than that are in a photo without any, or nearly: nothing is tinted there

_MEAN = np.full(3, 1 / 3, dtype=np.float32)
_DARKER = 8.0  # levels by which teeth are painted darker, from which on nothing is left of that; and brighter
_BESIDE = 9  # pixels around which nothing gets brighter beside a mouth that is drawn whole: in its corners
_WHOLE = 0.8  # of a hollow where it is deepest: one that is drawn in part is left to a network
_FULL, _BRIGHTER = 0.85, 1.8  # of teeth's light is that of the brightest seen, which get brighter at most by so much
_CORNER = 0.25  # widths of the mouth around its corners: nothing is painted there where it is drawn whole
_EDGE = 0.7  # pixels: how soft the edge of what is drawn is
_BROWS = 0.8  # times how high brows are is taken from how far chin and nose are below the eyes
_CHILD = (1.475, 1.44)  # outer eye distances: of 98 faces all 7 small children were below, of 96 others nobody
_JAW = 0.5  # of how far lips are apart the chin is down


@dataclass(frozen=True)
class MouthShading:
    """How light falls off in a mouth: shares of the light that the lower lip reflects, lengths in widths of the mouth.

    `dark` is left at the back. `lip` more is seen behind the lower lip and `teeth` below the teeth, falling to 1 / e
    over `lip_reach` and `teeth_reach`; `corner` of all that is lost at the corners. Walls reflect the lip's colour
    times `tint`. Tongue and walls of a rendered mouth are added, times `flesh`, in what is open by more than
    `flesh_from` below the teeth, whole from `flesh_to`. `grain` of the skin's is on it.
    """

    dark: float = 0.018
    lip: float = 0.12
    lip_reach: float = 0.03
    teeth: float = 0.03
    teeth_reach: float = 0.03
    corner: float = 0.6
    tint: tuple[float, float, float] = (1.0, 0.6, 0.6)
    flesh: float = 0.6
    flesh_from: float = 0.06
    flesh_to: float = 0.2
    grain: float = 0.7


SHADING = MouthShading()


def shade(
    hollow: Hollow, flesh: Float[np.ndarray, "height width"] | float = 0.0, shading: MouthShading = SHADING
) -> Float[np.ndarray, "height width"]:
    """How much light comes from each pixel of a hollow without teeth, as a share of what the lower lip reflects."""
    teeth, lip, across = (np.asarray(each)[0, 0] for each in (hollow.teeth, hollow.lip, hollow.across))
    light = shading.lip * np.exp(-lip / shading.lip_reach) + shading.teeth * np.exp(-teeth / shading.teeth_reach)
    light = (shading.dark + light) * (1 - shading.corner * across**2)
    height = np.maximum(teeth + lip, 1e-4)
    open_by = np.clip((height - shading.flesh_from) / (shading.flesh_to - shading.flesh_from), 0, 1)
    return np.asarray(light + shading.flesh * open_by * flesh)


@dataclass(frozen=True, eq=False)
class MouthInside:
    """What is seen in a mouth below the teeth that the photo shows, or between lips that were shut and gape.

    `lip` (3,) is the light that comes from the lower lip and `white` (3,) what teeth before it would reflect,
    `covered` in [0, 1] the part of the crop where it is drawn,
    `shown` the part above that, inside of the mouth, of which the photo's pixels are moved. `smooth` is the flow
    between landmarks in shares of the crop, `face` these before and after, `grain` that of the skin. `rows` are those
    of teeth, the upper ones, too, where the photo is `bare` of them, and `geometry` has the numbers of the weights,
    `icc` the photo's profile.
    """

    lip: Float[np.ndarray, "3"]
    white: Float[np.ndarray, "3"]
    covered: Float32[np.ndarray, "size size"]
    shown: Float32[np.ndarray, "size size"]
    smooth: Float32[np.ndarray, "1 2 size size"]
    face: tuple[np.ndarray, np.ndarray]
    grain: Float32[np.ndarray, "side side"] | None
    rows: TeethRows
    bare: bool
    geometry: FaceGeometry
    icc: bytes | None

    @classmethod
    def of(
        cls,
        cut: UInt8[np.ndarray, "size size 3"],
        smooth: Float32[np.ndarray, "1 2 size size"],
        here: Float32[np.ndarray, "1 68 2"],
        there: Float32[np.ndarray, "1 68 2"],
        grain: Float32[np.ndarray, "side side"] | None,
        geometry: FaceGeometry,
        teeth: Teeth,
    ) -> MouthInside | None:
        """Find the inside of the mouth in a `cut` whose landmarks move by the `smooth` flow; None without one.

        It is drawn whole from lip to lip where the photo leaves the `teeth` unseen, and else below them.
        """
        import cv2

        bare = teeth.are_unseen(there[0])
        found = find_hollow_locally(smooth, here, there, geometry, bare=bare)
        if found is None or not np.any(found[1].share):
            return None
        window, hollow = found
        share = _cover(hollow)
        if share.max() < _WHOLE:  # a network's teeth would be seen through it
            return None
        covered, shown = np.zeros((2, *cut.shape[:2]), dtype=np.float32)
        covered[window], shown[window] = share, hollow.shown[0, 0]
        covered = cv2.dilate(covered, np.ones((3, 3), np.uint8))  # neighbours have something of each pixel in them
        stored = teeth.lip ** (1 / GAMMA)
        # The light that walls of the mouth would reflect if they were where the lower lip is.
        tinted = np.clip((stored.max() - stored.min()) / max(float(stored.max()), 1e-3) / _GREY - 1, 0, 1)
        reflected = teeth.lip * (1 - tinted * (1 - np.array(SHADING.tint)))
        smiles = 1 - float(MouthFrame.around(there, len(cut), len(cut), geometry).gapes()[0, 0]) if bare else 0.0
        rows = _fit_rows(hollow, here[0], there[0], smiles)
        seen = rows.look_up(hollow)
        enamel = seen.enamel[seen.teeth * share > 0.5]
        # Lips that leave little to be seen leave what is above the brightest: it gets as bright.
        brighter = _FULL / max(float(np.quantile(enamel, 0.8)), 1e-3) if len(enamel) else 1.0
        white = teeth.light * min(max(brighter, 1.0), _BRIGHTER)
        return cls(reflected, white, covered, shown, smooth, (here, there), grain, rows, bare, geometry, teeth.icc)

    def make_room(
        self, paint: Float32[np.ndarray, "size size 3"], hidden: Float32[np.ndarray, "size size"]
    ) -> tuple[Float32[np.ndarray, "size size 3"], Float32[np.ndarray, "size size"]]:
        """`paint`, in levels, and what it has `hidden`, without what a network does to the inside of this mouth.

        What is around the hollow goes on in its place. Teeth that the photo shows are not darkened: networks that see
        mouths gape seldom, and dark, do that to white teeth, too. Beside teeth that are drawn it paints none.
        """
        import cv2

        both = _fill(np.concatenate([paint, hidden[..., None]], axis=2), self.covered)
        paint, hidden = both[..., :3], both[..., 3]
        brighter = paint @ _MEAN / _DARKER
        kept = 1 - self.shown * (-brighter).clip(0, 1)
        if self.bare:
            near = cv2.dilate(self.covered, np.ones((_BESIDE, _BESIDE), np.uint8))
            kept *= 1 - near * brighter.clip(0, 1)
            kept *= 1 - _find_corners(self.face[1][0], len(paint))
        return paint * kept[..., None], hidden * kept

    def draw(
        self,
        painted: Float32[np.ndarray, "height width 3"],
        asked: Float32[np.ndarray, "height width 1"],
        pixels: UInt8[np.ndarray, "rows columns 3"],
        crop: Crop,
        strip: Window,
    ) -> None:
        """Draw it over a strip of the photo, as far as it is `asked` for."""
        import cv2

        left, top, right, bottom = overlap(crop.window(pixels, self.covered[..., None] > 0), strip)
        if right <= left or bottom <= top:
            return
        corner, sides = np.array([left, top]), np.array([right - left, bottom - top], dtype=np.float32)
        smooth = self.smooth[0].transpose(1, 2, 0)
        flow = crop.turn(crop.spread(smooth, (left, top, right, bottom), smooth=True)) / sides
        here, there = (((crop.to_photo(points[0]) - corner) / sides).astype(np.float32)[None] for points in self.face)
        flow = np.ascontiguousarray(flow.transpose(2, 0, 1))[None]
        found = find_hollow_locally(flow, here, there, self.geometry, bare=self.bare)
        if found is None:
            return
        (rows, columns), hollow = found
        window = left + columns.start, top + rows.start, left + columns.stop, top + rows.stop
        part = np.s_[window[1] - strip[1] : window[3] - strip[1], window[0] - strip[0] : window[2] - strip[0]]
        seen = self.rows.look_up(hollow)
        flesh = shade(hollow, seen.flesh)[..., None] * self.lip
        light = flesh + seen.teeth[..., None] * (seen.enamel[..., None] * self.white - flesh)
        colour = from_srgb(255 * light.clip(0, 1) ** (1 / GAMMA), self.icc)
        if self.grain is not None:
            brightness = colour.mean(axis=2, keepdims=True) / 255
            colour = colour + SHADING.grain * np.sqrt(brightness) * tile_grain(self.grain, window)
        cover = cv2.GaussianBlur(_cover(hollow), (0, 0), _EDGE)  # where lips run down a pixel's height is many pixels
        painted[part] += cover[..., None] * asked[part] * (colour - painted[part])


def _fit_rows(
    hollow: Hollow, start: Float[np.ndarray, "68 2"], goal: Float[np.ndarray, "68 2"], smiles: float
) -> TeethRows:
    """Fit the rows of teeth to a mouth at `goal`, of a face that was at `start`.

    The middle of the lips is aside in faces that are turned.
    """
    ends, middle = goal[list(MOUTH_CORNERS)], goal[list(LIP_MIDDLES)].mean(axis=0)
    along = ends[1] - ends[0]
    aside = float(2 * (middle - ends.mean(axis=0)) @ along / max(float(along @ along), 1e-9))
    return TeethRows.of(hollow, aside, measure_childhood(start), smiles)


def measure_childhood(points: Float[np.ndarray, "68 2"]) -> float:
    """How surely a face is a small child's, in [0, 1]: one whose chin and nose are near to the eyes, under high brows.

    How far the chin is down because the mouth is open does not count.
    """
    shape = aligned(points)
    eyes = float(shape[list(EYE_CORNERS), 1].mean())
    below = float(shape[CHIN, 1] + shape[UNDER_NOSE, 1]) - 2 * eyes - _JAW * max(lip_gap(shape), 0.0)
    above = eyes - float(shape[BROWS, 1].mean())
    return float(ramp(below - _BROWS * above, *_CHILD))


def _cover(hollow: Hollow) -> Float[np.ndarray, "height width"]:
    """How much of a pixel is drawn, in [0, 1]: all of a hollow that gapes by half."""
    gapes = float(hollow.gapes[0, 0])
    return np.asarray((hollow.share[0, 0] * min(1, gapes / GAPING) / gapes).clip(0, 1) if gapes else hollow.share[0, 0])


def _find_corners(points: Float[np.ndarray, "68 2"], size: int) -> Float32[np.ndarray, "size size"]:
    """How near a place is to a corner of the mouth, in [0, 1]: networks paint hollows there, beyond those of lips."""
    column, row = np.meshgrid(*2 * [(np.arange(size, dtype=np.float32) + 0.5) / size])
    right, left = points[list(MOUTH_CORNERS)]
    reach = _CORNER * float(np.linalg.norm(left - right))
    away = np.minimum(*(np.hypot(column - x, row - y) for x, y in (right, left)))
    return np.asarray(1 - ramp(away / reach, 0.5, 1), dtype=np.float32)


def _fill(
    planes: Float32[np.ndarray, "size size channels"], covered: Float32[np.ndarray, "size size"]
) -> Float32[np.ndarray, "size size channels"]:
    """`planes` with averages of what is near and not `covered` where it is; unchanged where nothing is near."""
    import cv2

    free = (1 - covered)[..., None]
    near, weight = (cv2.GaussianBlur(each, (0, 0), _REACH).reshape(each.shape) for each in (planes * free, free))
    filled = np.where(weight > _FAR, near / np.maximum(weight, _FAR), planes)
    return np.asarray(planes + (1 - free) * (filled - planes), dtype=np.float32)
