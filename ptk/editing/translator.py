"""Weights -> something to call: images and landmarks in, images out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import yaml
from torch import Tensor, nn

from ptk.device import resolve_device
from ptk.errors import PtkError, WeightsError
from ptk.recipe.build import Conditioners, build_conditioners, build_generator
from ptk.recipe.load import parse_recipe
from ptk.recipe.schema import Recipe
from ptk.recipe.weights import read_metadata, read_tensors
from ptk.registry.registry import load_registry
from ptk.types import Faces, Target

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8

__all__ = ["Translator"]


class Translator:
    """A trained generator with its conditioners.

    `size` is the side of its images in pixels, `domains` the styles that it knows in the order of its planes,
    `detector` the one that found the landmarks it learned from, `metadata` what its file says of itself.
    """

    def __init__(
        self, recipe: Recipe, conditioners: Conditioners, generator: nn.Module, metadata: dict[str, Any]
    ) -> None:
        self.recipe = recipe
        self.conditioners = conditioners
        self.generator = generator
        self.metadata = metadata
        self.size = recipe.data.size
        self.domains = recipe.domain_names
        self.detector = str(metadata.get("data", {}).get("detector", "unknown"))

    @classmethod
    def load(cls, path: str | Path, device: str = "auto") -> Translator:
        """Read weights that `ptk train` wrote. Raises WeightsError, and PtkError when `device` is not there."""
        path = Path(path)
        place = resolve_device(device)
        metadata = read_metadata(path)
        try:
            recipe = parse_recipe(yaml.safe_dump(metadata["recipe"]), str(path))
            conditioners = build_conditioners(recipe)
            generator = build_generator(recipe, conditioners)
        except PtkError as error:
            needed = [str(one) for one in metadata.get("plugins", []) if not str(one).startswith("ptk ")]
            lacking = [why for one in needed if (why := load_registry().lacking(one))]
            reason = f"it needs plug-ins: {'; '.join(lacking)}" if lacking else str(error).splitlines()[0]
            raise WeightsError(f"{path}: cannot be built here: {reason}") from error
        whole = nn.ModuleDict({"conditioners": conditioners, "generator": generator})
        try:
            whole.load_state_dict(read_tensors(path))
        except RuntimeError as error:
            reason = " ".join(str(error).split())[:200]
            raise WeightsError(f"{path}: its tensors do not fit its recipe ({reason}); train it again") from error
        whole.to(place).eval()
        return cls(recipe, conditioners, generator, metadata)

    @property
    def device(self) -> torch.device:
        """Where the generator computes."""
        return next(self.generator.parameters()).device

    @torch.inference_mode()
    def __call__(self, image: Tensor, source_points: Tensor, target_points: Tensor, domain: str) -> Tensor:
        """Images (B, 3, size, size) in [-1, 1] of faces whose landmarks (B, 68, 2), in [0, 1], move to the target's.

        The source is taken for a photo. Raises WeightsError for a `domain` that the weights do not know.
        """
        device = self.device
        image, start, goal = image.to(device), source_points.to(device), target_points.to(device)
        source = Faces(image=image, points=start, domain=self._index("photo", len(image)))
        target = Target(points=goal, domain=self._index(domain, len(image)))
        result: Tensor = self.generator(image, self.conditioners(source, target))[0]
        return result

    def rendered(
        self,
        cut: UInt8[np.ndarray, "size size 3"],
        start: Float[np.ndarray, "68 2"],
        goal: Float[np.ndarray, "68 2"],
        style: str,
    ) -> Float32[np.ndarray, "size size 3"]:
        """The face in `cut`, whose landmarks `start` (in [0, 1] of it) move to `goal`, in `style`; in [0, 255].

        Raises WeightsError for a `style` that the weights do not know.
        """
        image = torch.from_numpy(cut).permute(2, 0, 1)[None].float() / 127.5 - 1
        here, there = (torch.from_numpy(np.asarray(each, dtype=np.float32))[None] for each in (start, goal))
        result = self(image, here, there, style)[0].float().cpu()
        return np.asarray(((result.clamp(-1, 1) + 1) * 127.5).permute(1, 2, 0).numpy())

    def _index(self, domain: str, count: int) -> Tensor:
        if domain not in self.domains:
            raise WeightsError(f"style {domain}: these weights know {', '.join(self.domains)}")
        return torch.full((count,), self.domains.index(domain), dtype=torch.int64, device=self.device)
