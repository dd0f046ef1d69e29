"""The texture loss: Gram matrices of a frozen network's features, as in style transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ptk.losses.backbone import BackboneLoss, Weights
from ptk.losses.gram_cache import GramCache
from ptk.losses.precision import without_autocast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Translation

__all__ = ["Texture", "gram"]


class Texture(BackboneLoss):
    """Sum over five layers of the squared distance between Gram matrices of the finest fake and the target; batch mean.

    `backbone` is a timm model (vgg19 as in the paper, vgg16, ...); `weights` is one of

    - auto: the pretrained weights where they can be had (from the cache or within seconds from the network), otherwise
      random ones; `warning` then says so, and `record` always tells which were used;
    - pretrained: those or an error;
    - random: seeded, the same in every run. Gram matrices of random filters describe textures too
      (Ustyuzhaninov et al., "Texture synthesis using shallow convolutional networks with random filters", 2016);
    - the path of a safetensors file with weights under timm's names.

    Source: L_texture of PortraitGAN (Duan, Guo, Kuo 2020), equation 8, conv1_1 .. conv5_1 after their ReLU. The paper
    leaves the Gram matrices unnormalised; here each is divided by C * H * W, and the features have a strength of
    about 1 whatever the weights (see `Backbone`), so that the published weight of the term means the same everywhere.

    Raises ValueError for an unknown backbone, WeightsError when the weights asked for cannot be had or do not fit.
    """

    needs_truth = True
    zero_at_target = True

    def __init__(self, backbone: str = "vgg19", weights: Weights = "auto") -> None:
        super().__init__(backbone, weights)
        self.remembered = GramCache()

    def remembers(self, images: int) -> int:
        """How many bytes it keeps in the end, where so many `images` come again."""
        each = sum(4 * channels * (channels + 1) // 2 for channels in self.backbone.channels)
        return min(images, self.remembered.limit // each) * each

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        return f"Σ_l E‖Gram_l(G(x)) - Gram_l(y)‖², layers of {options.get('backbone', 'vgg19')}"

    def forward(self, translation: Translation, networks: Networks) -> Tensor:  # noqa: ARG002
        """The loss, a scalar."""
        with torch.no_grad():
            # Gram matrices of the five layers, (B, C, C), of images that may be remembered
            goals = self.remembered(
                translation.target, lambda image: [gram(feature) for feature in self.backbone(image)]
            )
        distances = [
            (gram(feature) - goal).square().sum(dim=(1, 2)).mean()
            for feature, goal in zip(self.backbone(translation.fake[0]), goals, strict=True)
        ]
        return torch.stack(distances).sum()


def gram(features: Tensor) -> Tensor:
    """Correlations (B, C, C) of the channels of `features` (B, C, H, W) over all places, divided by C * H * W."""
    with without_autocast(features.device):
        flat = features.flatten(2)
        return flat @ flat.transpose(1, 2) / (flat.shape[1] * flat.shape[2])
