"""Where the hair of a head is, by its place around the face, its colour, and that of what is behind it.

Rays go out from between the brows; hair begins where skin ends along them, and ends where its colours do. What is sure
of it starts GrabCut (Rother et al. 2004) on a small picture, and colours draw its border on the large one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.align import head_turn
from ptk.faces.topology import BROWS, CHIN, JAW
from ptk_aging.face import Face, blur, fill, ramp

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Float32

    Plane = Float32[np.ndarray, "height width"]
    Mask = Bool[np.ndarray, "height width"]

__all__ = ["find_head_hair"]

# In outer eye distances, where nothing else is said:
_EYES = 32  # pixels between the eyes, in the small picture
_RAYS, _STEPS, _END = 72, 64, 2.1  # rays, places along them, and their length
_RUN = 4  # places: what is shorter is a brow, or a line
_WIDEST, _UPWARD, _SIDEWARD = 1.95, 1.2, 0.75  # radians from straight up: of all, of those above ears, of temples
_BAND = 0.05, 0.22  # beyond skin: there hair is, where there is any
_LEAST = 20  # places that are sure, or there is no hair
_ALIKE = 9.0, 14.0  # of CIE Lab, half of its lightness: colours of hair that hangs, and of hair along rays
_THICK, _UNKNOWN = 1.2, 0.35  # how thick hair is at most, and where no end of it is seen
_TURNED = 0.55, 0.85  # radians: in profile hair is not where rays look for it
_COMPLETE = 0.3, 0.55  # of the rays: hair that is found on fewer than the first is none


@dataclass(frozen=True, eq=False)
class _Small:
    """A small picture of a face and what is around it, and where each pixel is, in eye distances of the upright face.

    The face is `half` as wide, its chin and brows are `chin` and `brow` below the eyes (above is below 0).
    """

    rgb: Float32[np.ndarray, "height width 3"]
    lab: Float32[np.ndarray, "height width 3"]
    skin: Plane
    rough: Plane
    x: Plane
    y: Plane
    half: float
    chin: float
    brow: float

    @classmethod
    def of(cls, face: Face) -> _Small:
        import cv2

        size = tuple(max(16, round(side * _EYES / face.eyes)) for side in face.size)
        rgb = cv2.resize(face.rgb, size, interpolation=cv2.INTER_AREA).clip(0, 255)
        lab = cv2.cvtColor(rgb / np.float32(255), cv2.COLOR_RGB2LAB)
        light = lab[..., 0]
        rough = np.sqrt(np.maximum(cv2.blur(light * light, (5, 5)) - cv2.blur(light, (5, 5)) ** 2, 0))
        x, y = (cv2.resize(np.ascontiguousarray(each), size) for each in np.broadcast_arrays(*face.places))
        away = np.linalg.inv(face.turn)
        jaw, brows = (face.points[JAW] - face.middle) @ away, (face.points[BROWS] - face.middle) @ away
        half, chin = max(float(np.abs(jaw[:, 0]).max()), 0.72), max(float(jaw[CHIN, 1]), 0.5)
        skin = cv2.resize(face.bare, size, interpolation=cv2.INTER_AREA)
        return cls(rgb, lab, skin, rough, x, y, half, chin, min(float(brows[:, 1].mean()), -0.05))

    def within(self, wide: float, high: float) -> Mask:
        """An ellipse `wide` times as wide as the face, that reaches `high` above the eyes, and down to the chin."""
        return (self.x / (self.half * wide)) ** 2 + (self.y / np.where(self.y < 0, high, self.chin)) ** 2 < 1


@dataclass(frozen=True, eq=False)
class _Rays:
    """Rays (R,) from between the brows: `angles` from straight up, where skin ends (`edge`), how `thick` hair is, and
    whether that is a guess, since it is `endless`.

    `places` (K, 2) of the small picture are sure to be hair, `colours` (3, 3) are what hair has, and it is `complete`
    on so much of the head.
    """

    angles: Float[np.ndarray, "rays"]
    edge: Float[np.ndarray, "rays"]
    thick: Float[np.ndarray, "rays"]
    endless: Float[np.ndarray, "rays"]
    places: np.ndarray
    colours: np.ndarray
    complete: float

    def span(self, ray: Plane) -> tuple[Plane, Plane]:
        """How far away hair begins and ends in directions of a `ray`; beyond the rays there is none."""
        ends = np.interp(ray, self.angles, self.edge + self.thick, left=0, right=0)
        return np.interp(ray, self.angles, self.edge, left=9, right=9), ends


def find_head_hair(face: Face) -> Plane:
    """How far each place is hair of the head, in [0, 1]."""
    import cv2

    small = _Small.of(face)
    rays = _follow_rays(face, small)
    none = np.zeros(face.grey.shape, dtype=np.float32)
    if rays is None:
        return none
    alike = _differ(small.lab, rays.colours) < _ALIKE[0]
    hair = _cut(small, rays, alike)
    if not hair.any():
        return none
    hair, hangs = _extend(small, hair, alike)
    count, labels = cv2.connectedComponents(hair.astype(np.uint8))
    over = (small.y < small.brow - 0.12) & (np.abs(small.x) < small.half + 0.2)
    above = np.bincount(labels[over], minlength=count)
    above[0] = 0
    share = (above > max(15, 0.15 * above.max()))[labels].astype(np.float32)
    ray, away = np.arctan2(small.x, small.brow - small.y), np.hypot(small.x, small.y - small.brow)
    if not hangs:
        share *= 1 - ramp(np.abs(ray), 1.35, 1.9)
    begins, ends = rays.span(ray)
    open_ended = np.interp(ray, rays.angles, rays.endless)
    share *= np.float32(1) - (open_ended * ramp((away - begins) / np.maximum(ends - begins, 0.05), 0.3, 1)).astype(
        np.float32
    )
    share = cv2.resize(blur(share, 0.8), face.size, interpolation=cv2.INTER_LINEAR)
    share *= 1 - ramp(face.places[1], small.chin + 0.1, small.chin + 0.5)
    return np.asarray(np.float32(rays.complete) * share * _compare(face, rays.colours))


def _follow_rays(face: Face, small: _Small) -> _Rays | None:
    """Where skin ends and hair is along rays; None where nothing is sure to be hair."""
    import cv2

    angles = np.linspace(-_WIDEST, _WIDEST, _RAYS)[:, None]
    away = np.linspace(0, _END, _STEPS)[None]
    own = np.stack([np.sin(angles) * away, small.brow - np.cos(angles) * away], axis=-1)
    factor = len(small.rgb) / face.size[1]
    at = ((own @ face.turn + face.middle + 0.5) * factor - 0.5).astype(np.float32)
    textured = np.maximum(ramp(small.rough, 0.8, 1.7), 1 - ramp(small.lab[..., 0], 25, 45))
    seen, hairy, curly = (
        cv2.remap(each, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderValue=0)
        for each in (small.skin, textured, cv2.erode(small.rough, np.ones((7, 7), np.uint8)))
    )
    colours = cv2.remap(small.lab, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # where a face ends at the earliest, and a forehead or an ear at the latest
    up = np.cos(angles) > 0
    first = 1 / np.hypot(np.sin(angles) / small.half, np.cos(angles) / np.where(up, 0.18, small.chin))
    last = 1 / np.hypot(np.sin(angles) / (small.half + 0.16), np.cos(angles) / np.where(up, 1.1, small.chin))
    bare = _hold(((seen < 0.4) & (hairy > 0.4)) | (curly > 3.5))
    ends = (away > first) & (bare | (away > last))
    edge = _median(np.where(ends.any(axis=1), away[0, ends.argmax(axis=1)], _END), 9)[:, None]
    behind = np.median(colours[:, -8:], axis=1)[:, None]
    differs = ramp(np.linalg.norm((colours - behind) * (0.7, 1, 1), axis=2), 6, 14)
    chroma, hue = np.hypot(colours[..., 1], colours[..., 2]), np.arctan2(colours[..., 2], colours[..., 1])
    brown = (hue > np.where(chroma < 25, 0.35, 0.7)) & (hue < 1.75)  # or black, blond, ginger; grey has no hue
    likely = np.where(brown, 1 - ramp(chroma, 62, 75), 1 - ramp(chroma, 6, 13))
    sure: np.ndarray = (away > edge + _BAND[0]) & (away < edge + _BAND[1]) & (edge < last - 0.02) & (seen < 0.5)
    sure = np.asarray(sure & (differs * likely * hairy > 0.5))
    upward = np.abs(angles) < _UPWARD
    if (sure & upward).sum() < _LEAST:
        return None
    cv2.setRNGSeed(0)
    near = cv2.kmeans(colours[sure & upward], 3, np.empty(0, np.int32), (3, 8, 1.0), 1, cv2.KMEANS_PP_CENTERS)[2]
    alike = _differ(colours, near) < _ALIKE[1]
    sure &= upward | alike  # beside the ears is often something else
    hit, angles = np.asarray(sure.any(axis=1)).ravel(), angles[:, 0]
    sides = [float(hit[(side * angles > _SIDEWARD) & (side * angles < 1.4)].mean()) for side in (-1, 1)]
    found = max(float(hit[np.abs(angles) < _UPWARD].mean()), min(sides))
    complete = float(ramp(np.asarray(found), *_COMPLETE) * (1 - ramp(np.asarray(head_turn(face.points)), *_TURNED)))
    thick, endless = _measure_hair(alike, away[0], edge[:, 0], hit)
    return _Rays(angles, edge[:, 0], thick, endless, at[sure].round().astype(int), near, complete)


def _measure_hair(
    alike: np.ndarray, away: np.ndarray, edge: np.ndarray, hit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How thick hair is along each ray, whose places `away` are `alike` hair (rays, places), from the `edge` of skin.

    Where it has no end, as on dark grounds, it is as thick as beside; also how far it is so, in [0, 1].
    """
    wrong = _hold(~alike)
    wrong &= away[None] > edge[:, None] + 0.1
    ended = wrong.any(axis=1)
    thick = np.where(ended, away[wrong.argmax(axis=1)] - edge, np.nan)
    typical = float(np.median(thick[hit & ended])) if (hit & ended).any() else _UNKNOWN
    thick = np.where(np.isnan(thick), min(typical, 0.6), thick)
    thick = _median(np.where(hit, np.minimum(thick, _THICK), 0), 7)
    return thick, _median((~ended).astype(float), 7)


