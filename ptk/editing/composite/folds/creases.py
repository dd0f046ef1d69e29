"""The lines and the light of skin that folds, as far as landmarks really move, over the photo's own pixels.

A fold shades skin as a groove does: it is dark, with a soft lit rim on the side of the light (Lambert). Where the photo
has lines of its own they are deepened, or softened, in place; those of folds that fade are left to `smoothed_folds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.folds.fold_lines import Fold, draw_lines
from ptk.editing.composite.folds.skin import Skin
from ptk.faces.crop import overlap
from ptk.faces.topology import LEFT_EYE_OUTER, RIGHT_EYE_OUTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Float32, UInt8

    from ptk.faces.crop import Crop, Window

__all__ = ["LOOK", "CreaseLook", "Creases"]

_FINE, _SHADOW, _COARSE = (
    2.0,
    0.5,
    0.25,
)  # pixels that lines, shadows and bulges are drawn at, for each of the network's
_SEEN = 0.004  # of brightness: what changes by less is left alone


@dataclass(frozen=True)
class CreaseLook:
    """How creases look: widths in outer eye distances, and amounts as shares of brightness.

    A fold of strength 1 is as wide as `line` and `dark` in its middle, with a shadow as wide as `shadow` and `shaded`;
    `relief` is how much light its slopes have, and `bulged` how much those of bulges as wide as `bulge`. Lines of the
    photo within `reach` of a fold of strength 1 grow by the share `deepen`, and shrink by `soften` where skin is drawn
    smooth. Dark skin keeps its colour, more so by `warm`. No place changes by more than `darkest` and `brightest`.
    """

    line: float = 0.0085
    shadow: float = 0.032
    bulge: float = 0.085
    reach: float = 0.05
    dark: float = 0.24
    shaded: float = 0.15
    relief: float = 0.09
    bulged: float = 0.12
    deepen: float = 0.9
    soften: float = 0.5
    warm: float = 0.5
    darkest: float = 0.38
    brightest: float = 0.16


LOOK = CreaseLook()


@dataclass(frozen=True, eq=False)
class Creases:
    """How much brighter moved skin gets, as a share of its brightness, over the crop; each channel by `tone` of it."""

    shade: Float32[np.ndarray, "side side 1"]
    tone: tuple[float, float, float]

    @classmethod
    def of(
        cls,
        cut: UInt8[np.ndarray, "size size 3"],
        flow: Float32[np.ndarray, "size size 2"],
        start: Float[np.ndarray, "68 2"],
        folds: Sequence[Fold],
        look: CreaseLook = LOOK,
    ) -> Creases | None:
        """Fold the skin of a `cut` with landmarks `start`, in [0, 1], whose pixels are moved by `flow`, along `folds`.

        None where nothing folds, or no skin is seen.
        """
        folds = [fold for fold in folds if fold.strength > 0 or not fold.fades]
        skin = Skin.of(cut, start) if folds else None
        if skin is None:
            return None
        shade = _shade(folds, skin, flow, float(np.linalg.norm(start[LEFT_EYE_OUTER] - start[RIGHT_EYE_OUTER])), look)
        red, green, blue = (1 - look.warm * (each - 1) for each in skin.colour)
        return cls(shade[..., None], (red, green, blue)) if (np.abs(shade) > _SEEN).any() else None

    def draw(
        self,
        painted: Float32[np.ndarray, "height width 3"],
        asked: Float32[np.ndarray, "height width 1"],
        pixels: UInt8[np.ndarray, "rows columns 3"],
        crop: Crop,
        strip: Window,
    ) -> None:
        """Shade a strip of the photo, as far as it is `asked` for."""
        import cv2

        left, top, right, bottom = window = overlap(crop.window(pixels, np.abs(self.shade) > _SEEN), strip)
        if right <= left or bottom <= top:
            return
        part = np.s_[top - strip[1] : bottom - strip[1], left - strip[0] : right - strip[0]]
        share = crop.spread(self.shade, window, smooth=True)[..., 0] * asked[part][..., 0]
        painted[part] = cv2.multiply(painted[part], cv2.merge([1 + share * np.float32(each) for each in self.tone]))


def _shade(folds: list[Fold], skin: Skin, flow: np.ndarray, eyes: float, look: CreaseLook) -> np.ndarray:
    """How much brighter moved skin is, (2 S, 2 S), as a share of its brightness; `eyes` apart in the crop."""
    import cv2

    size = len(flow)
    counts = [len(fold.points) for fold in folds]
    points = _move(np.concatenate([fold.points for fold in folds]), flow)
    bulges = np.repeat([fold.bulges for fold in folds], counts)
    asked = np.concatenate([fold.weights * fold.strength for fold in folds])
    aged = np.repeat([fold.young + (1 - fold.young) * skin.age for fold in folds], counts)
    sharp = np.repeat([fold.sharp for fold in folds], counts)
    deep = np.where(bulges, 0, asked * aged).clip(0)
    fine, shadow, high, near = (
        draw_lines(points, weights, round(size * scale), width, eyes)
        for weights, scale, width in (
            (deep * sharp, _FINE, look.line),
            (deep, _SHADOW, look.shadow),
            (np.where(bulges, asked * aged, 0), _COARSE, look.bulge),
            (np.where(bulges, 0, asked), _COARSE, look.reach),
        )
    )
    broad = _enlarge(-look.bulged * _light_slopes(high, skin, look.bulge * eyes), len(shadow)) - look.shaded * shadow
    column, row = np.meshgrid(np.arange(size, dtype=np.float32), np.arange(size, dtype=np.float32))
    places = flow[..., 0] * np.float32(size) + column, flow[..., 1] * np.float32(size) + row
    share, lines = (cv2.remap(each, *places, cv2.INTER_LINEAR) for each in (skin.share, skin.lines))
    near = _enlarge(near.clip(-1, 1), size)
    broad = _enlarge(broad, size) + (look.deepen * near.clip(0) + look.soften * near.clip(None, 0)) * lines
    both = cv2.resize(np.stack([share * broad, share], axis=2), fine.shape, interpolation=cv2.INTER_LINEAR)
    groove = look.relief * _light_slopes(fine, skin, look.line * eyes) - look.dark * fine
    return np.asarray((both[..., 0] + both[..., 1] * groove).clip(-look.darkest, look.brightest))


def _move(points: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """Where points (K, 2), in [0, 1], of a picture are once it is sampled where `flow` leads."""
    size, there = len(flow), points
    for _ in range(2):  # a flow is as smooth as skin: from the second step on nothing changes
        column, row = (there * size).astype(int).clip(0, size - 1).T
        there = points - flow[row, column]
    return there


def _light_slopes(ridges: np.ndarray, skin: Skin, width: float) -> np.ndarray:
    """How far each place of grooves, drawn as ridges `width` wide in the crop, faces the light, about -1 to 1."""
    import cv2

    scale = width * len(ridges) / 8 * 1.6
    across, down = (cv2.Sobel(ridges, cv2.CV_32F, *axis, ksize=3, scale=scale) for axis in ((1, 0), (0, 1)))
    return np.asarray(np.float32(skin.light[0]) * across + np.float32(skin.light[1]) * down)


def _enlarge(picture: np.ndarray, size: int) -> np.ndarray:
    import cv2

    return np.asarray(cv2.resize(picture, (size, size), interpolation=cv2.INTER_LINEAR))
