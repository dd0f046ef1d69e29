"""A domain: a style, or whatever else images can be translated to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float, UInt8
    from torch import Tensor

    from ptk.types.faces import Faces

__all__ = ["PHOTO", "Domain", "find_plain"]

PHOTO = "photo"
"""The name of the plain domain: the photograph itself, which translations start from and styles are made of."""


def find_plain(domains: Sequence[str]) -> int | None:
    """Find the index of the plain domain among the names of `domains`; None where they have no photographs."""
    return domains.index(PHOTO) if PHOTO in domains else None


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
