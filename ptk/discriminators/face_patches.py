"""PatchGANs that look at the mouth, at the eyes, and at the face alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor, nn

from ptk.faces.topology import ALL, EYES, MOUTH
from ptk.motion.regions import cut_around, find_centre
from ptk.types import Verdict

if TYPE_CHECKING:
    from ptk.types import Planes

__all__ = ["FacePatches"]

_GROUPS = 8
_REGIONS = {"mouth": (MOUTH, 1), "eyes": (EYES, 1), "face": (ALL, 2)}
"""Landmarks, and how many times as wide as `window` the square around them is."""


class FacePatches(nn.Module):
    """(pyramid, planes) -> a verdict for each of `regions`: the target's "mouth", its "eyes", and its whole "face".

    For generators that copy most of a photo: of one whole image nine patches in ten are the true ones, and a PatchGAN
    learned nothing from the others in 800 steps. `window` is the side, in pixels, of the squares around mouth and eyes;
    that around the face is twice as wide, and none is larger than the image. Each PatchGAN has `layers` convolutions
    of stride 2, the first with `width` channels, each that follows with twice as many. Only the finest image of the
    pyramid is looked at.

    Raises ValueError for options that make no network, and when the planes have no `target`.

    Source: discriminators of mouth and eyes are those of the facial component loss of GFP-GAN (Wang et al. 2021); the
    layers follow the PatchGAN of pix2pix (Isola et al. 2017), with group norm and no second layer of stride 1.
    """

    needs_landmarks = True

    def __init__(
        self, *, window: int = 80, layers: int = 3, width: int = 32, regions: Sequence[str] = tuple(_REGIONS)
    ) -> None:
        super().__init__()
        if not regions or len(set(regions)) < len(regions) or not set(regions) <= set(_REGIONS):
            raise ValueError(
                f"regions are some of {', '.join(_REGIONS)}, each once; got {', '.join(regions) or 'none'}"
            )
        if window < 1 or layers < 1 or width < _GROUPS or width % _GROUPS:
            said = f"{window}, {layers}, {width}"
            raise ValueError(f"window and layers start at 1, width is a multiple of {_GROUPS}; got {said}")
        self.window = window
        self.regions = tuple(_REGIONS[name] for name in regions)
        self.levels = nn.ModuleList(_layers(layers, width) for _ in regions)

    def forward(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        """The verdicts on the regions of images (B, 3, H, W), in the order of the option."""
        if planes.target is None:
            raise ValueError("face_patches: the planes do not say where the face is; give Planes a target")
        image = pyramid[0]
        points = planes.target.points.detach()
        verdicts = []
        for (region, times), layers in zip(self.regions, self.levels, strict=True):
            window = min(times * self.window, *image.shape[-2:])
            x, features = cut_around(image, find_centre(points, region), window), []
            for layer in layers:  # type: ignore[attr-defined]
                x = layer(x)
                features.append(x)
            verdicts.append(Verdict(logits=features.pop(), features=features))
        return verdicts


def _layers(layers: int, width: int) -> nn.ModuleList:
    """The layers of one PatchGAN, the last one giving the logits."""
    stack = [nn.Sequential(nn.Conv2d(3, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2))]
    for _ in range(1, layers):
        # No bias: the norm has its own.
        convolution = nn.Conv2d(width, 2 * width, 4, stride=2, padding=1, bias=False)
        width *= 2
        stack.append(nn.Sequential(convolution, nn.GroupNorm(_GROUPS, width), nn.LeakyReLU(0.2)))
    return nn.ModuleList([*stack, nn.Sequential(nn.Conv2d(width, 1, 3, padding=1))])
