"""The people to evaluate on: their photos and renderings, and every ordered pair of one person's photos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ptk.dataset.images import decode
from ptk.dataset.manifest import PHOTO, Entry, read_description, read_manifest
from ptk.errors import DataError

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

    from ptk.faces.topologies import Topology

__all__ = ["People", "Shot", "read_people", "spread"]

_Thing = TypeVar("_Thing")
_Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Shot:
    """One photo of a person and its renderings: `images` holds one for each domain, the photo itself among them.

    An image spans the crop of `size` pixels and `pad` more on each side; `points` are in [0, 1] of the crop, and
    so are `dense`, all those of another topology than the 68, where the data have them.
    """

    identity: str
    photo: str
    expression: str
    points: Float32[np.ndarray, "68 2"]
    size: int
    images: Mapping[str, UInt8[np.ndarray, "side side 3"]] = field(repr=False)
    dense: Float32[np.ndarray, "count 2"] | None = None

    @property
    def pad(self) -> int:
        """The pixels beyond the crop on each side."""
        return (len(self.images[PHOTO]) - self.size) // 2

    def crop(self, domain: str) -> UInt8[np.ndarray, "size size 3"]:
        """The crop of its image in `domain`."""
        inside = slice(self.pad, self.pad + self.size)
        return np.array(self.images[domain][inside, inside])

    def points_of(self, topology: Topology) -> Float32[np.ndarray, "count 2"]:
        """Its landmarks of a `topology`. Raises DataError where the data do not have them."""
        if topology.places is None:
            return self.points
        if self.dense is None or len(self.dense) != topology.count:
            raise DataError(
                f"{self.photo}: has no landmarks of {topology.name}, which these weights learned; prepare the data "
                f"with `detector={topology.name}`"
            )
        return self.dense

    @property
    def title(self) -> str:
        """What to call it: its expression, or else its name."""
        return self.expression or self.photo


@dataclass(frozen=True, eq=False)
class People:
    """The shots of each identity. `licence` is that of the data, `detector` who found its landmarks.

    `most` is how many pairs of each person are evaluated; 0 stands for all.
    """

    folder: Path
    split: str
    shots: Mapping[str, Sequence[Shot]]
    licence: str
    detector: str
    most: int = 0

    @property
    def pairs(self) -> list[tuple[Shot, Shot]]:
        """The ordered pairs of two photos of one person; of many, those that are evenly spread in their order."""
        return [pair for shots in self.shots.values() for pair in spread(list(permutations(shots, 2)), self.most)]


def spread(things: Sequence[_Thing], most: int) -> list[_Thing]:
    """At most so many of `things`, evenly spread in their order; all where `most` is 0."""
    count = min(most, len(things)) or len(things)
    return [things[number * len(things) // count] for number in range(count)]


def read_people(
    folder: Path, split: str, size: int, domains: Sequence[str], progress: _Progress = lambda *_: None
) -> People:
    """Those of the `split` ("test", "train" or "all") in the data set `folder`, in crops of `size` pixels.

    Of the `domains`, those that the folder holds. Raises DataError when there is no data set, an image cannot be read,
    or nobody has two photos.
    """
    entries = [
        entry
        for entry in read_manifest(folder)
        if split in (entry.split, "all") and (entry.domain in domains or entry.domain == PHOTO)
    ]
    described = read_description(folder)
    shots: dict[str, dict[str, dict[str, Entry]]] = defaultdict(lambda: defaultdict(dict))
    for entry in entries:
        shots[entry.identity][entry.photo][entry.domain] = entry
    # A photo that was not kept is nothing to begin with, and one alone has no true image to go to.
    paired = {
        identity: kept
        for identity, photos in shots.items()
        if len(kept := [renderings for renderings in photos.values() if PHOTO in renderings]) > 1
    }
    if not paired:
        raise DataError(f"{folder}: nobody in the split {split} has two photos; give data with pairs, or `split=all`")
    total, done = sum(map(len, paired.values())), 0
    people: dict[str, list[Shot]] = {}
    for identity, photos in paired.items():
        people[identity] = []
        for renderings in photos:
            people[identity].append(_shot(folder, renderings, size, described.margin))
            done += 1
            progress("reading photos", done, total)
    return People(folder, split, people, described.licence, described.detector)


def _shot(folder: Path, renderings: Mapping[str, Entry], size: int, margin: float) -> Shot:
    decoded = {domain: decode(folder / entry.image, entry, size, margin) for domain, entry in renderings.items()}
    photo = decoded[PHOTO]
    return Shot(
        identity=photo.entry.identity,
        photo=photo.entry.photo,
        expression=photo.entry.expression,
        points=photo.points.astype(np.float32),
        size=size,
        images={domain: each.pixels for domain, each in decoded.items()},
        dense=None if photo.dense is None else photo.dense.astype(np.float32),
    )
