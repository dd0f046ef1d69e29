"""Did the face go where it was told: landmarks asked for against those found again in the result."""

from __future__ import annotations

import weakref
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from ptk.faces.topology import BROWS, EYES, JAW, MOUTH, OUTER_EYE_CORNERS, POINTS
from ptk.registry.registry import load_registry

if TYPE_CHECKING:
    from ptk.types import Faces

__all__ = ["BrowsError", "EyesError", "FacesFound", "JawError", "MouthError"]

_FAR = 0.5  # outer eye distances, on average over the landmarks: whoever is found further away is no face asked for


class _Look:
    """What a detector finds in images; each batch of them is looked at once, whoever asks."""

    def __init__(self, detector: str) -> None:
        self._detector: Any = load_registry().part("detector", detector).load()()
        self._images: weakref.ref[Tensor] | None = None
        self._found: Tensor

    def found(self, images: Tensor) -> Tensor:
        """(B, K, 68, 2) in [0, 1] of the image, of its K faces, the surest first; nan where there are fewer."""
        if self._images is None or self._images() is not images:
            pixels = images.detach().float().add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1)
            sides = torch.tensor([images.shape[-1], images.shape[-2]])
            faces = []
            for image in pixels.cpu().contiguous():
                seen = self._detector.detect(image.numpy())
                points = [torch.from_numpy(face.points).float() / sides for face in seen]
                faces.append(torch.stack(points) if points else torch.full((1, POINTS, 2), float("nan")))
            self._found = torch.nn.utils.rnn.pad_sequence(faces, batch_first=True, padding_value=float("nan"))
            self._images = weakref.ref(images)
        return self._found


@cache
def _look(detector: str) -> _Look:
    """One for all metrics: detectors take a second to load."""
    return _Look(detector)


class _Error:
    """How far the landmarks of a region are from where they were asked to be, in per cent of the outer eye distance.

    The mean over the region's landmarks of the distance between those asked for and those that `detector` finds again
    in the result; of several faces it is the one nearest to what was asked for. nan where none is found near it.
    """

    lower_is_better = True
    finds_faces = True
    needs_landmarks = True
    region: ClassVar[slice]

    def __init__(self, detector: str = "mediapipe68") -> None:
        self._look = _look(detector)

    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:  # noqa: ARG002
        """(B,) in per cent, or nan, of `result` (B, 3, H, W) in [-1, 1]."""
        gaps = _gaps(self._look.found(result), target.points, result)
        return (100 * gaps[:, self.region].mean(1)).to(result.device)


class MouthError(_Error):
    """The mouth's landmarks, 48 to 67: how far off, in per cent of the outer eye distance; see `_Error`."""

    region = MOUTH


class EyesError(_Error):
    """The eyes' landmarks, 36 to 47: how far off, in per cent of the outer eye distance; see `_Error`."""

    region = EYES


class BrowsError(_Error):
    """The brows' landmarks, 17 to 26: how far off, in per cent of the outer eye distance; see `_Error`."""

    region = BROWS


class JawError(_Error):
    """The jaw line's landmarks, 0 to 16: how far off, in per cent of the outer eye distance; see `_Error`."""

    region = JAW


class FacesFound:
    """The share of results in which `detector` finds a face where it was asked to be: 1 or 0 of each."""

    lower_is_better = False
    finds_faces = True
    needs_landmarks = True
    needs_truth = False

    def __init__(self, detector: str = "mediapipe68") -> None:
        self._look = _look(detector)

    def __call__(self, source: Faces, target: Faces, result: Tensor) -> Tensor:  # noqa: ARG002
        """(B,) of `result` (B, 3, H, W) in [-1, 1]."""
        gaps = _gaps(self._look.found(result), target.points, result)
        return gaps.isfinite().all(1).float().to(result.device)


def _gaps(found: Tensor, asked: Tensor, images: Tensor) -> Tensor:
    """Distances (B, 68), in outer eye distances, of the face `found` (B, K, 68, 2) nearest to `asked` (B, 68, 2)."""
    sides = torch.tensor([images.shape[-1], images.shape[-2]], dtype=torch.float32)
    asked = asked.detach().cpu().float() * sides
    right, left = (asked[:, corner] for corner in OUTER_EYE_CORNERS)
    distances = (found * sides - asked[:, None]).norm(dim=-1) / (right - left).norm(dim=-1)[:, None, None]
    nearest = distances.mean(2).nan_to_num(float("inf")).argmin(1)
    gaps = distances[torch.arange(len(asked)), nearest]
    return torch.where(gaps.mean(1, keepdim=True) <= _FAR, gaps, float("nan"))
