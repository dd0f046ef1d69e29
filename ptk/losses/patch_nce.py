"""Contrast of patches: what stands at a place of the image made is told from what stands elsewhere in the source."""

from __future__ import annotations

from collections.abc import Sequence  # options are read from annotations
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptk.losses.precision import full
from ptk.types import Faces

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ptk.types import Networks, Target, Translation

__all__ = ["PatchNCE"]


class PatchNCE(nn.Module):
    """Cross entropy of finding a patch of the image made among `patches` of its source; mean over layers and patches.

    Features are the generator's own, of the `layers` by their number in its `encode`, which have so many `channels`.
    A projection a layer (two linear layers, `width` wide, in training with the generator) takes them to unit vectors,
    whose products are divided by `temperature`. The source's are a fixed goal. With `identity` the target's image,
    left where it is, is held to itself as well, and the loss is the mean of both. Patches are drawn anew each time, at
    the same places in all images.

    Raises ValueError for options out of range, or features of other channels than said.

    Source: CUT (Park, Efros, Zhang, Zhu 2020), equations 2 to 4, and the authors' code; the first layer is the image.
    """

    needs_features = True

    def __init__(
        self,
        layers: Sequence[int] = (0, 2, 3, 4, 8),
        channels: Sequence[int] = (3, 128, 256, 256, 256),
        *,
        patches: int = 256,
        width: int = 256,
        temperature: float = 0.07,
        identity: bool = True,
    ) -> None:
        super().__init__()
        if len(layers) != len(channels) or not layers or min(*channels, patches, width) < 1 or temperature <= 0:
            raise ValueError(
                "layers and channels are as many, at least one; channels, patches and width start at 1, temperature is "
                f"above 0; got {list(layers)}, {list(channels)}, {patches}, {width}, {temperature}"
            )
        self.layers, self.channels = tuple(layers), tuple(channels)
        self.patches, self.temperature, self.identity = patches, temperature, identity
        self.projections = nn.ModuleList(
            nn.Sequential(nn.Linear(count, width), nn.ReLU(), nn.Linear(width, width)) for count in channels
        )
        for module in self.projections.modules():
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, 0.0, 0.02)
                nn.init.zeros_(module.bias)

    @classmethod
    def equation(cls, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG003
        """See `ptk.LossDeclaration`."""
        one = "-E[log softmax_p'(F(G_l(x))_p' · F(G_l(G(x)))_p / τ)_p]"
        of_y = ", and of y to itself" if options.get("identity", True) else ""
        return f"{one}, mean over layers l and patches p{of_y}"

    def forward(self, translation: Translation, networks: Networks) -> Tensor:
        """The loss, a scalar."""
        source, target = translation.source, translation.target
        value = self._contrast(source, translation.fake[0], target.goal, networks)
        if not self.identity:
            return value
        return (value + self._contrast(target, networks.generate(target, target.goal)[0], target.goal, networks)) / 2

    def _contrast(self, source: Faces, image: Tensor, goal: Target, networks: Networks) -> Tensor:
        """The cross entropies of the patches of `image`, made of `source` on the way to `goal`."""
        made = Faces(image=image, points=goal.points, domain=goal.domain, segments=goal.segments, dense=goal.dense)
        queries = networks.encode(made, goal)
        with torch.no_grad():
            keys = networks.encode(source, goal)
        terms = []
        for layer, count, project in zip(self.layers, self.channels, self.projections, strict=True):
            channels, places = queries[layer].shape[1], queries[layer][0, 0].numel()
            if channels != count:
                raise ValueError(f"layer {layer} of the generator has {channels} channels, not {count}: say channels")
            chosen = torch.randperm(places, device=image.device)[: self.patches]
            query, key = (project(each[layer].flatten(2)[..., chosen].mT) for each in (queries, keys))
            query, key = F.normalize(full(query), dim=-1), F.normalize(full(key.detach()), dim=-1)
            logits = query @ key.mT / self.temperature
            own = torch.arange(len(chosen), device=image.device).expand(len(logits), -1)
            terms.append(F.cross_entropy(logits.flatten(0, 1), own.flatten()))
        return torch.stack(terms).mean()
