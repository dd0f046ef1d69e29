"""What generators that move pixels tell of their results, so that these can be had at the photo's own resolution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from ptk.types import Planes

__all__ = ["MovesPixels", "PaintsMouths", "Rendering", "Restyles"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Rendering:
    """An image and what became of the source's pixels in it: what a generator that moves pixels can tell of its result.

    `image` (B, 3, H, W) is in [-1, 1]. `flow` is where in the source each pixel comes from, as a displacement in shares
    of the width and of the height: 0 where nothing moves. `visibility`, in [0, 1], is the share of that pixel which is
    still to be seen: 0 where all is painted.
    """

    image: Float[Tensor, "batch 3 height width"]
    flow: Float[Tensor, "batch 2 height width"]
    visibility: Float[Tensor, "batch 1 height width"]


@runtime_checkable
class MovesPixels(Protocol):
    """What a generator offers whose results can be had at the photo's own resolution."""

    def render(self, image: Tensor, planes: Planes) -> Rendering:
        """What `forward` gives first for the photo's own domain, and its flow."""
        ...


@runtime_checkable
class Restyles(MovesPixels, Protocol):
    """What a generator offers that makes photos first, and other domains of these.

    Where `restyles` is true `render` makes the plain domain alone, whatever the planes tell.
    """

    @property
    def restyles(self) -> bool:
        """Whether it does."""
        ...

    def restyle(self, photo: Tensor, planes: Planes) -> Tensor:
        """What `render` made (B, 3, H, W) in [-1, 1] in the domain that the planes tell."""
        ...


@runtime_checkable
class PaintsMouths(MovesPixels, Protocol):
    """What a generator offers that makes mouths in a step of its own, which sees a window around them.

    Where `moves_lips` is true `render` is `render_face`, with as much of `render_mouth` as that says counts, in the
    plain domain. The window holds the mouth's `MouthFrame` and `mouth_margin` pixels around it.
    """

    @property
    def moves_lips(self) -> bool:
        """Whether it does."""
        ...

    @property
    def mouth_margin(self) -> int:
        """Pixels around a mouth's frame that the window needs to have."""
        ...

    def render_face(self, image: Tensor, planes: Planes) -> Rendering:
        """What `render` gives but for the mouth."""
        ...

    def render_mouth(
        self, image: Tensor, points: Tensor, lips: tuple[Tensor, Tensor, Tensor], corner: Tensor
    ) -> tuple[Rendering, Tensor]:
        """The mouth in a window whose left and top are `corner` (B, 2), and how much of it counts (B, 1, h, w)."""
        ...
