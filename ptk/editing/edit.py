"""A photo in, a photo out: the face is found, cut out, translated and put back."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ptk.editing.composite import asks_for_movement, composite
from ptk.editing.composite.detail import unchanged
from ptk.editing.composite.face_cut import cut_face
from ptk.editing.learned import check_learned
from ptk.errors import OutputError
from ptk.faces.choose import choose_faces
from ptk.faces.crop import Crop
from ptk.faces.images import SUFFIXES, photo_format
from ptk.faces.landmarks import eye_distance
from ptk.faces.mask import head_mask
from ptk.motion.sampling import warp_picture
from ptk.types import PHOTO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jaxtyping import Float, Float32, UInt8

    from ptk.editing.rendered import Rendered
    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.motion.flow import FaceFlow
    from ptk.types import Landmarks

__all__ = [
    "PHOTO_STYLE",
    "Detector",
    "Translates",
    "check_output",
    "check_style",
    "default_output",
    "edit_face",
    "edit_pixels",
    "find_source",
    "find_sources",
]

_GREY = 1.5  # levels by which channels differ, on average

PHOTO_STYLE = PHOTO
"""The style in which the face blends with the photo around it."""


class Translates(Protocol):
    """What edits a face: `ptk.editing.translator.Translator`, or an exported network without torch."""

    @property
    def size(self) -> int:
        """The side in pixels of the faces that it takes and gives."""
        ...

    @property
    def domains(self) -> tuple[str, ...]:
        """The styles that it knows."""
        ...

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What its file says of itself: recipe, data, licence."""
        ...

    @property
    def detector(self) -> str:
        """Who found the landmarks that it learned from."""
        ...

    @property
    def face_flow(self) -> FaceFlow | None:
        """How its flow is made of landmarks; None where results tell no flow."""
        ...

    @property
    def hears_landmarks(self) -> bool:
        """Whether it is told landmarks; else no face moves, and every style is another domain than the photo's."""
        ...

    @property
    def multiple(self) -> int:
        """What sides of whole pictures are multiples of, where it learned from such; 0 where from faces."""
        ...

    def render(
        self,
        cut: UInt8[np.ndarray, "size size 3"],
        start: Float[np.ndarray, "68 2"],
        goal: Float[np.ndarray, "68 2"],
        style: str,
    ) -> Rendered:
        """The face in `cut`, whose landmarks `start` (in [0, 1] of it) move to `goal`, in `style`."""
        ...

    def translate(
        self, picture: UInt8[np.ndarray, "height width 3"], style: str
    ) -> Float32[np.ndarray, "height width 3"]:
        """A whole picture, its sides multiples of `multiple`, in `style`, in [0, 255]."""
        ...


class Detector(Protocol):
    """What a detector part makes."""

    def detect(self, image: UInt8[np.ndarray, "height width 3"]) -> list[Landmarks]:
        """The faces in `image`, best first."""
        ...


def default_output(photo: Path) -> Path:
    """`<stem>.ptk.<suffix>` beside `photo`; .png where ptk does not write the photo's own format."""
    suffix = photo.suffix if photo.suffix.lower() in SUFFIXES else ".png"
    return photo.with_name(f"{photo.stem}.ptk{suffix}")


def check_output(out: Path, photo: Path) -> None:
    """Raise OutputError where `out` would replace the photo itself, or names no format that ptk writes."""
    photo_format(out)
    if out.exists() and out.samefile(photo):
        raise OutputError(f"{out}: is the photo itself, which ptk never overwrites; give another `out`")


def check_style(translator: Translates, style: str) -> None:
    """Raise WeightsError, with what to do, where `translator` does not know `style` or was never trained in it."""
    check_learned(style, translator.domains, getattr(translator, "metadata", {}), "`style`")


def find_source(
    photo: Photo, detector: Detector, name: str, target: Landmarks | None = None, face: int | None = None
) -> Landmarks:
    """The one face that `find_sources` finds."""
    return find_sources(photo, detector, name, target, face)[0]


