"""Metrics that compare pixels: MSE and PSNR, of images in [0, 1]."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.types import Faces

__all__ = ["MSE", "PSNR"]


class MSE:
    """Mean squared error of images in [0, 1], as in PortraitGAN's table 1 (Duan, Guo, Kuo 2020)."""

    lower_is_better = True
    of_face_box = True

    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:  # noqa: ARG002
        """(B,) in [0, 1] between `result` (B, 3, H, W) in [-1, 1] and the target's image."""
        return (result.float() - target.image.float()).div(2).square().mean((1, 2, 3))


class PSNR:
    """Peak signal-to-noise ratio in dB of images in [0, 1]: -10 log10(MSE), infinite for the image itself."""

    lower_is_better = False
    of_face_box = True

    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:
        """(B,) in dB between `result` (B, 3, H, W) in [-1, 1] and the target's image."""
        return -10 * MSE()(source, target, result).log10()
