"""MediaPipe's face landmarker with all points of its mesh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ptk.detectors.mediapipe68 import Fit, MediaPipe68
from ptk.faces.landmarks import make_landmarks
from ptk.faces.topologies import MEDIAPIPE478

if TYPE_CHECKING:
    from ptk.types import Landmarks

__all__ = ["MediaPipe478"]


class MediaPipe478(MediaPipe68):
    """The faces of mediapipe68, each with its whole mesh of 478 points, irises included, as `Landmarks.dense`.

    Raises MissingExtra without the package mediapipe, PluginError without the system's OpenGL ES libraries.
    """

    name = "mediapipe478"
    anatomy = MediaPipe68.name
    """Who finds the same 68 points."""

    def _describe(self, fit: Fit, image: np.ndarray, score: float) -> Landmarks:
        height, width = image.shape[:2]
        mesh = fit.mesh.astype(np.float32)
        found = {"detector": self.name, "score": score, "irises": fit.irises}
        return make_landmarks(MEDIAPIPE478, mesh, width=width, height=height, **found)
