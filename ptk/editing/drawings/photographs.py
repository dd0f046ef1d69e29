"""The way back from drawings: the photo that a drawing might have been made of, found by a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from ptk.domains.filters import REFERENCE
from ptk.editing.drawings.guess_style import guess_style
from ptk.editing.loading import SHIPPED, load_translator
from ptk.editing.pictures import translate_picture
from ptk.editing.rendered import PHOTO_STYLE
from ptk.editing.styles import measure_scale
from ptk.errors import PtkError, WeightsError
from ptk.recipe.one_part import build_one

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

    from ptk.editing.edit import Detector
    from ptk.editing.rendered import Translates
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["DrawnLandmarks", "find_style", "load_way_back", "make_photo", "photograph"]

_SIDES = (1.5, 1.0, 2.5)
"""How long the shorter side is in a first look, in sides of a face's crop: until a face is found in the result."""

_LARGEST = 8.0
"""The same at most, once a face is found: a network that sees all of a picture takes memory for it."""


@cache
def load_way_back() -> Translates:
    """Load the network that ptk has for it. Raises WeightsError where it is missing or damaged."""
    file = SHIPPED / "photographs.onnx"
    if not file.is_file():
        raise WeightsError(f"{file}: ptk's own weights are missing, the installation is damaged; install ptk again")
    return load_translator(file)


def find_style(picture: Photo, source: str | None = None, warn: Callable[[str], None] = lambda _: None) -> str:
    """The style that a `picture` is in: `source` where that says so, else what ptk's record in it says.

    Without either it is what it looks like, and `warn` is told where that is no photo. A style from which there is no
    way back counts as photo. Raises PtkError for such a `source`.
    """
    styles = load_way_back().domains[1:] if source or picture.edit else ()
    if source is not None and source != PHOTO_STYLE and source not in styles:
        raise PtkError(f"`source` {source}: no way back is known; there are {', '.join((PHOTO_STYLE, *styles))}")
    if source is not None:
        return source
    if picture.edit is not None:
        return picture.edit.style if picture.edit.style in styles else PHOTO_STYLE
    guessed = guess_style(picture.pixels)
    if guessed != PHOTO_STYLE:
        warn(f"{picture.path}: looks like a {guessed}, so it is edited over its photo; if not, add `source=photo`")
    return guessed


def make_photo(
    picture: Photo, detector: Detector, source: str | None = None, warn: Callable[[str], None] = lambda _: None
) -> Photo:
    """Make the photo of a drawing, without a record; `picture` itself where it is a photo (see `find_style`)."""
    style = find_style(picture, source, warn)
    if style == PHOTO_STYLE:
        return picture
    made = photograph(picture.pixels, style, load_way_back(), detector, picture.icc)
    return replace(picture, pixels=made, edit=None, depth=8)


def photograph(pixels: Pixels, style: str, network: Translates, detector: Detector, icc: bytes | None = None) -> Pixels:
    """Make the photo of a drawing in `style`, of its size and in its colour space, that of the profile `icc`.

    The network knows faces of one size. A first look, at several scales until `detector` finds a face in the result,
    tells how large they are; the second is at the scale that suits them. Without a face the first look is what there
    is.
    """
    height, width = pixels.shape[:2]
    looks = []
    for times in _SIDES:
        made = translate_picture(pixels, network, style, icc, side=times * network.size, detail=False)
        looks.append(made)
        if faces := [face.points for face in detector.detect(made)]:
            crop = measure_scale(faces, height, width) * REFERENCE  # the side of a face's
            side = min(min(height, width) / crop, _LARGEST) * network.size
            return translate_picture(pixels, network, style, icc, side=side, detail=False)
    return looks[0]


class DrawnLandmarks:
    """The landmarks of a drawing, as `detector` finds them on its photo; of a photo on itself.

    `source` says what style all pictures are in; "" takes each for what it looks like.

    Source: PortraitGAN (Duan, Guo, Kuo 2020), which has landmarks of drawings from the photos that it makes of them.
    """

    def __init__(self, source: str = "", detector: str = "mediapipe68") -> None:
        self._network = load_way_back()
        if source and source not in self._network.domains:
            raise PtkError(f"drawn68: no way back is known from {source}; {', '.join(self._network.domains)} are")
        if detector == "drawn68":
            raise PtkError("drawn68: looks through another detector; name that")
        self._source, self._detector = source, build_one("detector", detector, {}, {})

    def detect(self, image: Pixels) -> list[Landmarks]:
        """The faces in `image`, best first."""
        style = self._source or guess_style(image)
        if style != PHOTO_STYLE:
            image = photograph(image, style, self._network, self._detector)
        found: list[Landmarks] = self._detector.detect(image)
        return found
