"""The values that travel between ptk's parts. Nothing here imports torch until a tensor is at hand.

Shapes stand in the annotations, in jaxtyping's notation; the tests check them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol, overload

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import torch
    from jaxtyping import Float, Float32, Int64, UInt8
    from torch import Tensor

__all__ = [
    "Domain",
    "Faces",
    "Landmarks",
    "Later",
    "MediaFile",
    "Networks",
    "Pair",
    "Planes",
    "Skipped",
    "Target",
    "Tick",
    "Translation",
    "Verdict",
]


@dataclass(frozen=True, kw_only=True, eq=False)
class Landmarks:
    """68 facial landmarks in a photo, iBUG order, in pixels of the upright photo; they may lie outside of it.

    `width, height` and `sha256` (of the file's bytes, "" when unknown) name the photo, `detector` who found them
    ("" when unknown) and `score` how sure it was (higher is better, comparable within one detector only).
    """

    points: Float32[np.ndarray, "68 2"]
    width: int
    height: int
    sha256: str = ""
    detector: str = ""
    score: float = 1.0
    topology: str = "ibug68"


@dataclass(frozen=True)
class MediaFile:
    """A photo or video of one person, to prepare.

    `photo` names it in the data set (a video's frames get numbers after it); of two that have the same name, the second
    is given a number, too. `expression` is a word such as "smile", "" when unknown. `domain` is what it shows: "photo"
    for a photograph that styles are made from, another name for a real image of another domain, such as "old".
    """

    path: Path
    identity: str
    photo: str
    expression: str = ""
    domain: str = "photo"


@dataclass(frozen=True)
class Skipped:
    """A file that is not in the data set, by its path in the source folder, and why, in words that end a sentence."""

    path: str
    reason: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Target:
    """Where faces should go: `points` in [0, 1] of the crop (x by width, y by height), `domain` by recipe order."""

    points: Float[Tensor, "batch 68 2"]
    domain: Int64[Tensor, " batch"]

    def __len__(self) -> int:
        return int(self.points.shape[0])

    @property
    def goal(self) -> Target:
        """The same without the image, which `Faces` hold."""
        return Target(points=self.points, domain=self.domain)


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
            self, points=self.points.to(device), domain=self.domain.to(device), image=self.image.to(device)
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
        )

    def rows(self, chosen: slice) -> Faces:
        """The `chosen` ones of the batch."""
        key = None if self.key is None else self.key[chosen]
        return Faces(points=self.points[chosen], domain=self.domain[chosen], image=self.image[chosen], key=key)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """Two views `a` and `b` of the same people, row by row, each row in any domain."""

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

    `target` and `source` are what they were told, for a part that looks at a place of the face; None where nobody
    knows.
    """

    by_name: Mapping[str, Float[Tensor, "batch _ height width"]]
    target: Target | None = None
    source: Target | None = None

    def __getitem__(self, name: str) -> Tensor:
        return self.by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_name)

    @property
    def stacked(self) -> Tensor:
        """All planes concatenated along the channels, (B, sum of C, H, W)."""
        import torch

        return torch.cat(list(self.by_name.values()), dim=1)


class Later(Sequence["Tensor"]):
    """Images that are made, once, when somebody looks at them."""

    def __init__(self, make: Callable[[], Sequence[Tensor]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Sequence[Tensor]:
        return self._make()

    @overload
    def __getitem__(self, index: int) -> Tensor: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Tensor]: ...
    def __getitem__(self, index: int | slice) -> Tensor | Sequence[Tensor]:
        return self._made[index]

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, kw_only=True, eq=False)
class Translation:
    """One translation there and back.

    `fake` and `restored` are pyramids: sequences of (B, 3, H/2^k, W/2^k) in [-1, 1], finest first; a `restored` that no
    loss looks at need not be made (`Later`). `planes` is what the generator and a conditional discriminator were told
    on the way to `target`; `target` holds the real image when it is known (pairs), otherwise only where to go.
    """

    source: Faces
    target: Faces
    planes: Planes
    fake: list[Tensor]
    restored: Sequence[Tensor]

    def detach(self) -> Translation:
        """The same translation without its graph: what critic losses are given."""
        restored = Later(lambda: [image.detach() for image in self.restored])
        return dataclasses.replace(self, fake=[image.detach() for image in self.fake], restored=restored)


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdict:
    """What one discriminator level says of a batch: patch `logits` (B, 1, h, w) and `features`, shallow to deep."""

    logits: Tensor
    features: list[Tensor] = field(default_factory=list)


class Networks(Protocol):
    """What a loss may ask of the networks in training."""

    def judge(self, pyramid: list[Tensor], planes: Planes) -> list[Verdict]:
        """The discriminator's verdicts on `pyramid` (finest first; one full-size image is enough), one a level.

        In a generator loss the discriminator is frozen: gradients pass through it and stop at the images.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A report from training: after `step` steps, the mean `losses` since the last tick and images a second."""

    step: int
    losses: dict[str, float]
    images_per_second: float


class Domain:
    """A style. Subclass it, set `title`, and give `stylise` where pseudo-targets can be made from photos.

    `stylise` renders `faces`: from `faces.image` (B, 3, H, W) in [-1, 1] it makes images of the same shape, range,
    dtype and device, the same for the same face every time, whatever the others in the batch. `faces.points`
    (B, 68, 2) are in [0, 1] of that image, for domains that paint where the face is; `faces.domain` says nothing here.
    It stays None where images can only come from folders of real ones.

    Two more are for `ptk edit`, which renders whole photos, and may be left out. `render(pixels, points, scale)` is the
    same for one photo, `pixels` (H, W, 3) uint8 RGB of any size, without torch: it returns a new array like them.
    `points` (68, 2) are in [0, 1] of the photo, None where it shows no face, or several; the square around a face
    that a crop shows is 256 * `scale` pixels wide, so strokes multiplied by `scale` are as wide as in crops of 256
    pixels. Without it ptk calls `stylise`. `needs_face` False says that the style looks at no points: it is then
    rendered on photos without a face, or with several, too.
    """

    title: ClassVar[str] = ""
    needs_face: ClassVar[bool] = True
    stylise: Callable[[Faces], Tensor] | None = None
    render: (
        Callable[
            [UInt8[np.ndarray, "height width 3"], Float[np.ndarray, "68 2"] | None, float],
            UInt8[np.ndarray, "height width 3"],
        ]
        | None
    ) = None