def find_sources(
    photo: Photo,
    detector: Detector,
    name: str,
    target: Landmarks | None = None,
    face: Choice = None,
    warn: Callable[[str], None] = lambda _: None,
) -> list[Landmarks]:
    """Where the faces to edit are, as `detector` (called `name` in messages) sees them.

    With a `target` and no choice of a `face` it is the face nearest to the target, and the `target` itself when there
    is none within an eye distance: people can say where a face is that no detector finds. Otherwise `choose_faces`
    chooses; raises NoFaceError when nobody is found, or several and nobody says which.
    """
    found = detector.detect(photo.pixels)
    if target is None or face is not None:
        return choose_faces(found, str(photo.path), name, face, warn)
    nearest = min(found, key=lambda one: _distance(one.points, target.points), default=None)
    if nearest is None or _distance(nearest.points, target.points) > eye_distance(target.points):
        return [target]
    return [nearest]


def edit_face(
    photo: Photo,
    source: Float[np.ndarray, "68 2"],
    target: Float[np.ndarray, "68 2"],
    translator: Translates,
    style: str = PHOTO_STYLE,
) -> UInt8[np.ndarray, "height width 3"]:
    """The pixels of `photo` with the face at `source` moved to `target` (photo pixels) and rendered in `style`.

    In the style photo the pixels are those of the photo, moved by the network's flow where it tells one; of other
    networks the face and a narrow border are replaced, and finer detail is taken from the photo where they changed
    little. Where no landmark moves nothing changes. In other styles the mask takes in the hair, and in all styles of
    weights that hear no landmarks, which translate a picture into the style photo as into any. The network sees sRGB,
    whatever the photo's profile. Raises WeightsError for a style that `translator` does not know, LandmarksError for a
    `source` without distinct eyes.
    """
    check_style(translator, style)
    crop = Crop.around(source)
    return edit_pixels(photo.pixels, crop, crop.to_unit(source), crop.to_unit(target), translator, style, photo.icc)


def edit_pixels(
    pixels: UInt8[np.ndarray, "height width 3"],
    crop: Crop,
    start: Float[np.ndarray, "68 2"],
    goal: Float[np.ndarray, "68 2"],
    translator: Translates,
    style: str = PHOTO_STYLE,
    icc: bytes | None = None,
) -> UInt8[np.ndarray, "height width 3"]:
    """A copy of `pixels`, in the space of the profile `icc`, edited as `edit_face` does; landmarks are in [0, 1]."""
    blends = style == PHOTO_STYLE and getattr(translator, "hears_landmarks", True)
    if blends and not asks_for_movement(start, goal):
        return pixels.copy()
    cut = cut_face(pixels, crop, translator.size)
    made = _render(cut, start, goal, translator, style, icc)
    if blends and _is_grey(cut):
        made = replace(made, image=made.image.mean(axis=2, keepdims=True).repeat(3, axis=2))
    if not blends:
        return crop.paste(pixels, made.image, head_mask(start, goal, grow=0.06, feather=0.16))
    if made.flow is not None and translator.face_flow is not None:
        return composite(pixels, crop, cut, made, start, goal, translator.face_flow)
    mask = head_mask(start, goal, grow=0.02, feather=0.10)
    return crop.paste(pixels, made.image, mask, keep=unchanged(made.image, cut))


def _is_grey(cut: np.ndarray) -> bool:
    """Whether a face is in black and white, as far as JPEG tells: paint on it has no colour either."""
    red, green, blue = (cut[..., channel] for channel in range(3))  # ten times as fast as along an axis of three
    most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
    return bool((most - least).mean() < _GREY)


def _render(
    cut: np.ndarray, start: np.ndarray, goal: np.ndarray, translator: Translates, style: str, icc: bytes | None
) -> Rendered:
    """What `translator` makes of a cut in the space of the profile `icc`, in that space, too."""
    from ptk.faces.colour import from_srgb, is_srgb, to_srgb

    if is_srgb(icc):
        return translator.render(cut, start, goal, style)
    colours = to_srgb(cut.astype(np.float32), icc)
    seen = np.rint(colours.clip(0, 255)).astype(np.uint8)
    made = translator.render(seen, start, goal, style)
    beyond = colours - seen  # what sRGB lacks, and what was rounded: it moves with its pixels
    beyond = beyond if made.flow is None else warp_picture(beyond, made.flow)
    return replace(made, image=from_srgb(made.image + beyond, icc).clip(0, 255))


def _distance(points: np.ndarray, others: np.ndarray) -> float:
    return float(np.linalg.norm(points - others, axis=-1).mean())
