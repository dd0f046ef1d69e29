"""The perceptual loss: distances of a frozen network's features, place by place."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor
from torch.nn import functional

from ptk.faces.topology import EYES, MOUTH
from ptk.losses.backbone import BackboneLoss, Weights
from ptk.motion.regions import cut_around, find_centre

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Translation

__all__ = ["Perceptual"]


class Perceptual(BackboneLoss):
    """The mean over a backbone's `stages` first stages of mean |features of the finest fake - those of the target|.

    Features have a strength of about 1 (see `Backbone`, also for `backbone`, `weights`, `warning` and `record`).

    `window` is the side, in pixels, of what is looked at in a step, for a network of this kind costs more than the
    generator: by turns, at random, the whole image made as small as that (by averaging), or a part of that size. The
    part is at a random place of the inner three quarters, where the face is; with `focus`, in two of three, around the
    target's mouth or eyes. With `focus: mouth` it is always a part, around the mouth. 0 looks at the whole image as it
    is.

    Source: Johnson, Alahi, Fei-Fei, "Perceptual losses for real-time style transfer and super-resolution" (2016); the
    L1 distance, and its weight beside an adversarial loss, are pix2pixHD's (Wang et al. 2018).
    """

    needs_truth = True
    zero_at_target = True
    needs_landmarks = ("focus",)

    def __init__(
        self,
        backbone: str = "vgg19",
        weights: Weights = "auto",
        stages: int = 4,
        window: int = 0,
        focus: bool | Literal["mouth"] = False,
    ) -> None:
        if not 1 <= stages <= 5 or window < 0:
            raise ValueError(f"stages must be 1 to 5 and window 0 or more, not {stages} and {window}")
        super().__init__(backbone, weights, stages)
        self.window, self.focus = window, focus

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        stages = options.get("stages", 4)
        return f"1/{stages} Σ_s E|F_s(G(x)) - F_s(y)|, stages of {options.get('backbone', 'vgg19')}"

    def forward(self, translation: Translation, networks: Networks) -> Tensor:  # noqa: ARG002
        """The loss, a scalar."""
        target = translation.target
        made, true = self._windows(target.points, translation.fake[0], target.image.to(translation.fake[0].dtype))
        with torch.no_grad():
            goals = self.backbone(true)
        distances = [(got - goal).abs().mean() for got, goal in zip(self.backbone(made), goals, strict=True)]
        return torch.stack(distances).mean()

    def _windows(self, points: Tensor, *images: Tensor) -> list[Tensor]:
        """The same window of each image."""
        height, width = images[0].shape[-2:]
        times = min(height, width) // self.window if self.window else 1
        if times < 2:
            return list(images)
        if self.focus == "mouth":
            return [cut_around(image, find_centre(points.detach(), MOUTH), self.window) for image in images]
        # Python's random numbers: they are known where tensors are only reckoned with
        if random.random() < 0.5:
            return [functional.avg_pool2d(image, times) for image in images]
        if self.focus and (region := random.choice((MOUTH, EYES, None))):
            middle = find_centre(points.detach(), region)
            return [cut_around(image, middle, self.window) for image in images]
        starts = []  # at random, in the inner three quarters of the sides, if there is as much room
        for side in (height, width):
            margin = max(0, min(side // 8, (side - self.window) // 2))
            starts.append(margin + random.randint(0, side - self.window - 2 * margin))
        top, left = starts
        return [image[..., top : top + self.window, left : left + self.window] for image in images]
