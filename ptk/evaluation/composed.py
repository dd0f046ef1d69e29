"""Edits at the data's own size: what the weights make of a smaller cut, put into the photo as `ptk edit` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.dataset.manifest import read_description
from ptk.editing.edit import edit_pixels
from ptk.editing.rendered import PHOTO_STYLE, Rendered
from ptk.evaluation.evaluate import evaluate
from ptk.evaluation.people import read_people
from ptk.faces.crop import Crop

if TYPE_CHECKING:
    from collections.abc import Callable

    from ptk.editing.rendered import Translates
    from ptk.evaluation.evaluate import Evaluation, Metrics
    from ptk.evaluation.people import People
    from ptk.motion.flow_options import FaceFlow

__all__ = ["Composed", "evaluate_composed"]


class Composed:
    """`translator` as one of larger pictures: of `size` pixels a side, in the style photo alone."""

    face_flow: FaceFlow | None = None
    hears_landmarks = True
    multiple = 0
    domains = (PHOTO_STYLE,)

    def __init__(self, translator: Translates, size: int) -> None:
        self._translator = translator
        self.size = size
        self.detector, self.topology = translator.detector, translator.topology
        self.geometry = translator.geometry
        self.metadata: Mapping[str, Any] = translator.metadata
        self._crop = Crop(size / 2, size / 2, size, 0.0)

    def translate(self, picture: np.ndarray, style: str) -> np.ndarray:
        """The same of a whole picture: as the translator does it."""
        return self._translator.translate(picture, style)

    def render(
        self,
        cut: np.ndarray,
        start: np.ndarray,
        goal: np.ndarray,
        style: str,
        *,
        quick: bool = False,  # noqa: ARG002  (it is measured whole)
    ) -> Rendered:
        """The edit of `cut` (size, size, 3), whose landmarks `start` move to `goal` (in [0, 1]), as an image."""
        edited = edit_pixels(cut, self._crop, start, goal, self._translator, style)
        return Rendered(edited.astype(np.float32))


def evaluate_composed(
    translator: Translates, people: People, metrics: Metrics, progress: Callable[[str, int, int], None]
) -> Evaluation | None:
    """The pairs of `people` again, in the style photo, at the size of their data; None where that is no larger."""
    size = read_description(people.folder).size
    if size <= translator.size or PHOTO_STYLE not in translator.domains:
        return None
    fine = read_people(people.folder, people.split, size, [PHOTO_STYLE], progress)
    return evaluate(Composed(translator, size), replace(fine, most=people.most), metrics, progress)