def _cut(small: _Small, rays: _Rays, alike: Mask) -> Mask:
    """Cut the small picture into hair and the rest."""
    import cv2

    x, y, half = small.x, small.y, small.half
    ray, away = np.arctan2(x, small.brow - y), np.hypot(x, y - small.brow)
    begins, ends = rays.span(ray)
    mask = np.full(ray.shape, cv2.GC_BGD, dtype=np.uint8)
    mask[away < ends + 0.12] = cv2.GC_PR_BGD
    mask[(away < ends) & (away > begins)] = cv2.GC_PR_FGD
    beside = (np.abs(x) > half * 0.8) & (np.abs(x) < half + 0.4) & (y > 0) & (y < small.chin * 1.25)
    mask[beside & alike] = cv2.GC_PR_FGD
    grey, usual = small.rgb.mean(axis=2), float(np.percentile(small.rgb.mean(axis=2)[small.within(0.8, 0.6)], 70))
    ear = (np.abs(x) > half * 0.8) & (np.abs(x) < half + 0.22) & (y > -0.12) & (y < 0.6)
    mask[(away < begins - 0.04) & (np.abs(ray) < _UPWARD)] = cv2.GC_BGD
    mask[(small.within(1, 0.95) | ear) & (small.skin > 0.4)] = cv2.GC_BGD
    mask[small.within(0.93, 0.35 - small.brow) & (grey > 0.5 * usual)] = cv2.GC_BGD
    mask[small.within(0.93, 0.1 - small.brow)] = cv2.GC_BGD
    free = mask != cv2.GC_BGD
    places = rays.places[((rays.places >= 0) & (rays.places < ray.shape[::-1])).all(axis=1)]
    places = places[mask[places[:, 1], places[:, 0]] != cv2.GC_BGD]
    if len(places) < _LEAST:
        return np.zeros(ray.shape, dtype=bool)
    mask[places[:, 1], places[:, 0]] = cv2.GC_FGD
    ground, own = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(np.rint(small.rgb).astype(np.uint8), mask, (0, 0, 0, 0), ground, own, 2, cv2.GC_INIT_WITH_MASK)
    likely = free & (away < ends) & (away > begins) & (_differ(small.lab, rays.colours) < _ALIKE[1])
    return np.asarray((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD) | likely)


