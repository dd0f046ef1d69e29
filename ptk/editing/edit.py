"""A photo in, a photo out: the face is found, cut out, translated and put back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ptk.editing.detail import unchanged
from ptk.errors import OutputError, WeightsError
from ptk.faces.choose import choose_faces
from ptk.faces.crop import Crop
from ptk.faces.images import SUFFIXES, photo_format
from ptk.faces.landmarks import eye_distance
from ptk.faces.mask import head_mask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jaxtyping import Float, Float32, UInt8

    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = [
    "PHOTO_STYLE",
    "Detector",
    "Translates",
    "check_output",
    "check_style",
    "default_output",
    "edit_face",
    "find_source",
    "find_sources",
]

PHOTO_STYLE = "photo"
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

    def rendered(
        self,
        cut: UInt8[np.ndarray, "size size 3"],
        start: Float[np.ndarray, "68 2"],
        goal: Float[np.ndarray, "68 2"],
        style: str,
    ) -> Float32[np.ndarray, "size size 3"]:
        """The face in `cut`, whose landmarks `start` (in [0, 1] of it) move to `goal`, in `style`; in [0, 255]."""
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
        raise OutputError(f"{out}: is the photo itself, which ptk never overwrites; give another --out")


def check_style(translator: Translates, style: str) -> None:
    """Raise WeightsError, with the styles that there are, where `translator` does not know `style`."""
    if style not in translator.domains:
        raise WeightsError(f"--style {style}: these weights know {', '.join(translator.domains)}")


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

    In the style photo only the face and a narrow border are replaced, and detail finer than the network's crop is
    taken from the photo where the network changed little. In other styles the mask takes in the hair. Raises
    WeightsError for a style that `translator` does not know, LandmarksError for a `source` without distinct eyes.
    """
    check_style(translator, style)
    crop = Crop.around(source)
    cut = crop.cut(photo.pixels, translator.size)
    start, goal = crop.to_unit(source), crop.to_unit(target)
    face = translator.rendered(cut, start, goal, style)
    if style == PHOTO_STYLE:
        mask = head_mask(start, goal, grow=0.02, feather=0.10)
        return crop.paste(photo.pixels, face, mask, keep=unchanged(face, cut))
    return crop.paste(photo.pixels, face, head_mask(start, goal, grow=0.06, feather=0.16))


def _distance(points: np.ndarray, others: np.ndarray) -> float:
    return float(np.linalg.norm(points - others, axis=-1).mean())
