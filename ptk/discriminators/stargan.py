"""StarGAN's discriminator: strided convolutions without norm, a verdict a patch, and one on the domain."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from torch import Tensor, nn

from ptk.errors import RecipeError
from ptk.types import Verdict

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["StarGANDiscriminator"]

_SLOPE = 0.01
_MOST_LAYERS = 10


class StarGANDiscriminator(nn.Module):
    """(pyramid, planes) -> one verdict on the finest image: logits (B, 1, h, w), features, classes (B, domains).

    `layers` 4x4 convolutions of stride 2, from `width` channels on, doubled each time, with leaky ReLU of slope 0.01
    and no norm; then a 3x3 head for the logits, and one for the classes whose kernel covers what is left of images of
    `size` pixels, size / 2^layers. Neither head has a bias. `size` is the recipe's data.size: on larger images the
    class head is averaged over its places, smaller ones are refused. The planes are not looked at.

    Raises ValueError for options out of range, RecipeError for images that are smaller than `size`.

    Source: Choi et al., "StarGAN" (2018), table 5 of the appendix, and the authors' code, whose default of 6 layers at
    128 pixels has 44.8 million parameters.
    """

    gives_classes = True

    def __init__(self, domains: int, *, size: int = 128, width: int = 64, layers: int = 6) -> None:
        super().__init__()
        if width < 1 or not 1 <= layers <= _MOST_LAYERS or size < 2**layers:
            raise ValueError(
                f"width starts at 1, layers are 1 to {_MOST_LAYERS}, size starts at 2^layers; "
                f"got {width}, {layers}, {size}"
            )
        self.size = size
        widths = [3, *(width * 2**layer for layer in range(layers))]
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Conv2d(narrow, wide, 4, stride=2, padding=1), nn.LeakyReLU(_SLOPE))
            for narrow, wide in pairwise(widths)
        )
        self.logits = nn.Conv2d(widths[-1], 1, 3, padding=1, bias=False)
        self.classes = nn.Conv2d(widths[-1], domains, size // 2**layers, bias=False)

    def forward(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:  # noqa: ARG002
        """One verdict on `pyramid[0]`, (B, 3, H, W) in [-1, 1]."""
        x, features = pyramid[0], []
        height, width = x.shape[-2:]
        if min(height, width) < self.size:
            raise RecipeError(
                [
                    f"discriminator.stargan: images of {width} x {height} pixels are smaller than `size`, "
                    f"{self.size}: make it {min(height, width)}, as data.size"
                ]
            )
        for layer in self.layers:
            x = layer(x)
            features.append(x)
        return [Verdict(logits=self.logits(x), features=features, classes=self.classes(x).mean(dim=(2, 3)))]
