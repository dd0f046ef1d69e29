"""Two detectors that must agree."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ptk.detectors.dlib68 import Dlib68
from ptk.detectors.mediapipe68 import MediaPipe68
from ptk.detectors.search_scales import check_pixels, disagreement
from ptk.errors import LandmarksError

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import UInt8

    from ptk.types import Landmarks

__all__ = ["Both", "disagreement"]


class Both:
    """mediapipe68's faces, as far as dlib68 puts their points in the same places.

    Two faces are one when the mean distance of their 68 points is at most `tolerance`, in distances of the outer eye
    corners: over 172 portraits seen from the front it is 0.022 on average and 0.043 at most (see docs/detectors.md).
    The points and the score are mediapipe68's alone: faces that were prepared with a second witness then mean the
    same as those that ptk finds elsewhere. Means of the two would be steadier by 0.001 only.

    Raises MissingExtra without the packages of either.
    """

    name = "both"

    def __init__(self, tolerance: float = 0.06) -> None:
        if not 0 < tolerance <= 1:
            raise ValueError(f"tolerance is a share of the eye distance in (0, 1], not {tolerance}")
        self._tolerance = tolerance
        self._first = MediaPipe68()
        self._second = Dlib68()

    def detect(self, image: UInt8[np.ndarray, "height width 3"]) -> list[Landmarks]:
        """The faces in `image` on which both agree, the surest first; [] when neither finds anybody.

        Raises LandmarksError when faces were found, but by one of them only, or none in the same place.
        """
        check_pixels(image)
        first, second = self._first.detect(image), self._second.detect(image)
        if not first and not second:
            return []
        if not first or not second:
            seen, blind = (self._first, self._second) if first else (self._second, self._first)
            count = len(first) + len(second)
            faces = "a face" if count == 1 else f"{count} faces"
            raise LandmarksError(f"{seen.name} found {faces}, {blind.name} none; crop closer, or use {seen.name} alone")
        gaps = [min(disagreement(one.points, other.points) for other in second) for one in first]
        agreed = [one for one, gap in zip(first, gaps, strict=True) if gap <= self._tolerance]
        if not agreed:
            raise LandmarksError(
                f"{self._first.name} and {self._second.name} disagree by {100 * min(gaps):.1f} % of the eye distance "
                f"(at most {100 * self._tolerance:.1f}); look at the photo, or use {self._first.name} alone"
            )
        return [replace(one, detector=self.name) for one in agreed]
