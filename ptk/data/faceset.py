"""A data set in memory: decoded once, at the recipe's size, in every domain of the recipe."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ptk.dataset.images import Decoded
from ptk.dataset.manifest import (
    Entry,
)
from ptk.dataset.renderings import Progress, render
from ptk.errors import DataError
from ptk.recipe.schema import Recipe
from ptk.types import PHOTO, Domain, Faces

if TYPE_CHECKING:
    pass

__all__ = [
    "FaceSet",
    "assemble",
    "find_truths",
    "identity_rows",
    "photo_rows",
]


@dataclass(frozen=True, eq=False)
class FaceSet:
    """The images of one split, row by row.

    An image spans the crop of S pixels and `pad` more on each side: `images` (N, 3, S + 2 pad, S + 2 pad) uint8.
    `points` (N, 68, 2) are in [0, 1] of the crop, NaN in a set without faces, and so are `dense` (N, count, 2), where
    the recipe works with landmarks of another topology; `domain`, `identity`, `photo` (N,) int64
    index the recipe's domains, `identities` and `photos`; `expressions` has a word a photo, "" when unknown.
    """

    images: Tensor
    points: Tensor
    domain: Tensor
    identity: Tensor
    photo: Tensor
    identities: tuple[str, ...]
    photos: tuple[str, ...]
    expressions: tuple[str, ...]
    pad: int = 0
    dense: Tensor | None = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """The side S of the crops in pixels."""
        return self.images.shape[-1] - 2 * self.pad

    def faces(self, rows: Tensor) -> Faces:
        """The faces at `rows` (B,), images in [-1, 1]."""
        inside = slice(self.pad, self.pad + self.size)
        image = self.images[rows][..., inside, inside].float().div(127.5).sub(1)
        dense = None if self.dense is None else self.dense[rows]
        return Faces(points=self.points[rows], domain=self.domain[rows], image=image, dense=dense)


def assemble(
    place: str, decoded: Sequence[Decoded], recipe: Recipe, domains: Mapping[str, Domain], progress: Progress
) -> FaceSet:
    """Put `decoded` images of one margin together, sorted, and render what is missing of the recipe's `domains`.

    Raises DataError, which names `place`, when a domain cannot be had or a photo belongs to two people.
    """
    images = {(each.entry.photo, each.entry.domain): each.pixels for each in decoded}
    points = {each.entry.photo: each.points for each in decoded}
    photos = [each.entry.photo for each in decoded if each.entry.domain == PHOTO]
    for use in (use for use in recipe.domains if use.name in domains):
        missing = [photo for photo in photos if (photo, use.name) not in images]
        if missing and domains[use.name].stylise is not None:
            if domains[use.name].needs_face and any(np.isnan(points[photo]).any() for photo in missing):
                what = f"is rendered where the face is, and {place} has no faces; leave it out, or give real images"
                raise DataError(f"{recipe.place(f'domains.{use.name}')}: {what}")
            stack = np.stack([images[photo, PHOTO] for photo in missing])
            stored, size = stack.shape[1], recipe.data.size  # pixels: an image shows a margin more than its crop
            where = np.stack([(points[photo] * size + (stored - size) / 2) / stored for photo in missing])
            rendered = render(stack, where, use, domains[use.name], progress)
            images |= {(photo, use.name): image for photo, image in zip(missing, rendered, strict=True)}
        if not any(domain == use.name for _, domain in images):
            why = "it" if domains[use.name].stylise is not None else "real images of it, no photo can be rendered in it"
            raise DataError(f"{place}: nothing in the domain {use.name}; prepare {why}")
    dense = _collect_dense(place, decoded, recipe)
    return _sorted(place, [each.entry for each in decoded], images, points, dense, recipe)


def _collect_dense(place: str, decoded: Sequence[Decoded], recipe: Recipe) -> dict[str, np.ndarray] | None:
    """All landmarks of the recipe's topology by photo; None where these are the 68, or there are no faces."""
    topology = recipe.topology
    if topology.places is None or all(each.entry.landmarks is None for each in decoded):
        return None
    found = {}
    for each in decoded:
        if each.dense is None or len(each.dense) != topology.count:
            raise DataError(
                f"{place}: {each.entry.image} has no {topology.count} landmarks of {topology.name}; prepare the data "
                "again with one detector"
            )
        found[each.entry.photo] = each.dense
    return found


def _sorted(
    place: str,
    entries: Sequence[Entry],
    images: Mapping[tuple[str, str], np.ndarray],
    points: Mapping[str, np.ndarray],
    dense: Mapping[str, np.ndarray] | None,
    recipe: Recipe,
) -> FaceSet:
    by_photo: dict[str, Entry] = {}
    for entry in entries:
        known = by_photo.setdefault(entry.photo, entry)
        if known.identity != entry.identity:
            raise DataError(f"{place}: photo {entry.photo} belongs to {known.identity} and to {entry.identity}")
    identities = sorted({entry.identity for entry in by_photo.values()})
    photos = sorted(by_photo)
    rows = sorted(images, key=lambda row: (row[0], recipe.domain_names.index(row[1])))
    stack = torch.from_numpy(np.stack([images[row] for row in rows])).permute(0, 3, 1, 2).contiguous()

    def list_points(of: Mapping[str, np.ndarray]) -> Tensor:
        return torch.tensor(np.stack([of[photo] for photo, _ in rows]), dtype=torch.float32)

    return FaceSet(
        images=stack,
        points=list_points(points),
        dense=None if dense is None else list_points(dense),
        domain=torch.tensor([recipe.domain_names.index(domain) for _, domain in rows]),
        identity=torch.tensor([identities.index(by_photo[photo].identity) for photo, _ in rows]),
        photo=torch.tensor([photos.index(photo) for photo, _ in rows]),
        identities=tuple(identities),
        photos=tuple(photos),
        expressions=tuple(by_photo[photo].expression for photo in photos),
        pad=(stack.shape[-1] - recipe.data.size) // 2,
    )


def find_truths(faces: FaceSet, row: int, domains: int) -> list[tuple[int, int | None]]:
    """Every domain but that of the image in `row`, with the row of the true image there, None where there is none.

    That is the same photo in the domain, or another of the same identity, such as one with that expression.
    """
    found: list[tuple[int, int | None]] = []
    for domain in (one for one in range(domains) if one != int(faces.domain[row])):
        there = faces.domain == domain
        alike = [torch.nonzero(there & (names == names[row])).flatten() for names in (faces.photo, faces.identity)]
        found.append((domain, next((int(rows[0]) for rows in alike if len(rows)), None)))
    return found


def identity_rows(faces: FaceSet) -> list[Tensor]:
    """The rows of each identity, in order of identity."""
    return _group_rows(faces.identity)


def photo_rows(faces: FaceSet) -> list[Tensor]:
    """The rows of each photo, which are its renderings in all domains, in order of photo."""
    return _group_rows(faces.photo)


def _group_rows(keys: Tensor) -> list[Tensor]:
    rows: dict[int, list[int]] = defaultdict(list)
    for row, key in enumerate(keys.tolist()):
        rows[key].append(row)
    return [torch.tensor(rows[key]) for key in sorted(rows)]
