"""The true images of styles that a data set does not hold: rendered from its photos by the styles themselves."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.dataset.manifest import PHOTO
from ptk.dataset.renderings import render
from ptk.errors import MissingExtra, PtkError
from ptk.recipe.build import build_part
from ptk.recipe.load import parse_editing_recipe
from ptk.recipe.one_part import DomainUse

if TYPE_CHECKING:
    from ptk.evaluation.people import People
    from ptk.types import Domain

__all__ = ["Renderers", "with_styles"]

_Progress = Callable[[str, int, int], None]


@dataclasses.dataclass(frozen=True, eq=False)
class Renderers:
    """The styles of weights that photos can be rendered in here, and of the others why they cannot."""

    domains: Mapping[str, tuple[DomainUse, Domain]]
    skipped: Mapping[str, str]

    @classmethod
    def of(cls, metadata: Mapping[str, Any]) -> Renderers:
        """Those of the recipe that weights say they were trained with; none where it cannot be read here."""
        try:
            uses = parse_editing_recipe(metadata.get("recipe", {}), "weights").domains
        except PtkError as error:
            return cls({}, {"styles": f"skipped: {str(error).splitlines()[0]}"})
        domains, skipped = {}, {}
        for use in uses:
            try:
                domain = build_part("domain", use.offered, {})
            except MissingExtra as missing:
                skipped[use.name] = f"skipped: {missing}"
                continue
            if use.name != PHOTO and domain.stylise is not None:
                domains[use.name] = (use, domain)
        return cls(domains, skipped)

    def without(self, domains: Collection[str]) -> Renderers:
        """The same, with nothing done or said of `domains`."""
        kept = {name: found for name, found in self.domains.items() if name not in domains}
        return Renderers(kept, {name: why for name, why in self.skipped.items() if name not in domains})


def with_styles(people: People, renderers: Renderers, progress: _Progress = lambda *_: None) -> People:
    """`people` with renderings of every photo in each of the domains that it lacks; they are kept for the next time."""
    shots = [shot for those in people.shots.values() for shot in those]
    for name, (use, domain) in renderers.domains.items():
        missing = [shot for shot in shots if name not in shot.images]
        if missing:
            photos = np.stack([shot.images[PHOTO] for shot in missing])
            # landmarks in [0, 1] of images, which show a margin more than the crop
            points = [(shot.points * shot.size + shot.pad) / (shot.size + 2 * shot.pad) for shot in missing]
            rendered = render(photos, np.stack(points), use, domain, progress)
            added = {shot.photo: {name: image} for shot, image in zip(missing, rendered, strict=True)}
            shots = [dataclasses.replace(shot, images={**shot.images, **added.get(shot.photo, {})}) for shot in shots]
    by_name = {shot.photo: shot for shot in shots}
    return dataclasses.replace(
        people, shots={who: [by_name[shot.photo] for shot in those] for who, those in people.shots.items()}
    )
