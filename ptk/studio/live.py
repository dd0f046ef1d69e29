"""Small pictures of a photo, in which edits cost the same however large it is: around a face, or of all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL import Image

from ptk.editing.known_faces import KnownFaces
from ptk.faces.crop import Crop

if TYPE_CHECKING:
    from jaxtyping import Float, UInt8

    from ptk.editing.rendered import Rendered, Translates
    from ptk.editing.session import Session
    from ptk.faces.images import Photo
    from ptk.types import Landmarks

__all__ = ["Part", "Region", "cut_part", "find_region"]

Region = tuple[int, int, int, int]
"""Left, top, width and height, in pixels of the photo."""

_AROUND = 1.3  # sides of the crop around a face: hair, and where a head goes that leans


@dataclass(frozen=True, eq=False)
class Part:
    """The `region` of a photo, around a face or all of it, shrunk, as a photo with a `session` of its own.

    `asked` is the side that was asked for.
    """

    session: Session
    region: Region
    asked: int

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the part for one of the photo, across and down."""
        photo, (_, _, width, height) = self.session.photo, self.region
        return photo.width / width, photo.height / height

    def to_photo(self, points: Float[np.ndarray, "count columns"]) -> Float[np.ndarray, "count columns"]:
        """Points, or circles, in pixels of the part as pixels of the photo."""
        across, down = self.scale
        placed = np.array(points, dtype=np.float64)
        placed[:, 0] = placed[:, 0] / across + self.region[0]
        placed[:, 1] = placed[:, 1] / down + self.region[1]
        if placed.shape[1] > 2:
            placed[:, 2] /= across
        return placed

    def shows(self, index: int) -> bool:
        """Whether a face is seen in the part, at least in part."""
        points = self.session.faces[index].points
        low, high = points.min(axis=0), points.max(axis=0)
        return bool((high > 0).all() and (low < (self.session.photo.width, self.session.photo.height)).all())


def find_region(points: Float[np.ndarray, "68 2"], width: int, height: int) -> Region:
    """The part of a photo that an edit of the face at `points` may change, and a margin, within the photo."""
    crop = Crop.around(points)
    low, high = 0.5 - _AROUND / 2, 0.5 + _AROUND / 2
    corners = crop.to_photo(np.array([[low, low], [low, high], [high, high], [high, low]]))
    left, top = np.floor(corners.min(axis=0)).clip(0, (width - 1, height - 1)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).clip((left + 1, top + 1), (width, height)).astype(int)
    return int(left), int(top), int(right - left), int(bottom - top)


class _Quick:
    """A `translator` whose photos are quick: where the network paints little, nobody sees it while a hand moves."""

    def __init__(self, translator: Translates) -> None:
        self._translator = translator

    def __getattr__(self, name: str) -> Any:
        return getattr(self._translator, name)

    def render(self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> Rendered:
        return self._translator.render(cut, start, goal, style, quick=True)


def cut_part(session: Session, region: Region, side: int, *, quick: bool = False) -> Part:
    """Cut the `region` out of the photo of a `session`, at most `side` pixels a side.

    A `quick` one is edited faster, by what moves alone: `ptk.editing.rendered.Translates.render`.
    """
    left, top, width, height = region
    scale = min(1.0, side / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    photo = _shrink(session.photo, region, size)
    drawing = None if session.drawing is None else _shrink(session.drawing, region, size)
    faces = [_place(each, (left, top), (size[0] / width, size[1] / height)) for each in session.all_faces]
    translator = cast("Translates", _Quick(session.translator)) if quick else session.translator
    small = replace(session, photo=photo, drawing=drawing, detector=KnownFaces(faces), translator=translator)
    return Part(small, region, side)


def _shrink(photo: Photo, region: Region, size: tuple[int, int]) -> Photo:
    left, top, width, height = region
    rows, columns = slice(top, top + height), slice(left, left + width)
    pixels = shrink(photo.pixels[rows, columns], size)
    alpha = None if photo.alpha is None else shrink(photo.alpha[rows, columns], size)
    return replace(photo, pixels=pixels, alpha=alpha)


def shrink(pixels: UInt8[np.ndarray, "height width *channels"], size: tuple[int, int]) -> np.ndarray:
    """`pixels` at another `size` (width, height), as a copy."""
    if pixels.shape[1::-1] == size:
        return np.ascontiguousarray(pixels).copy()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.array(image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))


def _place(face: Landmarks, corner: tuple[int, int], scale: tuple[float, float]) -> Landmarks:
    """A face of the photo in pixels of a part of it."""
    points = ((face.points - corner) * scale).astype(np.float32)
    irises = None
    if face.irises is not None:
        irises = np.column_stack([(face.irises[:, :2] - corner) * scale, face.irises[:, 2] * scale[0]])
        irises = irises.astype(np.float32)
    return replace(face, points=points, irises=irises, dense=None)
