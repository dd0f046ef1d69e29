"""CycleGAN's generator, and with four strides pix2pixHD's: residual blocks, reflected borders, instance norm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from ptk.errors import RecipeError
from ptk.layers.convolution import ConvToFew2d
from ptk.layers.instance_norm import InstanceNorm2d

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["ResNet"]

_MOST_DOWN = 8


class ResNet(nn.Module):
    """(image (B, 3, H, W), planes) -> [image (B, 3, H, W)] in [-1, 1].

    A 7x7 stem of `width` channels, `down` 3x3 convolutions of stride 2 that double them, `blocks` residual blocks, as
    many 3x3 transposed convolutions that halve them, a 7x7 head. Every convolution has a bias, all but the last are
    followed by instance norm without parameters, and stem, blocks and head see reflected borders. H and W must be
    multiples of 2^down, and twice that at least. `down: 4` is the global generator of pix2pixHD (Wang et al. 2018).

    CycleGAN has a generator a domain (`each: domain`) and no planes. Where a recipe has conditioners their planes are
    concatenated to the image, and the norm after the stem is left out: through reflected borders a constant plane
    stays constant, and that norm would subtract it, so that the domain asked for changed nothing.

    Raises ValueError for options out of range, RecipeError for images of a size that does not fit.

    Source: Zhu et al., "Unpaired image-to-image translation using cycle-consistent adversarial networks" (2017),
    section 7.2, after Johnson et al. 2016, and the authors' code (resnet_9blocks).
    """

    last_layers = ("head",)

    def __init__(self, plane_channels: int, *, width: int = 64, down: int = 2, blocks: int = 9) -> None:
        super().__init__()
        if width < 1 or not 0 <= down <= _MOST_DOWN or blocks < 0:
            raise ValueError(
                f"width starts at 1, down is 0 to {_MOST_DOWN}, blocks start at 0; got {width}, {down}, {blocks}"
            )
        self.multiple = 2**down
        widths = [width * 2**level for level in range(down + 1)]
        stem = nn.Conv2d(3 + plane_channels, width, 7, padding=3, padding_mode="reflect")
        self.stem = nn.Sequential(stem, nn.ReLU(inplace=True)) if plane_channels else _add_norm(stem)
        self.encoder = nn.Sequential(*(_add_norm(nn.Conv2d(c, 2 * c, 3, stride=2, padding=1)) for c in widths[:-1]))
        self.blocks = nn.Sequential(*(_Block(widths[-1]) for _ in range(blocks)))
        self.decoder = nn.Sequential(
            *(
                _add_norm(nn.ConvTranspose2d(c, c // 2, 3, stride=2, padding=1, output_padding=1))
                for c in reversed(widths[1:])
            )
        )
        self.head = ConvToFew2d(width, 3, 7, padding_mode="reflect")
        self.apply(_initialise)

    def forward(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """One image (B, 3, H, W) in [-1, 1] from one in [-1, 1]."""
        x = self._join(image, planes)
        return [torch.tanh(self.head(self.decoder(self.blocks(self.encoder(self.stem(x))))))]

    def encode(self, image: Tensor, planes: Planes) -> list[Tensor]:
        """The image, then the features after the stem, each stride and each block: 2 + `down` + `blocks` tensors."""
        features, x = [image], self._join(image, planes)
        for layer in (self.stem, *self.encoder, *self.blocks):
            x = layer(x)
            features.append(x)
        return features

    def _join(self, image: Tensor, planes: Planes) -> Tensor:
        """The image with the planes behind it, checked to be of a size that fits."""
        height, width = image.shape[-2:]
        if height % self.multiple or width % self.multiple or min(height, width) < 2 * self.multiple:
            raise RecipeError(
                [
                    f"generator.resnet: images of {width} x {height} pixels; make both a multiple of {self.multiple}, "
                    f"from {2 * self.multiple} on (data.size)"
                ]
            )
        return torch.cat([image, *planes.by_name.values()], dim=1)


class _Block(nn.Module):
    """Two 3x3 convolutions with their norms, added to what came in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _add_norm(nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect")),
            nn.Conv2d(channels, channels, 3, padding=1, padding_mode="reflect"),
            InstanceNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = x + self.body(x)
        return out


def _add_norm(convolution: nn.Conv2d | nn.ConvTranspose2d) -> nn.Sequential:
    return nn.Sequential(convolution, InstanceNorm2d(convolution.out_channels), nn.ReLU(inplace=True))


def _initialise(module: nn.Module) -> None:
    """Normal weights of deviation 0.02, zero biases. Source: section 7.1, and the authors' code."""
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        nn.init.normal_(module.weight, 0.0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
