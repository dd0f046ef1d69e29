"""Structural similarity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptk.compat import mend_torchvision

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.types import Faces

__all__ = ["SSIM"]


class SSIM:
    """Structural similarity of images in [0, 1], at most 1; Gaussian windows of deviation 1.5, mean of the channels.

    Computed by torchmetrics. Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment" (2004).
    """

    lower_is_better = False
    of_face_box = True

    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:  # noqa: ARG002
        """(B,) between `result` (B, 3, H, W) in [-1, 1], 11 pixels or more a side, and the target's image."""
        mend_torchvision()
        from torchmetrics.functional.image import structural_similarity_index_measure

        # In [-1, 1] it would be another number: its luminance term compares means, which must not be near zero.
        given, true = (image.float().add(1).div(2) for image in (result, target.image))
        value: Tensor = structural_similarity_index_measure(given, true, data_range=1.0, reduction="none")  # type: ignore[assignment]
        return value.reshape(len(true))
