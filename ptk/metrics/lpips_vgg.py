"""LPIPS by a larger network, which sees softness where the small one hardly does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from ptk.metrics.lpips import blur_pool, read_tensors, unlikeness

if TYPE_CHECKING:
    from ptk.types import Faces

__all__ = ["LPIPSVGG"]

_FILE = "weights/vST0.0/vgg_shift_tolerant.pth"
_STAGES = (("1.0", "1.2"), ("2.6", "2.8"), ("3.12", "3.14", "3.16"), ("4.20", "4.22", "4.24"), ("5.28", "5.30", "5.32"))


class LPIPSVGG:
    """Learned perceptual distance of the face box, by the shift-tolerant VGG16 instead of AlexNet.

    Raises MissingExtra without the package that has its weights.

    Source: as `LPIPS`.
    """

    lower_is_better = True
    of_face_box = True

    def __init__(self) -> None:
        self._state = read_tensors(_FILE, "metric lpips_vgg")
        self._heads = [self._state[f"lin{number}.model.1.weight"] for number in range(len(_STAGES))]

    @torch.no_grad()
    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:  # noqa: ARG002
        """(B,) between `result` (B, 3, H, W) in [-1, 1], 32 pixels or more a side, and the target's image."""
        self._state = {name: tensor.to(result.device) for name, tensor in self._state.items()}
        return unlikeness(self._features(result), self._features(target.image), self._heads)

    def _features(self, image: Tensor) -> list[Tensor]:
        x = (image.float() - self._state["scaling_layer.shift"]) / self._state["scaling_layer.scale"]
        found = []
        for number, stage in enumerate(_STAGES):
            x = blur_pool(functional.max_pool2d(x, 2, 1)) if number else x
            for name in stage:
                weight, bias = (self._state[f"net.slice{name}.{part}"] for part in ("weight", "bias"))
                x = functional.relu(functional.conv2d(x, weight, bias, padding=1))
            found.append(x)
        return found
