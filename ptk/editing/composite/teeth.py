"""Teeth in the light of their photo: how bright and of which colour they are, and the person's own kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.ramp import ramp
from ptk.faces.colour import from_srgb, to_srgb
from ptk.faces.topology import (
    CHEEKS,
    INNER_LIP_PAIRS,
    INNER_LIPS,
    LEFT_EYE,
    LEFT_EYE_OUTER,
    LEFT_MOUTH_CORNER,
    LOWER_LIP,
    RIGHT_EYE,
    RIGHT_EYE_OUTER,
    RIGHT_MOUTH_CORNER,
    indices,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import Float, Float32, UInt8

    from ptk.motion.geometry import LipFlow

__all__ = ["GAMMA", "Teeth"]

GAMMA = 2.2
"""Light adds up, and what photos store of it is about its root of that order."""

_MEAN = np.full(3, 1 / 3, dtype=np.float32)
_LEAST = 1e-4  # of light: as dark as a photo gets
_BRIGHT = 0.8  # of an eye, or of what a mouth shows, is darker than its white, or its teeth

# Of 11 photos of people who show their teeth, light and dark skinned: 0.4 of the light's logarithm is that of the
# whites of the eyes, which lids shade, the rest of lower lip and cheek. Teeth then had 1.05 of the light below, in the
# mean of logarithms (standard deviation: 1.5 times), and their ratios of red and blue to green differed by 1.2 times.
_SHARES = (0.4, 0.3, 0.3)
_EXPOSURE = 5.0  # times the light found, over 1 plus that: film saturates, dim light does not
_BRIGHTEST, _OVER_WHITES = 0.8, 2.2  # of white, and of the whites of the eyes: lids shade these, but in dim light alike
_ENAMEL = (1.06, 1.0, 0.92)  # of green, under white light
_FROM_WHITE, _FROM_SKIN = (0.15, 0.0, 0.20), (0.10, 0.0, 0.18)  # of the logarithm of their ratios to green
_COLOURS = (0.74, 1.28)  # of green: dark skin has less blue than any light
_GREY = 0.12  # lips of less colour than that are in a photo without any, or nearly: nothing is tinted there

_CHEEK = 0.06  # outer eye distances: half the side of a patch of cheek
_ENOUGH = 8  # pixels of a mouth, less of which show no teeth
_PARTED = (0.05, 0.11)  # widths of the mouth: lips that far apart show nothing, or teeth for sure
_PALE = (0.42, 0.56)  # of their brightest channel, beside enamel, is the darkest: lips and tongue, and teeth
_LIT = (0.5, 0.8)  # of the lower lip's light: teeth that are darker are none
_SURE = (0.5, 0.65)  # half kept, teeth would be seen through painted ones
_OPEN = (0.5, 0.9)  # of how far the photo's mouth is open: of mouths that close further nothing is kept

_DIM = (0.2, 0.33)  # of the light that teeth would have: what has less is in the shadow behind them
_SHOWS = 0.3  # widths of the mouth: a mouth open further, in which no teeth are seen, has none to be seen
_LAUGHS = 0.12  # widths of the mouth: between lips further apart a network's teeth are lumps, and drawn ones have room

_MARGIN = 6  # pixels around a mouth that are computed with it
_REPAINTED = 24.0  # levels of 255 at which paint has replaced what was there
_CLEAR = 1.5  # of what was painted, from two thirds on, is wholly toned
_NOT_RED, _NOT_DARK = (0.12, 0.4), (0.2, 0.55)  # as `_PALE`, of painted teeth; of the brightest tenth of a mouth
_TOOTH = 0.16  # widths of the mouth: what is dark and no wider, between teeth, is one, or a gap
_ALIKE = 0.05  # widths of the mouth: teeth that far apart are about as bright
_SLIT, _SLIT_LIGHT = (0.02, 0.12), 0.5  # widths: lips that far apart shade teeth, to that share, or not any more
_CORNER, _FULL = 0.55, 0.82  # of the light teeth lose at the corners, and have in the middle
_GAINS, _HEED = (0.4, 5.0), 0.9  # how much darker and brighter teeth get, and the power of the gain
_GAPS = 0.8  # the power of the gain between teeth, and below them
_HUE = 0.75  # of a painted tooth's colour gives way to that of enamel
_CONTRAST, _FINE = 0.15, 1.2  # of what a blur over so many pixels takes is added


@dataclass(frozen=True, eq=False)
class Teeth:
    """The teeth that a photo shows, or would.

    `light` (3,) is what a tooth well lit reflects, and `lip` (3,) the lower lip, as shares of white in linear sRGB.
    `own` in [0, 1] is how surely the photo shows the person's own, `parted` how far its lips are apart, in widths of
    the mouth. Pixels are in the space of the profile `icc`, or in sRGB.
    """

    light: Float[np.ndarray, "3"]
    lip: Float[np.ndarray, "3"]
    own: float
    parted: float
    icc: bytes | None = None

    @classmethod
    def of(
        cls, cut: UInt8[np.ndarray, "size size 3"], points: Float[np.ndarray, "68 2"], icc: bytes | None = None
    ) -> Teeth:
        """Find the teeth of a `cut` with landmarks `points`, in [0, 1]: their own colour where it shows them."""
        cut = to_srgb(cut, icc).clip(0, 255)
        lip = cut[_fill_polygon(points, LOWER_LIP, len(cut)) > 0.5]  # its light, linear; half of white where none shows
        lip = np.asarray((np.median(lip, axis=0) / 255 if len(lip) else np.full(3, 0.5)) ** GAMMA)
        light, parted = _find_enamel(cut, points, lip), _find_gap(points)
        seen = (cut[_fill_polygon(points, indices(INNER_LIPS), len(cut)) > 0.7] / 255) ** GAMMA
        if parted < _PARTED[0] or len(seen) < _ENOUGH:
            return cls(light, lip, 0.0, parted, icc)
        darkest = seen.min(axis=1)
        found = np.maximum(seen[darkest >= np.quantile(darkest, _BRIGHT)].mean(axis=0), _LEAST)
        beside = found / light
        own = float(ramp(beside.min() / beside.max(), *_PALE) * ramp(parted, *_PARTED))
        own *= float(ramp(found.mean() / max(float(lip.mean()), _LEAST), *_LIT) * ramp(beside.mean(), *_DIM))
        return cls(found**own * light ** (1 - own), lip, own, parted, icc)

    def keep_own(
        self,
        paint: Float32[np.ndarray, "size size 3"],
        hidden: Float32[np.ndarray, "size size"],
        goal: Float[np.ndarray, "68 2"],
        lips: LipFlow,
    ) -> tuple[Float32[np.ndarray, "size size 3"], Float32[np.ndarray, "size size"]]:
        """`paint`, in levels, and what it has `hidden`, without what it does to the person's own teeth.

        All of a mouth at `goal` but for what the photo does not show of it, by the flow of its `lips`, are its own
        pixels, as far as it is open.
        """
        own = float(ramp(self.own, *_SURE) * ramp(_find_gap(goal) / max(self.parted, _LEAST), *_OPEN))
        if own <= 0:
            return paint, hidden
        kept = 1 - own * _fill_polygon(goal, indices(INNER_LIPS), len(hidden))
        kept[lips.window] += (1 - kept[lips.window]) * np.maximum(lips.below, lips.unseen)[0, 0]
        return paint * kept[..., None], hidden * kept

    def tone(
        self,
        image: Float32[np.ndarray, "size size 3"],
        moved: Float32[np.ndarray, "size size 3"],
        visibility: Float32[np.ndarray, "size size"],
        goal: Float[np.ndarray, "68 2"],
    ) -> Float32[np.ndarray, "size size 3"]:
        """`image`, in levels, with the teeth that a network painted over the `moved` photo as they look in its light.

        They get the colour and light of `light`, darker between narrow lips and towards the corners, each as bright as
        its neighbours; and the contrast that a network's averages lack. Beyond lips that are apart nothing changes.
        """
        import cv2

        size, gap = len(image), _find_gap(goal)
        low, high = (each(goal[list(indices(INNER_LIPS))] * size, axis=0) for each in (np.min, np.max))
        left, top = np.maximum(np.floor(low).astype(int) - _MARGIN, 0)
        right, bottom = np.minimum(np.ceil(high).astype(int) + _MARGIN, size)
        if right <= left or bottom <= top or gap < _SLIT[0]:
            return image
        window = np.s_[top:bottom, left:right]
        part = image[window]
        inside = _fill_polygon(goal, indices(INNER_LIPS), size)[top - 1 if top else 0 : bottom, left:right]
        inside = np.maximum(inside[-len(part) :], np.roll(inside, -1, axis=0)[-len(part) :])
        inside = cv2.GaussianBlur(inside, (0, 0), 0.7)
        changed = np.abs(part - moved[window]) @ _MEAN / _REPAINTED
        inside *= (_CLEAR * (1 - visibility[window] * (1 - changed).clip(0))).clip(0, 1)
        light = (to_srgb(part, self.icc) / 255).clip(0, 1) ** np.float32(GAMMA)
        beside = light / self.light.astype(np.float32)
        level = beside @ _MEAN
        if not (inside > 0.5).any():
            return image
        brightest = max(float(np.quantile(level[inside > 0.5], 0.9)), _LEAST)
        teeth = inside * ramp(beside.min(axis=2) / np.maximum(beside.max(axis=2), _LEAST), *_NOT_RED)
        teeth = teeth * ramp(level / brightest, *_NOT_DARK)
        row = np.ones((1, 2 * round(_TOOTH / 2 * size * _find_width(goal)) + 1), np.uint8)
        teeth = np.maximum(teeth, inside * cv2.morphologyEx(teeth, cv2.MORPH_CLOSE, row))
        hue = beside / np.maximum(level, _LEAST)[..., None]
        toned = self.light.astype(np.float32) * level[..., None] * (1 + (1 - _HUE) * (hue - 1).clip(-0.5, 0.5))
        light += teeth[..., None] * (toned - light)
        gain = self._find_gain(teeth, level, goal, (left, top), size)
        light *= (1 + inside * (gain ** (_GAPS + (1 - _GAPS) * teeth) - 1))[..., None]
        painted = 255 * light.clip(0, 1) ** np.float32(1 / GAMMA)
        painted += _CONTRAST * inside[..., None] * (painted - cv2.GaussianBlur(painted, (0, 0), _FINE))
        result = image.copy()
        result[window] += (inside > 0)[..., None] * (from_srgb(painted.clip(0, 255), self.icc) - part)
        return result

    def are_unseen(self, goal: Float[np.ndarray, "68 2"]) -> bool:
        """Whether a mouth at `goal` is open enough to show teeth, and the photo had its lips shut, or parted over none.

        A mouth that is wide open in the photo and shows no teeth has none to be seen.
        """
        return self.own < _SURE[1] and self.parted < _SHOWS and _find_gap(goal) > _LAUGHS

    def _find_gain(
        self,
        teeth: Float32[np.ndarray, "height width"],
        level: Float32[np.ndarray, "height width"],
        goal: Float[np.ndarray, "68 2"],
        corner: tuple[int, int],
        size: int,
    ) -> Float32[np.ndarray, "height width"]:
        """How much brighter each place gets, so that neighbouring teeth are about as bright as teeth are there."""
        import cv2

        ends = goal[[RIGHT_MOUTH_CORNER, LEFT_MOUTH_CORNER]] * size - corner
        along = ends[1] - ends[0]
        width = max(float(np.linalg.norm(along)), 1.0)
        y, x = np.mgrid[: level.shape[0], : level.shape[1]].astype(np.float32)
        middle = ends.mean(axis=0)
        across = ((x - middle[0]) * along[0] + (y - middle[1]) * along[1]) * 2 / width**2
        near, amount = (cv2.GaussianBlur(each, (0, 0), _ALIKE * width) for each in (teeth * level, teeth))
        near = near / np.maximum(amount, 1e-3)
        shaded = _SLIT_LIGHT + (1 - _SLIT_LIGHT) * np.clip((_find_gap(goal) - _SLIT[0]) / (_SLIT[1] - _SLIT[0]), 0, 1)
        wanted = _FULL * (shaded + self.own * (1 - shaded)) * (1 - _CORNER * across.clip(-1, 1) ** 2)
        gain = (wanted / np.maximum(near, 0.05)).clip(*_GAINS) ** _HEED
        return np.asarray(gain, dtype=np.float32)


def _find_enamel(cut: np.ndarray, points: np.ndarray, lip: np.ndarray) -> np.ndarray:
    """The light (3,) of teeth that nothing shades, told from the whites of the eyes, the lower lip and a cheek."""
    size = len(cut)
    lip = np.maximum(lip, _LEAST)
    half = max(2, round(_CHEEK * size * float(np.linalg.norm(points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER]))))
    places = ((points[list(pair)].mean(axis=0) * size).round().astype(int).clip(0, size - 1) for pair in CHEEKS)
    patches = (cut[max(y - half, 0) : y + half + 1, max(x - half, 0) : x + half + 1].reshape(-1, 3) for x, y in places)
    cheeks = [(np.median(patch, axis=0) / 255) ** GAMMA for patch in patches if len(patch)]
    skin = np.maximum(max(cheeks, key=lambda cheek: float(cheek.mean()), default=lip), _LEAST)
    eyes = np.maximum(*(_fill_polygon(points, indices(eye), size) for eye in (RIGHT_EYE, LEFT_EYE)))
    lights = (cut[eyes > 0.5] / 255) ** GAMMA
    brightness = lights @ _MEAN
    white = lights[brightness >= np.quantile(brightness, _BRIGHT)].mean(axis=0) if len(lights) else skin
    # Whites darker than skin are shaded by lids, or glass: they would be as bright as it, of an unknown colour.
    white = np.maximum(white, _LEAST)
    white = skin + min(float(white.mean() / skin.mean()), 1.0) * (
        white * max(float(skin.mean() / white.mean()), 1.0) - skin
    )
    seen = [float(np.log(each.mean())) for each in (white, lip, skin)]
    level = _EXPOSURE * float(np.exp(np.dot(_SHARES, seen)))
    tinted = np.clip((1 - lip.min() ** (1 / GAMMA) / lip.max() ** (1 / GAMMA)) / _GREY - 1, 0, 1)
    ratios = np.log([each / each[1] for each in (white, skin)])
    colour = np.asarray(_ENAMEL) * np.exp(_FROM_WHITE * ratios[0] + _FROM_SKIN * ratios[1])
    colour = colour.clip(*_COLOURS) ** tinted
    level = min(level / (1 + level), _BRIGHTEST, _OVER_WHITES * float(white.mean()))
    return np.asarray(level * colour / colour.mean())


def _find_gap(points: np.ndarray) -> float:
    """How far the inner lips are apart, in widths of the mouth."""
    apart = np.mean([np.linalg.norm(points[upper] - points[lower]) for upper, lower in INNER_LIP_PAIRS])
    return float(apart / max(_find_width(points), _LEAST))


def _find_width(points: np.ndarray) -> float:
    """How wide the mouth is, in the unit of the points."""
    return float(np.linalg.norm(points[LEFT_MOUTH_CORNER] - points[RIGHT_MOUTH_CORNER]))


def _fill_polygon(points: np.ndarray, outline: Iterable[int], size: int) -> np.ndarray:
    """How much of each pixel (size, size) is inside of an outline of landmarks, in [0, 1]."""
    import cv2

    mask = np.zeros((size, size), dtype=np.float32)
    corners = np.rint(points[list(outline)] * size * 16 - 8).astype(np.int32)
    cv2.fillPoly(mask, [corners], 1.0, cv2.LINE_AA, 4)
    return mask
