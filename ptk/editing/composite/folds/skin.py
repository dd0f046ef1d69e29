"""The skin of a face in its cut: where it is, how lined it is, and where its light comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.ramp import ramp
from ptk.faces.topology import BROWS, CHEEKS, EYELIDS, LEFT_EYE_OUTER, NOSE_TOP, RIGHT_EYE_OUTER, UNDER_NOSE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Float32, UInt8

__all__ = ["Skin", "find_folded_skin"]

# In outer eye distances:
_PATCH = 0.11  # half the side of a patch of cheek
_COARSE = 0.02  # what hair, frames and hats are told at: lines of skin are finer
_LINE, _AROUND = 0.007, 0.02  # lines of skin are what a blur by the first shows, and one by the second does not
_GRAIN = 0.008  # of folds what is finer is grain
_WIDE = 0.05  # over which brightness is held to be that of the skin

_DARKEST = 10.0  # levels that are added: below that colours are noise
_HUE = (
    0.22,
    0.45,
)  # of log ratios of channels, away from the cheeks': skin up to the first, none from the second
_SHADE = (
    1.2,
    1.9,
)  # of log brightness, darker than the cheeks: shade up to the first, hair from the second
_EDGE = (
    0.22,
    0.5,
)  # of the cheeks' brightness, over `_COARSE`: folds up to the first, hair and frames from the second
_LINED = (0.012, 0.045)  # mean size of lines, of brightness: of the young, and of the old
_UNDER_EYES, _FOREHEAD = 0.35, 0.55  # lengths of the nose below eyes and above brows: skin whose lines come with age
_SIDE = 1.2  # how much light comes from the side on which a cheek is e times as bright


@dataclass(frozen=True, eq=False)
class Skin:
    """The skin of a face in a cut of `size` pixels a side.

    `share` in [0, 1] is how far a place is bare skin, `lines` how much darker (below 0) than around it, of its
    brightness, and `age` in [0, 1] how lined it is. `light` points to where the light comes from, x to the right and y
    down; `colour` is that of the cheeks, of which a grey one has 1 in each channel.
    """

    share: Float32[np.ndarray, "size size"]
    lines: Float32[np.ndarray, "size size"]
    age: float
    light: tuple[float, float]
    colour: tuple[float, float, float]

    @classmethod
    def of(cls, cut: UInt8[np.ndarray, "size size 3"], points: Float[np.ndarray, "68 2"]) -> Skin | None:
        """Find the skin around the landmarks `points`, in [0, 1] of the `cut`; None where no cheek is seen."""
        import cv2

        size = len(cut)
        eyes = float(np.linalg.norm(points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER])) * size
        factor = max(1, round(_COARSE * eyes))
        small = cv2.resize(cut, (size // factor, size // factor), interpolation=cv2.INTER_AREA).astype(np.float32)
        red, green, blue = (each + _DARKEST for each in cv2.split(small))
        parts = [each for each in _patches(points, len(small), eyes / factor) if red[each].size]
        if not parts:
            return None
        medians = [np.array([np.median(each[part]) for each in (red, green, blue)]) for part in parts]
        toned, usual = _compare((red, green, blue), medians, len(medians))
        bright = (red + green + blue) / 3
        edge = cv2.morphologyEx(bright, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) / usual
        share = toned * (1 - ramp(edge, *_EDGE))
        share = cv2.resize(cv2.blur(share, (3, 3)), (size, size), interpolation=cv2.INTER_LINEAR)
        grey = cv2.cvtColor(cut, cv2.COLOR_RGB2GRAY).astype(np.float32) + _DARKEST / 2
        fine, around, wide = (cv2.GaussianBlur(grey, (0, 0), width * eyes) for width in (_LINE, _AROUND, _WIDE))
        lines = (fine - around) / wide
        parts = _patches(points, size, eyes, lined=True)
        sizes = [float(np.abs(lines[part]).mean()) for part in parts if lines[part].size]
        age = float(ramp(np.array(np.median(sizes)), *_LINED))
        first, second, third = (float(each) for each in np.mean(medians, axis=0) / np.mean(medians))
        side = 0.0  # light comes from above, and from the side of the brighter cheek
        if len(medians) == len(CHEEKS):
            side = float(np.clip(_SIDE * np.log(medians[1].mean() / medians[0].mean()), -1, 1))
        light = side, -float(np.sqrt(1 - 0.75 * side**2))
        return cls(share, lines, age, light, (first, second, third))


def find_folded_skin(
    cut: UInt8[np.ndarray, "side side 3"], points: Float[np.ndarray, "68 2"]
) -> Float32[np.ndarray, "side side"] | None:
    """Find how far a place of a `cut` is skin, in [0, 1], deep folds too; None where no cheek is seen.

    By its colour alone, beside that of cheeks and forehead: an edge may be a fold's.
    """
    import cv2

    side = len(cut)
    eyes = float(np.linalg.norm(points[LEFT_EYE_OUTER] - points[RIGHT_EYE_OUTER])) * side
    smooth = cv2.GaussianBlur(cut.astype(np.float32) + _DARKEST, (0, 0), max(_GRAIN * eyes, 0.3))
    red, green, blue = cv2.split(smooth)
    cheeks = [each for each in _patches(points, side, eyes) if red[each].size]
    if not cheeks:
        return None
    above = [each for each in _patches(points, side, eyes, lined=True)[-1:] if red[each].size]
    medians = [np.array([np.median(each[part]) for each in (red, green, blue)]) for part in (*cheeks, *above)]
    toned, _ = _compare((red, green, blue), medians, len(cheeks))
    return toned


def _compare(
    channels: Sequence[np.ndarray], tones: Sequence[np.ndarray], cheeks: int
) -> tuple[Float32[np.ndarray, "height width"], float]:
    """How far each place has one of the `tones`, in [0, 1], and the usual light: of the first, which are `cheeks`.

    Each tone is compared for itself: light from two sides has two colours.
    """
    import cv2

    red, green, blue = channels
    warm, cold = cv2.log(red / green), cv2.log(blue / green)
    away = np.full(red.shape, np.inf, np.float32)
    for own in tones:
        np.minimum(away, np.hypot(warm - np.log(own[0] / own[1]), cold - np.log(own[2] / own[1])), out=away)
    usual = max(float(each.mean()) for each in tones[:cheeks])
    darker = np.log(usual) - cv2.log((red + green + blue) / 3)
    return np.asarray((1 - ramp(away, *_HUE)) * (1 - ramp(darker, *_SHADE)), dtype=np.float32), usual


def _patches(points: np.ndarray, size: int, eyes: float, lined: bool = False) -> list[tuple[slice, slice]]:
    """Rows and columns of a patch of each cheek in a picture of `size` pixels a side; of what gets `lined`, too."""
    half = max(2, round(_PATCH * eyes))
    middles = [(points[a] + points[b]) / 2 for a, b in CHEEKS]
    if lined:
        down = points[UNDER_NOSE] - points[NOSE_TOP]
        middles += [points[list(lower)].mean(axis=0) + _UNDER_EYES * down for _, lower in EYELIDS]
        middles.append(points[BROWS].mean(axis=0) - _FOREHEAD * down)
    centres = [(middle * size).round().astype(int) for middle in middles]
    return [np.s_[max(y - half, 0) : max(y + half, 0), max(x - half, 0) : max(x + half, 0)] for x, y in centres]
