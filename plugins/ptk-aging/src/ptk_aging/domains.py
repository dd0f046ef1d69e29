"""Two ages as domains: painted over photos, and learned from real images, too, where a source has them."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

import numpy as np

import ptk
from ptk.errors import LandmarksError
from ptk.faces.crop import Crop
from ptk_aging.face import Face
from ptk_aging.face_hair import find_face_hair
from ptk_aging.head_hair import find_head_hair
from ptk_aging.old_skin import paint_old_skin
from ptk_aging.shape import SAGGING, TIGHTENING, Motion, move
from ptk_aging.strands import colour_hair, grey_hair
from ptk_aging.young_skin import paint_young_skin

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8
    from torch import Tensor

    Pixels = Float32[np.ndarray, "height width 3"]
    Points = Float[np.ndarray, "68 2"]

__all__ = ["Old", "Young"]

# In outer eye distances from the middle of the eyes: what is painted to the sides, above and below
_SIDES, _ABOVE, _BELOW = 1.7, 1.75, 2.3
_FINEST, _COARSEST = 175.0, 90.0  # pixels between the eyes at which faces are painted
_LEAST = 8  # pixels: a window with a shorter side is left alone


class _Age(ptk.Domain):
    """A face at another age: its shape moves the photo's own pixels, then skin and hair are painted over them.

    `strength` in (0, 1] is how far it goes.
    """

    motion: ClassVar[Motion]

    def __init__(self, strength: float = 1.0) -> None:
        if not 0 < strength <= 1:
            raise ValueError(f"strength must be above 0 and at most 1, not {strength}")
        self.strength = strength

    @abstractmethod
    def measure_motion(self, age: float) -> float:
        """How far a face moves that is so old already, from 0 to 1."""

    @abstractmethod
    def paint(self, face: Face, age: float) -> Pixels:
        """Paint a `face` that is so old already, from 0 to 1; (H, W, 3) in [0, 255]."""

    def stylise(self, faces: ptk.Faces) -> Tensor:
        """The photos `faces.image` (B, 3, H, W) in [-1, 1] at this age; same shape, range, dtype and device.

        Painted on the CPU, in float32. Faces that cannot be seen, or whose points are not finite, stay as they are.
        """
        import torch

        aged = faces.image.clone()
        height, width = aged.shape[-2:]
        points = faces.points.detach().double().cpu().numpy() * (width, height)
        for image, own in zip(aged, points, strict=True):
            part = _find_part(own, (height, width))
            if part is None:
                continue
            window = image[:, *part]
            given = (window.detach().float().permute(1, 2, 0).cpu().contiguous().numpy() + 1) * np.float32(127.5)
            painted = self._paint(given, own - (part[1].start, part[0].start))
            change = torch.from_numpy(painted - given).permute(2, 0, 1) / 127.5
            window.copy_((window.float() + change.to(image.device)).clamp(-1, 1))
        return aged

    def render(
        self,
        pixels: UInt8[np.ndarray, "height width 3"],
        points: Points | None,
        scale: float,  # noqa: ARG002 (of the contract; the landmarks say how large a face is)
    ) -> UInt8[np.ndarray, "height width 3"]:
        """Render a whole photo, without torch: see `ptk.Domain`. Without a face it stays as it is."""
        result = pixels.copy()
        height, width = pixels.shape[:2]
        own = None if points is None else points * (width, height)
        part = None if own is None else _find_part(own, (height, width))
        if own is not None and part is not None:
            painted = self._paint(pixels[part].astype(np.float32), own - (part[1].start, part[0].start))
            result[part] = np.rint(painted).clip(0, 255)
        return result

    def _paint(self, pixels: Pixels, points: Points) -> Pixels:
        """The `pixels` (H, W, 3) in [0, 255] around a face at `points`, in these pixels, at this age."""
        import cv2

        eyes = Crop.around(points, margin=1.0).side
        factor = min(max(1.0, _COARSEST / eyes), max(_FINEST / eyes, 1e-3))
        size = max(_LEAST, round(pixels.shape[1] * factor)), max(_LEAST, round(pixels.shape[0] * factor))
        scale = np.array(size) / pixels.shape[1::-1]
        age = Face.of(_resize(pixels, size), points * scale).age
        moved, goal = move(pixels, points, eyes, self.motion, self.strength * self.measure_motion(age))
        small = _resize(moved, size).clip(0, 255)
        change = self.paint(Face.of(small, goal * scale), age) - small
        if size != pixels.shape[1::-1]:
            change = cv2.resize(change, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        return np.asarray(moved + change)


class Young(_Age):
    """The same person at about 20: lines and bags go, skin and lips are fuller, grey hair has its colour back.

    `strength` in (0, 1] is how far it goes.
    """

    title = "young"
    motion = TIGHTENING

    def measure_motion(self, age: float) -> float:
        """Who is young already moves less."""
        return 0.4 + 0.6 * age

    def paint(self, face: Face, age: float) -> Pixels:  # noqa: ARG002 (lines that are not there are not smoothed)
        """Smooth skin, and colour grey hair."""
        hair = find_head_hair(face)
        painted = paint_young_skin(face, hair, self.strength)
        painted = colour_hair(face, painted, hair, self.strength)
        return colour_hair(face, painted, find_face_hair(face), self.strength)


class Old(_Age):
    """The same person at about 72: lines where faces fold, jowls, spots, paler lips, and grey hair.

    `strength` in (0, 1] is how far it goes.
    """

    title = "old"
    motion = SAGGING

    def measure_motion(self, age: float) -> float:
        """Who is old already moves less."""
        return 0.75 - 0.35 * age

    def paint(self, face: Face, age: float) -> Pixels:
        """Line skin, and grey hair; who is old already gets fewer lines."""
        hair = find_head_hair(face)
        painted = paint_old_skin(face, hair, self.strength * (1 - 0.6 * age))
        painted = grey_hair(face, painted, hair, self.strength)
        return grey_hair(face, painted, find_face_hair(face), self.strength)


def _find_part(points: Points, shape: tuple[int, int]) -> tuple[slice, slice] | None:
    """The rows and columns of a photo of a `shape` that are painted around a face at `points`; None without a face."""
    try:
        crop = Crop.around(points, margin=1.0)
    except LandmarksError:
        return None
    corners = np.array([(x + 0.5, y + 0.5) for x in (-_SIDES, _SIDES) for y in (-_ABOVE, _BELOW)])
    there, sides = crop.to_photo(corners), np.array(shape[::-1])
    left, top = np.floor(there.min(axis=0)).clip(0, sides).astype(int)
    right, bottom = np.ceil(there.max(axis=0)).clip(0, sides).astype(int)
    if min(right - left, bottom - top) < _LEAST:
        return None
    return slice(int(top), int(bottom)), slice(int(left), int(right))


def _resize(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    import cv2

    if pixels.shape[1::-1] == size:
        return pixels
    how = cv2.INTER_AREA if size[0] < pixels.shape[1] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, size, interpolation=how))