def _extend(small: _Small, hair: Mask, alike: Mask) -> tuple[Mask, bool]:
    """Add hair that hangs down beside the face: what is `alike` and joined to `hair`, and whether it is that.

    Where what is further out is alike, too, it may be the ground, or clothes.
    """
    import cv2

    away = np.abs(small.x)
    low = (away > 0.6 * small.half) & (small.y > -0.6) & (small.y < small.chin + 0.45)
    low &= (small.skin < 0.4) & ~small.within(0.93, 0.1 - small.brow)
    for wide in (0.5, 0.3):
        more = hair | (alike & low & (away < small.half + wide))
        _, labels = cv2.connectedComponents(more.astype(np.uint8))
        rim = low & (away > small.half + wide) & (away < small.half + wide + 0.12)
        if (alike & rim).sum() < 0.2 * max(int(rim.sum()), 1):
            return more & np.isin(labels, np.unique(labels[hair])), True
    return hair, False


def _hold(flags: np.ndarray) -> np.ndarray:
    """Where flags (rays, places) are true from there on for `_RUN` places; beyond the last they go on."""
    ahead = np.pad(flags, ((0, 0), (0, _RUN - 1)), mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(ahead, _RUN, axis=1).all(axis=-1))


def _median(values: np.ndarray, count: int) -> np.ndarray:
    """The medians of so many neighbours; beyond the ends the last goes on."""
    around = np.pad(values, count // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(around, count), axis=-1))


def _differ(lab: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """How far each of `lab` (..., 3) is from the nearest of `colours`, of whose lightness half counts."""
    return np.asarray(
        np.min([np.linalg.norm((lab - own) * np.array((0.5, 1, 1), np.float32), axis=-1) for own in colours], axis=0)
    )


def _compare(face: Face, colours: np.ndarray) -> Plane:
    """How far each place has one of the `colours` (K, 3) of hair, CIE Lab, rather than that of skin, in [0, 1]."""
    import cv2

    smooth = cv2.cvtColor(blur(face.rgb, 0.01 * face.eyes).clip(0, 255) / np.float32(255), cv2.COLOR_RGB2LAB)
    light, green, blue = cv2.split(smooth)
    away = np.full(light.shape, np.inf, dtype=np.float32)
    for own in colours:
        apart = cv2.magnitude(cv2.magnitude(green - own[1], blue - own[2]), 0.45 * (light - own[0]))
        np.minimum(away, apart, out=away)
    # beside cheeks skin is in the shade, and foreheads shine
    lit = 1 - ramp(face.unlike, 0.25, 0.45)
    cheeks = fill(face.size, [face.points[JAW]], 0.03 * face.eyes)
    shaded = cheeks * (1 - ramp(face.unlike, 0.2, 0.45))
    shaded = np.maximum(shaded, ramp(blur(face.grey, 0.01 * face.eyes) / face.usual, 0.7, 0.9) * lit)
    return np.asarray((1 - ramp(away, 16, 26)) * (1 - face.bare) * (1 - 0.85 * shaded) * face.hairy)
