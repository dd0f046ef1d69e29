"""What detectors must hold: landmarks in pixels of the image, best first, and none where nobody is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.errors import PluginError
from ptk.faces.topologies import TOPOLOGIES
from ptk.testing.assertions import expect
from ptk.testing.contracts.common import DESCRIBED, REPEATED, SENT
from ptk.testing.rule import NotHere, Rule
from ptk.types import Landmarks

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]

_GREY = np.full((120, 160, 3), 127, np.uint8)
"""An image in which nobody is."""


def _photo(trial: Trial) -> UInt8[np.ndarray, "height width 3"]:
    if trial.photo is None:
        raise NotHere("no photo was given")
    return trial.photo


def _found(trial: Trial, image: UInt8[np.ndarray, "height width 3"]) -> list[Any]:
    found = trial.built.detect(image.copy())
    expect(isinstance(found, list), f"detect must return a list, it returned {found!r:.80}")
    return list(found)


def _grey(trial: Trial) -> None:
    found = trial.built.detect(_GREY.copy())
    expect(found == [], f"a grey image must give [], it gave {found!r:.80}")


def _tiny(trial: Trial) -> None:
    for height, width in ((1, 1), (9, 40)):
        noise = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
        _found(trial, noise)


def _face(trial: Trial) -> None:
    found = _found(trial, _photo(trial))
    expect(len(found) > 0, f"a photo of a face must give landmarks, it gave {found!r:.80}")


def _untouched(trial: Trial) -> None:
    photo = _photo(trial).copy()
    trial.built.detect(photo)
    expect(np.array_equal(photo, _photo(trial)), "detect must leave the image as it is")


def _landmarks(trial: Trial) -> None:
    photo = _photo(trial)
    height, width = photo.shape[:2]
    wide = np.pad(photo, ((0, 0), (0, width // 2), (0, 0)), mode="edge")
    tall = np.pad(photo, ((0, height // 2), (0, 0), (0, 0)), mode="edge")
    for image in (photo, wide, tall):
        size = (image.shape[1], image.shape[0])
        for landmarks in _found(trial, image):
            expect(isinstance(landmarks, Landmarks), f"expected ptk.Landmarks, got {type(landmarks).__name__}")
            points = landmarks.points
            good = points.shape == (68, 2) and points.dtype == np.float32
            expect(good, f"points must be (68, 2) float32, they are {points.shape} {points.dtype}")
            expect(bool(np.isfinite(points).all()), "points must be finite")
            topology, everything = TOPOLOGIES.get(landmarks.topology), landmarks.all_points
            if topology is None:
                raise PluginError(f"topology must be {' or '.join(TOPOLOGIES)}, it is {landmarks.topology!r:.80}")
            good = everything.shape == (topology.count, 2) and everything.dtype == np.float32
            these = f"these are {everything.shape} {everything.dtype}"
            expect(good, f"{topology.name} has ({topology.count}, 2) float32, {these}")
            said = (landmarks.width, landmarks.height)
            expect(said == size, f"width and height must be those of the image {size}, got {said}")
            inside = ((points >= 0) & (points <= size)).mean()
            expect(inside > 0.5, f"points must be in pixels of the image; {inside:.0%} of the coordinates lie in it")


def _best_first(trial: Trial) -> None:
    scores = [landmarks.score for landmarks in _found(trial, _photo(trial))]
    expect(scores == sorted(scores, reverse=True), f"the best face must come first, scores were {scores}")


RULES = (
    *DESCRIBED,
    Rule("sees nobody in a grey image", _grey),
    Rule("bears tiny images", _tiny),
    Rule("finds the face in a photo", _face),
    Rule("leaves the photo as it is", _untouched),
    Rule("gives 68 points in pixels of square, wide and tall images", _landmarks),
    Rule("gives the best face first", _best_first),
    *REPEATED,
    *SENT,
)


def answer(trial: Trial, part: Any) -> Any:
    """The points of the faces in the photo on trial, of a grey image without one."""
    return [one.points for one in part.detect((_GREY if trial.photo is None else trial.photo).copy())]
