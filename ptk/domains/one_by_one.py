"""The base of ptk's own styles: they render pictures in NumPy, and tensors through the same code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.types import Domain

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8
    from torch import Tensor

    from ptk.types import Faces

__all__ = ["OneByOne"]


class OneByOne(Domain):
    """A style that renders every image of a batch by itself: subclasses say how in `paint_crop` and `paint_photo`."""

    needs_face = False

    def stylise(self, faces: Faces) -> Tensor:
        """Render `faces.image` (B, 3, H, W) in [-1, 1]; same shape, range, dtype and device.

        Arithmetic is float32 on the CPU whatever the dtype and the device. No result depends on the other images of
        the batch.
        """
        import torch

        image = faces.image
        if not len(image):
            return image.clone()
        given = ((image.detach().float() + 1) / 2).permute(0, 2, 3, 1).cpu().contiguous().numpy()
        painted = np.stack([self.paint_crop(rgb) for rgb in given])
        return (torch.from_numpy(painted).permute(0, 3, 1, 2).contiguous() * 2 - 1).to(image)

    def paint_crop(self, rgb: Float32[np.ndarray, "height width 3"]) -> Float32[np.ndarray, "height width 3"]:
        """Render `rgb`, about in [0, 1], in [0, 1]; its shorter side counts as the side of a face's crop."""
        raise NotImplementedError

    def render(
        self,
        pixels: UInt8[np.ndarray, "height width 3"],
        points: Float[np.ndarray, "68 2"] | None,  # noqa: ARG002 (of the contract; these styles look at pixels only)
        scale: float,
    ) -> UInt8[np.ndarray, "height width 3"]:
        """Render a whole photo, without torch: see `ptk.Domain`."""
        return self.paint_photo(pixels, scale)

    def paint_photo(
        self, pixels: UInt8[np.ndarray, "height width 3"], scale: float
    ) -> UInt8[np.ndarray, "height width 3"]:
        """Render a whole photo with `scale` of its pixels for a reference pixel."""
        raise NotImplementedError
