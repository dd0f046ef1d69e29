"""Which of the styles that weights know they learned, and what to do about the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ptk.errors import WeightsError
from ptk.types import PHOTO, find_plain

__all__ = [
    "check_known",
    "check_learned",
    "find_untrained",
    "has_faces",
    "leads_back",
    "learned_goals",
    "source_domain",
]


def has_faces(metadata: Mapping[str, Any]) -> bool:
    """Whether weights learned from faces, by what their file says of its data."""
    data = metadata.get("data")
    return not isinstance(data, Mapping) or data.get("faces") != "none"


def source_domain(domains: Sequence[str], goal: str) -> str:
    """The domain that a picture on the way to `goal` is taken to be in: photo, or else the first other one."""
    return next((name for name in domains if name != goal), domains[0]) if find_plain(domains) is None else PHOTO


def leads_back(metadata: Mapping[str, Any]) -> bool:
    """Whether weights were trained to go from any of their domains to the first of them."""
    recipe = metadata.get("recipe")
    data = recipe.get("data") if isinstance(recipe, Mapping) else None
    return isinstance(data, Mapping) and data.get("one_way") == "back"


def learned_goals(metadata: Mapping[str, Any], domains: Sequence[str]) -> tuple[str, ...]:
    """The `domains` that weights were trained to go to: all but the first where pairs of one photo led one way.

    Where they led back it is the first alone.
    """
    if leads_back(metadata):
        return tuple(domains[:1])
    recipe = metadata.get("recipe")
    data = recipe.get("data") if isinstance(recipe, Mapping) else None
    one_way = isinstance(data, Mapping) and data.get("one_way") is True and data.get("pairs") == "photo"
    return tuple(domains[1:] if one_way else domains)


def find_untrained(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """The domains that were added to weights and never trained, by what their file says of itself."""
    if isinstance(said := metadata.get("untrained"), list):
        return tuple(map(str, said))
    # Older files name those from which they were grown; training leaves that out.
    grown_from = metadata.get("grown_from")
    if not isinstance(grown_from, dict):
        return ()
    return tuple(str(name) for name in metadata.get("domains", ()) if name not in grown_from.get("domains", ()))


def check_known(style: str, domains: Sequence[str], place: str = "style") -> None:
    """Raise WeightsError, with what else there is, where `style` is not among the `domains` of weights.

    `place` begins the message.
    """
    if style not in domains:
        raise WeightsError(f"{place} {style}: these weights know {', '.join(domains)}{_describe_domain(style)}")


def check_learned(style: str, domains: Sequence[str], metadata: Mapping[str, Any], place: str = "style") -> None:
    """Raise WeightsError where weights do not know `style`, or know it and were never trained in it."""
    check_known(style, domains, place)
    if style in find_untrained(metadata):
        raise WeightsError(
            f"{place} {style}: these weights were never trained in it since it was added, and would paint at random; "
            "train them with the recipe that `add_domain` wrote beside them"
        )


def _describe_domain(name: str) -> str:
    """What to do where a domain of that name is installed; "" where none is."""
    from ptk.registry.registry import load_registry

    registry = load_registry()
    if name in (PHOTO, "images") or not registry.offers("domain", name):  # these two render nothing
        return ""
    return (
        f"; a domain {name} is installed ({registry.part('domain', name).origin}), which renders photos by itself "
        f"where no learned style is asked for; or teach it to weights of `train`: `add_domain(WEIGHTS, {name})`"
    )
