"""A translation, what the discriminator says of it, and what losses may ask and declare."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar, cast, overload

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.types.faces import Faces, Planes, Target

__all__ = ["Later", "LossDeclaration", "Networks", "Tick", "Translation", "Verdict", "declared"]

_Made = TypeVar("_Made")


class Later(Sequence[_Made]):
    """Images, or verdicts, that are made, once, when somebody looks at them."""

    def __init__(self, make: Callable[[], Sequence[_Made]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Sequence[_Made]:
        return self._make()

    @overload
    def __getitem__(self, index: int) -> _Made: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_Made]: ...
    def __getitem__(self, index: int | slice) -> _Made | Sequence[_Made]:
        return self._made[index]

    def __len__(self) -> int:
        return len(self._made)


@dataclass(frozen=True, kw_only=True, eq=False)
class Verdict:
    """What one discriminator level says of a batch.

    Patch `logits` (B, 1, h, w), `features`, shallow to deep, and, of one with a class head, `classes` (B, domains):
    logits of the domain that an image is in.
    """

    logits: Tensor
    features: list[Tensor] = field(default_factory=list)
    classes: Tensor | None = None

    def detach(self) -> Verdict:
        """The same verdict without its graph."""
        return Verdict(
            logits=self.logits.detach(),
            features=[feature.detach() for feature in self.features],
            classes=None if self.classes is None else self.classes.detach(),
        )


def _unjudged() -> Sequence[Verdict]:
    raise ValueError("this translation was not judged: give it fake_verdicts and real_verdicts")


@dataclass(frozen=True, kw_only=True, eq=False)
class Translation:
    """One translation there and back, and what the discriminator says of it.

    `fake` and `restored` are pyramids: sequences of (B, 3, H/2^k, W/2^k) in [-1, 1], finest first; a `restored` that no
    loss looks at need not be made (`Later`). `planes` is what the generator and a conditional discriminator were told
    on the way to `target`, whose image is the true result where `paired`, otherwise that of a stranger in its domain.

    `fake_verdicts` (on `fake`) and `real_verdicts` (on the target's image), one a level, are made when a loss first
    asks. Their graph leads to the discriminator and, from `fake`, on to the generator: each side takes the gradients of
    its own parameters alone. A loss that needs a fixed goal detaches them.
    """

    source: Faces
    target: Faces
    planes: Planes
    fake: list[Tensor]
    restored: Sequence[Tensor]
    paired: bool = True
    fake_verdicts: Sequence[Verdict] = field(default_factory=lambda: Later(_unjudged))
    real_verdicts: Sequence[Verdict] = field(default_factory=lambda: Later(_unjudged))

    def detach(self) -> Translation:
        """The same translation with images without their graph: what critic losses are given."""
        restored = Later(lambda: [image.detach() for image in self.restored])
        return dataclasses.replace(self, fake=[image.detach() for image in self.fake], restored=restored)


class Networks(Protocol):
    """What a loss may ask of the networks in training, beside what a `Translation` holds."""

    def generate(self, faces: Faces, target: Target) -> list[Tensor]:
        """The pyramid that the generator makes of `faces` on the way to `target`, with its graph."""
        ...

    def encode(self, faces: Faces, target: Target) -> list[Tensor]:
        """What the generator's `encode` tells of `faces` on the way to `target`, with its graph: features, or a mask.

        A loss that asks says `needs_features`: not every generator has the method.
        """
        ...

    def judge(self, pyramid: list[Tensor], planes: Planes, *, twice: bool = False) -> list[Verdict]:
        """The discriminator's verdicts on `pyramid` (finest first; one full-size image is enough), one a level.

        A pass of its own, for images that are neither `fake` nor the target's. `twice` says that gradients of gradients
        will be asked for (a gradient penalty), which compiled networks cannot give.
        """
        ...

    def gather(self, rows: Tensor) -> tuple[Tensor, slice]:
        """The rows of all processes that train together, in their order, without graph, and which are this one's.

        Every process must ask, and have as many. Where one trains by itself they are `rows`, all its own.
        """
        ...


class LossDeclaration(Protocol):
    """What a loss may declare beside its `forward`; these are the defaults."""

    needs_truth: bool = False
    """It compares with the target's image as the true result, so it cannot learn from `pairs: unpaired`."""
    needs_classes: bool = False
    """It reads `Verdict.classes`, so it needs a discriminator with a class head."""
    needs_features: bool = False
    """It asks for `Networks.encode`, so it needs a generator with the method `encode`."""
    zero_at_target: bool = False
    """It is 0 where the images made are the true ones: the contract checks that."""
    warning: str | None = None
    """What to tell before training, such as that pretrained weights could not be had."""

    def record(self) -> object:
        """Plain data for checkpoints and weights that the recipe does not say, such as which weights it loaded."""
        return None

    def equation(self, side: str, options: Mapping[str, object]) -> str:  # noqa: ARG002
        """The term as `ptk recipes check` prints it, "E|G(x) - y|"; a classmethod, for nothing is built then.

        x is the source, y the target's image, G(x) the result, G(G(x)) the way back, D_k a level of the discriminator.
        """
        return ""

    def remembers(self, images: int) -> int:  # noqa: ARG002
        """How many bytes it keeps in the end, where so many `images` come again."""
        return 0


class _Defaults(LossDeclaration):
    """A loss that declares nothing."""


class _Declared:
    """A loss, or the class of one, seen through its declarations."""

    def __init__(self, loss: object) -> None:
        self._loss = loss

    def __getattr__(self, name: str) -> object:
        return getattr(self._loss, name, getattr(_Defaults(), name))


def declared(loss: object) -> LossDeclaration:
    """Read what `loss`, a module or its class, declares; the default for what it does not mention."""
    return cast("LossDeclaration", _Declared(loss))


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A report from training: after `step` steps, the mean `losses` since the last tick and images a second."""

    step: int
    losses: dict[str, float]
    images_per_second: float
