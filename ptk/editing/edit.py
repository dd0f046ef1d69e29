"""A photo in, a photo out: the face is found, cut out, translated and put back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ptk.editing.dense_face import DenseFace
from ptk.editing.face_cut import FaceCut
from ptk.editing.learned import check_learned
from ptk.editing.rendered import PHOTO_STYLE, Translates
from ptk.errors import OutputError
from ptk.faces.choose import choose_faces
from ptk.faces.crop import Crop
from ptk.faces.images import SUFFIXES, photo_format
from ptk.faces.landmarks import eye_distance
from ptk.faces.topologies import IBUG68, find_anatomy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jaxtyping import Float, UInt8

    from ptk.faces.choose import Choice
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = [
    "PHOTO_STYLE",
    "Detector",
    "Translates",
    "check_output",
    "check_style",
    "choose_sources",
    "default_output",
    "edit_face",
    "edit_pixels",
    "find_source",
    "find_sources",
]


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
    """Where the faces to edit are, as `detector` (called `name` in messages) sees them: see `choose_sources`."""
    return choose_sources(detector.detect(photo.pixels), photo, name, target, face, warn)


def choose_sources(
    found: Sequence[Landmarks],
    photo: Photo,
    name: str,
    target: Landmarks | None = None,
    face: Choice = None,
    warn: Callable[[str], None] = lambda _: None,
) -> list[Landmarks]:
    """Which of the faces that a detector (called `name` in messages) `found` in `photo` are to be edited.

    With a `target` and no choice of a `face` it is the face nearest to the target, and the `target` itself when there
    is none within an eye distance: people can say where a face is that no detector finds. Otherwise `choose_faces`
    chooses; raises NoFaceError when nobody is found, or several and nobody says which.
    """
    if target is None or face is not None:
        return choose_faces(found, str(photo.path), name, face, warn)
    nearest = min(found, key=lambda each: _distance(each.points, target.points), default=None)
    if nearest is None or _distance(nearest.points, target.points) > eye_distance(target.points):
        return [target]
    return [nearest]


def edit_face(
    photo: Photo,
    source: Float[np.ndarray, "count 2"],
    target: Float[np.ndarray, "count 2"],
    translator: Translates,
    style: str = PHOTO_STYLE,
) -> UInt8[np.ndarray, "height width 3"]:
    """The pixels of `photo` with the face at `source` moved to `target` (photo pixels) and rendered in `style`.

    Both are landmarks of the weights' topology. See `ptk.editing.face_cut.FaceCut.edit`. The network sees sRGB,
    whatever the photo's profile. Raises WeightsError for a style that `translator` does not know, LandmarksError for a
    `source` without distinct eyes.
    """
    check_style(translator, style)
    crop = Crop.around(find_anatomy(source))
    start, goal = crop.to_unit(source), crop.to_unit(target)
    return edit_pixels(photo.pixels, crop, start, goal, translator, style, photo.icc)


def edit_pixels(
    pixels: UInt8[np.ndarray, "height width 3"],
    crop: Crop,
    start: Float[np.ndarray, "count 2"],
    goal: Float[np.ndarray, "count 2"],
    translator: Translates,
    style: str = PHOTO_STYLE,
    icc: bytes | None = None,
) -> UInt8[np.ndarray, "height width 3"]:
    """A copy of `pixels`, in the space of the profile `icc`, edited as `edit_face` does; landmarks are in [0, 1]."""
    here, there = map(find_anatomy, (start, goal))
    topology = getattr(translator, "topology", IBUG68)
    dense = None
    if len(start) != IBUG68.count and topology is not IBUG68:
        dense = DenseFace(topology, start, translator.geometry, (there, goal))
    return FaceCut(pixels, crop, here, translator, icc, dense=dense).edit(there, style)


def _distance(points: np.ndarray, others: np.ndarray) -> float:
    return float(np.linalg.norm(points - others, axis=-1).mean())
