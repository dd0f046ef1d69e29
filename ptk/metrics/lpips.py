"""LPIPS: how unlike two images look, by what a network trained on people's judgements makes of them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from ptk.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ptk.types import Faces

__all__ = ["LPIPS", "Trunk", "blur_pool", "read_tensors", "unlikeness"]

_PACKAGE = "stlpips_pytorch"
_FILE = "weights/vST0.0/alex_shift_tolerant.pth"
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)  # ImageNet's, for images in [-1, 1]
_WIDTHS = (64, 192, 384, 256, 256)
_STAGES = ("net.slice1.0", "net.slice2.5", "net.slice3.9", "net.slice4.11", "net.slice5.13")


class Trunk(nn.Module):
    """AlexNet's five convolutions, anti-aliased: (B, 3, H, W) in [-1, 1] -> five (B, C, h, w), each after its ReLU.

    Raises MissingExtra, which names who is `asking`, without the package that has its weights.
    """

    shift: Tensor
    scale: Tensor

    def __init__(self, asking: str = "metric lpips") -> None:
        super().__init__()
        kernels = ((11, 2), (5, 2), (3, 1), (3, 1), (3, 1))
        self.stages = nn.ModuleList(
            nn.Conv2d(before, width, kernel, padding=padding)
            for before, width, (kernel, padding) in zip((3, *_WIDTHS), _WIDTHS, kernels, strict=False)
        )
        state = read_tensors(_FILE, asking)
        for stage, name in zip(self.stages, _STAGES, strict=True):
            stage.load_state_dict({part: state[f"{name}.{part}"] for part in ("weight", "bias")})
        self.register_buffer("shift", torch.tensor(_SHIFT).reshape(1, 3, 1, 1))
        self.register_buffer("scale", torch.tensor(_SCALE).reshape(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def forward(self, image: Tensor) -> list[Tensor]:
        """Features of `image`, from fine to coarse. Its sides must be 32 pixels at least."""
        x = (image.float() - self.shift) / self.scale
        features = []
        for number, stage in enumerate(self.stages):
            if number in (1, 2):
                x = blur_pool(functional.max_pool2d(x, 3, 1))
            x = stage(x)
            # The first is blurred before its ReLU, so that it sees the image's finest detail in any position.
            x = functional.relu(blur_pool(x) if number == 0 else x)
            features.append(x)
        return features


class LPIPS:
    """Learned perceptual distance of the face box, 0 for the image itself, about .1 to .5 for other photos.

    The mean over places of weighted squared differences of unit features, summed over five stages of a network. It is
    the shift-tolerant AlexNet, which a move by a pixel does not upset; its values are not those of the first LPIPS.
    Raises MissingExtra without the package that has its weights.

    Source: Zhang, Isola, Efros, Shechtman, Wang, "The unreasonable effectiveness of deep features as a perceptual
    metric" (2018), equation 1; Ghildyal and Liu, "Shift-tolerant perceptual similarity metric" (2022).
    """

    lower_is_better = True
    of_face_box = True

    def __init__(self) -> None:
        self.trunk = Trunk()
        state = read_tensors(_FILE, "metric lpips")
        self.heads = [state[f"lin{number}.model.1.weight"] for number in range(len(_WIDTHS))]

    @torch.no_grad()
    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:  # noqa: ARG002
        """(B,) between `result` (B, 3, H, W) in [-1, 1], 32 pixels or more a side, and the target's image."""
        self.trunk.to(result.device)
        return unlikeness(self.trunk(result), self.trunk(target.image), self.heads)


def unlikeness(made: Sequence[Tensor], true: Sequence[Tensor], heads: Sequence[Tensor]) -> Tensor:
    """(B,) of features (B, C, h, w) of several stages, each weighed by a head (1, C, 1, 1): equation 1 of LPIPS."""
    total = torch.zeros(len(made[0]), device=made[0].device)
    for head, one, other in zip(heads, made, true, strict=True):
        gap = (functional.normalize(one, eps=1e-10) - functional.normalize(other, eps=1e-10)).square()
        total += functional.conv2d(gap, head.to(gap.device)).mean((1, 2, 3))
    return total


def read_tensors(file: str, asking: str) -> dict[str, Tensor]:
    """The tensors of the package. Its code is not run: it wants others that are of no use here.

    Raises MissingExtra, which names who is `asking`, without the package.
    """
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise MissingExtra("eval", asking)
    state: dict[str, Tensor] = torch.load(Path(package.origin).parent / file, map_location="cpu", weights_only=True)
    return state


def blur_pool(x: Tensor) -> Tensor:
    """Every second place of `x`, weighed 1 2 1 with its neighbours (Zhang, 2019, "Making convolutional networks shift-
    invariant again")."""
    line = torch.tensor([0.25, 0.5, 0.25], dtype=x.dtype, device=x.device)
    kernel = (line[:, None] * line).expand(x.shape[1], 1, 3, 3)
    return functional.conv2d(functional.pad(x, (2, 2, 2, 2), mode="reflect"), kernel, stride=2, groups=x.shape[1])
