"""Start training from weights instead of noise, and freeze most of them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ptk.errors import TrainingError, WeightsError
from ptk.recipe.schema import Recipe
from ptk.recipe.weights import read_metadata, read_tensors
from ptk.recipe.widen import find_growth
from ptk.training.networks import AdversarialNetworks

__all__ = ["freeze", "start_from"]


def start_from(weights: Path, networks: AdversarialNetworks, recipe: Recipe) -> dict[str, Any]:
    """Load `weights` into the generator and the conditioners; returns what to record of it.

    The discriminator is not in weights: it starts from noise, as does what the generator lists in `may_be_new` where
    the weights have nothing of it. Raises WeightsError when they are of other domains or networks.
    """
    metadata = read_metadata(weights)
    known = tuple(metadata.get("domains", ()))
    wanted = recipe.domain_names
    if known != wanted:
        mend = (
            f"add the domain {wanted[-1]} to them first" if known == wanted[:-1] else "list the same ones in that order"
        )
        raise WeightsError(f"{weights}: know the domains {', '.join(known)}, the recipe {', '.join(wanted)}; {mend}")
    whole = nn.ModuleDict({"conditioners": networks.conditioners, "generator": networks.generator})
    try:
        stored = read_tensors(weights)
        begun = [f"generator.{name}." for name in getattr(networks.generator, "may_be_new", ())]
        fresh = tuple(prefix for prefix in begun if not any(name.startswith(prefix) for name in stored))
        kept = {name: one for name, one in whole.state_dict().items() if name.startswith(fresh)}
        whole.load_state_dict(kept | stored)
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:200]
        raise WeightsError(
            f"{weights}: their tensors do not fit the recipe's networks ({reason}); take the recipe that they name"
        ) from error
    return {"sha256": hashlib.sha256(weights.read_bytes()).hexdigest(), "step": metadata.get("step")}


def freeze(networks: AdversarialNetworks, recipe: Recipe) -> None:
    """Let the generator learn in its last layers, and in what the last domain's plane is multiplied with; nowhere else.

    Raises TrainingError for a generator that does not name its `last_layers`.
    """
    last = getattr(networks.generator, "last_layers", ())
    if not last:
        raise TrainingError(f"training.freeze: the generator {recipe.generator.name} does not name its last_layers")
    grown = find_growth(recipe)
    trained = tuple(f"generator.{name}." for name in last)
    both = {"generator": networks.generator, "conditioners": networks.conditioners}
    parameters = {f"{side}.{name}": one for side, module in both.items() for name, one in module.named_parameters()}
    for name, parameter in parameters.items():
        if name in grown and not name.startswith(trained):
            parameter.register_hook(_only(grown[name].axis, grown[name].places))  # type: ignore[no-untyped-call]
        else:
            parameter.requires_grad_(name.startswith(trained))


def _only(axis: int, places: tuple[int, ...]) -> Any:
    """A hook that lets a gradient through at `places` of `axis` alone. Where it is zero, Adam moves no weight."""

    def hook(gradient: Tensor) -> Tensor:
        index = torch.tensor(places, device=gradient.device)
        kept = torch.zeros_like(gradient)
        return kept.index_copy(axis, index, gradient.index_select(axis, index))

    return hook
