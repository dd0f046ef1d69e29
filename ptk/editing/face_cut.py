"""A face cut out of a photo once, and put back as often as is asked: moved, and in a style."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite import asks_for_movement, composite
from ptk.editing.composite.detail import unchanged
from ptk.editing.composite.irises import move_irises
from ptk.editing.rendered import PHOTO_STYLE
from ptk.faces.crop import Crop
from ptk.faces.mask import head_mask
from ptk.motion.head_roll import find_roll, roll_head
from ptk.motion.sampling import warp_picture

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8

    from ptk.editing.dense_face import DenseFace
    from ptk.editing.rendered import Rendered, Translates

    Pixels = UInt8[np.ndarray, "height width 3"]

__all__ = ["FaceCut"]

_GREY = 1.5  # levels by which channels differ, on average


@dataclass(frozen=True, eq=False)
class FaceCut:
    """A face in `pixels`, which are in the space of the profile `icc`, with the `crop` around it.

    `start` are its landmarks in [0, 1] of the crop. The cut that `translator` sees is made when it is first needed, or
    `given`; each result depends on the face and on what is asked of it alone. `dense` are all landmarks of weights that
    learned others than the 68.
    """

    pixels: Pixels
    crop: Crop
    start: Float[np.ndarray, "68 2"]
    translator: Translates
    icc: bytes | None = None
    given: UInt8[np.ndarray, "size size 3"] | None = None
    dense: DenseFace | None = None

    @classmethod
    def around(
        cls, pixels: Pixels, points: Float[np.ndarray, "68 2"], translator: Translates, icc: bytes | None = None
    ) -> FaceCut:
        """The face whose landmarks are `points`, in photo pixels. Raises LandmarksError without distinct eyes."""
        crop = Crop.around(points)
        return cls(pixels, crop, crop.to_unit(points), translator, icc)

    @cached_property
    def cut(self) -> UInt8[np.ndarray, "size size 3"]:
        """The face at the network's size, read-only."""
        cut = self.crop.cut(self.pixels, self.translator.size) if self.given is None else self.given
        cut.flags.writeable = False
        return cut

    @cached_property
    def preview(self) -> FaceCut:
        """The same face in its cut, as if that were the photo: for previews, at the network's size."""
        size = len(self.cut)
        return replace(self, pixels=self.cut, crop=Crop(size / 2, size / 2, size, 0.0), given=self.cut)

    def over(self, pixels: Pixels) -> FaceCut:
        """The same face in a copy of the photo that edits of other faces changed; cut again where these reached it."""
        if pixels is self.pixels:
            return self
        left, top, right, bottom = self.crop.reach(pixels, self.translator.size)
        part = np.s_[top:bottom, left:right]
        same = np.array_equal(pixels[part], self.pixels[part])
        return replace(self, pixels=pixels, given=self.cut if same else None)

    def look(self, crop: Crop, irises: Float[np.ndarray, "2 3"], goal: Float[np.ndarray, "2 3"]) -> FaceCut:
        """The same face, `preview` of a photo's `crop`, with its irises moved to `goal`, in pixels of that photo."""
        scale = len(self.cut)
        here, there = (
            np.column_stack([crop.to_unit(each[:, :2]) * scale, each[:, 2] * scale / crop.side])
            for each in (irises, goal)
        )
        moved = move_irises(self.pixels, self.start * scale, here, there)
        return replace(self, pixels=moved, given=moved)

    def edit(self, goal: Float[np.ndarray, "68 2"], style: str = PHOTO_STYLE) -> Pixels:
        """A copy of the photo's pixels with the face's landmarks moved to `goal`, in [0, 1] of the crop, in `style`.

        In the style photo the pixels are those of the photo, moved by the network's flow where it tells one; of other
        networks the face and a narrow border are replaced, and finer detail is taken from the photo where they changed
        little. Where no landmark moves nothing changes. In other styles the mask takes in the hair, and in all styles
        of weights that hear no landmarks, which translate a picture into the style photo as into any.

        A head that leans does so as a whole, before its face moves (`ptk.motion.head_roll`), where weights learned the
        68 landmarks.
        """
        roll = find_roll(self.start, goal) if self.dense is None else 0.0
        if not roll:
            return self._edit_face(goal, style)
        pixels, points = roll_head(self.pixels, self.crop.to_photo(self.start), roll)
        leaning = FaceCut.around(pixels, points, self.translator, self.icc)
        return leaning._edit_face(leaning.crop.to_unit(self.crop.to_photo(goal)), style)

    def _edit_face(self, goal: Float[np.ndarray, "68 2"], style: str) -> Pixels:
        """Edit what moves within the head."""
        blends = style == PHOTO_STYLE and getattr(self.translator, "hears_landmarks", True)
        if blends and not asks_for_movement(*self._learned_points(goal)):
            return self.pixels.copy()
        made = self._render(goal, style)
        if blends and self._is_grey:
            made = self._paint_grey(made)
        if not blends:
            mask = head_mask(self.start, goal, grow=0.06, feather=0.16)
            return self.crop.paste(self.pixels, made.image, mask)
        if made.flow is not None and self.translator.face_flow is not None:
            return composite(
                self.pixels, self.crop, self.cut, made, self.start, goal, self.translator.face_flow, self.icc
            )
        mask = head_mask(self.start, goal, grow=0.02, feather=0.10)
        keep = unchanged(made.image, self.cut)
        return self.crop.paste(self.pixels, made.image, mask, keep=keep, cut=self.cut)

    def _paint_grey(self, made: Rendered) -> Rendered:
        """What was `made`, with paint that has no colour; eyes that alone are coloured in a photo stay so."""
        below = np.float32(0) if made.flow is None else warp_picture(self.cut.astype(np.float32), made.flow)
        paint = (made.image - below).mean(axis=2, keepdims=True).repeat(3, axis=2)
        return replace(made, image=below + paint)

    @cached_property
    def _is_grey(self) -> bool:
        """Whether a face is in black and white, as far as JPEG tells: paint on it has no colour either."""
        # Channel by channel: ten times as fast as along an axis of three.
        red, green, blue = (self.cut[..., channel] for channel in range(3))
        most, least = np.maximum(np.maximum(red, green), blue), np.minimum(np.minimum(red, green), blue)
        return bool((most - least).mean() < _GREY)

    @cached_property
    def _colours(self) -> Float32[np.ndarray, "size size 3"] | None:
        """The cut in sRGB, beyond [0, 255] where that lacks a colour; None where it is the cut itself."""
        from ptk.faces.colour import is_srgb, to_srgb

        return None if is_srgb(self.icc) else to_srgb(self.cut.astype(np.float32), self.icc)

    def _learned_points(self, goal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the landmarks that the weights learned are, and where they go when the 68 go to `goal`."""
        return (self.start, goal) if self.dense is None else (self.dense.start, self.dense.follow(goal))

    def _render(self, goal: np.ndarray, style: str) -> Rendered:
        """What the network makes of the cut, which it sees in sRGB; in the photo's space."""
        if self._colours is None:
            return self.translator.render(self.cut, *self._learned_points(goal), style)
        from ptk.faces.colour import from_srgb

        seen = np.rint(self._colours.clip(0, 255)).astype(np.uint8)
        made = self.translator.render(seen, *self._learned_points(goal), style)
        beyond = self._colours - seen  # what sRGB lacks, and what was rounded: it moves with its pixels
        beyond = beyond if made.flow is None else warp_picture(beyond, made.flow)
        return replace(made, image=from_srgb(made.image + beyond, self.icc).clip(0, 255))
