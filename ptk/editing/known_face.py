"""Detectors that know already where the faces are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

    from ptk.editing.edit import Detector
    from ptk.types import Landmarks

__all__ = ["KnownFace", "KnownFaces"]


@dataclass(frozen=True, eq=False)
class KnownFace:
    """Finds the face that is known to be there: a frame that was made, or looked through before, is not again."""

    face: Landmarks

    def detect(self, image: UInt8[np.ndarray, "height width 3"]) -> list[Landmarks]:  # noqa: ARG002 as every detector
        """The face."""
        return [self.face]


@dataclass(eq=False)
class KnownFaces:
    """Finds `faces` in the photo whose `pixels` are exactly these; elsewhere it asks `detector`, once each.

    Without a `detector` it finds nobody elsewhere.
    """

    faces: Sequence[Landmarks]
    pixels: UInt8[np.ndarray, "height width 3"] | None
    detector: Detector | None = None
    _found: dict[bytes, list[Landmarks]] = field(default_factory=dict, repr=False)

    def detect(self, image: UInt8[np.ndarray, "height width 3"]) -> list[Landmarks]:
        """The faces in `image`, best first."""
        if image is self.pixels:
            return list(self.faces)
        if self.detector is None:
            return []
        key = blake2b(image.tobytes(), digest_size=16).digest() + repr(image.shape).encode()
        if key not in self._found:
            self._found[key] = self.detector.detect(image)
        return self._found[key]
