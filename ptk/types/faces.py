"""Faces, where they should go, and what conditioners say of both."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from ptk.types.domain import PHOTO

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from jaxtyping import Float, Float32, Int64
    from torch import Tensor

__all__ = ["Faces", "Landmarks", "MediaFile", "Pair", "Planes", "Skipped", "Target"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Landmarks:
    """68 facial landmarks in a photo, iBUG order, in pixels of the upright photo; they may lie outside of it.

    Where they come with a set of another `topology` (`ptk.faces.topologies`), `dense` has all points of that.

    `width, height` and `sha256` (of the file's bytes, "" when unknown) name the photo, `detector` who found them
    ("" when unknown) and `score` how sure it was (higher is better, comparable within one detector only). `irises` are
    the middles (x, y) and radii of the person's right and left one, in the same pixels; None where nobody looked.
    """

    points: Float32[np.ndarray, "68 2"]
    width: int
    height: int
    sha256: str = ""
    detector: str = ""
    score: float = 1.0
    topology: str = "ibug68"
    irises: Float32[np.ndarray, "2 3"] | None = None
    dense: Float32[np.ndarray, "count 2"] | None = None

    @property
    def all_points(self) -> Float32[np.ndarray, "count 2"]:
        """The points of the `topology`: `dense`, or the 68."""
        return self.points if self.dense is None else self.dense


@dataclass(frozen=True)
class MediaFile:
    """A photo or video of one person, to prepare.

    `photo` names it in the data set (a video's frames get numbers after it); of two that have the same name, the second
    is given a number, too. `expression` is a word such as "smile", "" when unknown. `domain` is what it shows: "photo"
    for a photograph that styles are made from, another name for a real image of another domain, such as "old". `split`
    is "train" or "test" where the source says so, "" where people are to be split at random.
    """

    path: Path
    identity: str
    photo: str
    expression: str = ""
    domain: str = PHOTO
    split: str = ""


@dataclass(frozen=True)
class Skipped:
    """A file that is not in the data set, by its path in the source folder, and why, in words that end a sentence."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """Where faces should go: `points` in [0, 1] of the crop (x by width, y by height), `domain` by recipe order.

    Images of data without faces have no landmarks: their `points` are NaN.

    `points` are the 68 of iBUG, whatever landmarks a recipe works with; where these are of another topology, `dense`
    has all of them (`ptk.faces.topologies`).

    `segments` are the domains once more as (domain, rows) of consecutive rows, known without reading `domain` from its
    device: ((0, 4), (1, 4)) for four rows of each. None where nobody counted.
    """

    points: Float[Tensor, "batch 68 2"]
    domain: Int64[Tensor, " batch"]
    segments: tuple[tuple[int, int], ...] | None = None
    dense: Float[Tensor, "batch count 2"] | None = None

    def __len__(self) -> int:
        return int(self.points.shape[0])

    @property
    def all_points(self) -> Float[Tensor, "batch count 2"]:
        """The points of the recipe's topology: `dense`, or the 68."""
        return self.points if self.dense is None else self.dense

    @property
    def goal(self) -> Target:
        """The same without the image, which `Faces` hold."""
        return Target(points=self.points, domain=self.domain, segments=self.segments, dense=self.dense)

    def rows(self, chosen: slice) -> Target:
        """The `chosen` rows of the batch."""
        return Target(
            points=self.points[chosen],
            domain=self.domain[chosen],
            segments=self._segments(chosen),
            dense=None if self.dense is None else self.dense[chosen],
        )

    def _segments(self, chosen: slice) -> tuple[tuple[int, int], ...] | None:
        if self.segments is None:
            return None
        domains = [domain for domain, count in self.segments for _ in range(count)][chosen]
        return tuple((domain, len(list(group))) for domain, group in groupby(domains))


@dataclass(frozen=True, kw_only=True, eq=False)
class Faces(Target):
    """Faces that are there: a `Target` plus the `image` in [-1, 1].

    `key` has a number from 0 on for each image that comes again in training, the same number for the same pixels; below
    0 it says nothing. It stays on the CPU; None says nothing of any. What is computed of such an image alone need be
    computed once.
    """

    image: Float[Tensor, "batch 3 height width"]
    key: Int64[Tensor, " batch"] | None = None

    def to(self, device: torch.device | str) -> Faces:
        """The same faces on `device`."""
        return dataclasses.replace(
            self,
            points=self.points.to(device),
            domain=self.domain.to(device),
            image=self.image.to(device),
            dense=None if self.dense is None else self.dense.to(device),
        )

    def concatenated(self, other: Faces) -> Faces:
        """`self` then `other` along the batch."""
        import torch

        key = None if self.key is None or other.key is None else torch.cat([self.key, other.key])
        return Faces(
            points=torch.cat([self.points, other.points]),
            domain=torch.cat([self.domain, other.domain]),
            image=torch.cat([self.image, other.image]),
            key=key,
            segments=None if self.segments is None or other.segments is None else self.segments + other.segments,
            dense=None if self.dense is None or other.dense is None else torch.cat([self.dense, other.dense]),
        )

    def rows(self, chosen: slice) -> Faces:
        """The `chosen` rows of the batch."""
        return Faces(
            points=self.points[chosen],
            domain=self.domain[chosen],
            image=self.image[chosen],
            key=None if self.key is None else self.key[chosen],
            segments=self._segments(chosen),
            dense=None if self.dense is None else self.dense[chosen],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """Two views `a` and `b`, row by row, each row in any domain: of the same people, or, unpaired, of any two."""

    a: Faces
    b: Faces

    def __len__(self) -> int:
        return len(self.a)

    def parts(self, count: int) -> list[Pair]:
        """The rows in order as `count` pairs of equally many. Raises ValueError when they cannot be shared so."""
        each, rest = divmod(len(self), count)
        if rest or not each:
            raise ValueError(f"{len(self)} pairs in {count} equal parts")
        slices = [slice(start, start + each) for start in range(0, len(self), each)]
        return [Pair(a=self.a.rows(chosen), b=self.b.rows(chosen)) for chosen in slices]


@dataclass(frozen=True, eq=False)
class Planes:
    """What the conditioners say: conditioner name -> (B, C, H, W), in recipe order; `planes["name"]` are one's.

    `target` and `source` are what they were told, for a part that looks at a place of the face, or at the input:
    `source` holds its image, `target` never one. None where nobody knows.
    """

    by_name: Mapping[str, Float[Tensor, "batch _ height width"]]
    target: Target | None = None
    source: Faces | None = None

    def __getitem__(self, name: str) -> Tensor:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    @property
    def stacked(self) -> Tensor:
        """All planes concatenated along the channels, (B, sum of C, H, W); C is 0 without conditioners."""
        import torch

        if not self.by_name and self.source is not None:
            return self.source.image[:, :0]
        return torch.cat(list(self.by_name.values()), dim=1)

    def rows(self, chosen: slice) -> Planes:
        """The planes of the `chosen` rows of the batch."""
        return Planes(
            {name: planes[chosen] for name, planes in self.by_name.items()},
            None if self.target is None else self.target.rows(chosen),
            None if self.source is None else self.source.rows(chosen),
        )
