"""Skin of a face that moves: lines that come, and lines that go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ptk.editing.composite.folds.creases import Creases
from ptk.editing.composite.folds.fold_lines import place_folds
from ptk.editing.composite.folds.smoothed_folds import SmoothedFolds

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from jaxtyping import Float, Float32, UInt8

    from ptk.faces.crop import Crop, Window

__all__ = ["FoldedSkin"]


@dataclass(frozen=True, eq=False)
class FoldedSkin:
    """What `comes`, if anything, and what `goes`."""

    comes: Creases | None
    goes: SmoothedFolds | None

    @classmethod
    def of(
        cls,
        cut: UInt8[np.ndarray, "size size 3"],
        cut_finer: Callable[[], UInt8[np.ndarray, "side side 3"]],
        flow: Float32[np.ndarray, "size size 2"],
        start: Float[np.ndarray, "68 2"],
        goal: Float[np.ndarray, "68 2"],
    ) -> FoldedSkin | None:
        """Fold the skin of a `cut` whose landmarks go from `start` to `goal`, in [0, 1], with pixels moved by `flow`.

        Lines that go are looked for in what `cut_finer` gives, the same at more pixels. None where nothing folds.
        """
        folds = place_folds(start, goal)
        comes = Creases.of(cut, flow, start, folds)
        goes = SmoothedFolds.of(cut, cut_finer, flow, start, folds)
        return None if comes is None and goes is None else cls(comes, goes)

    def draw(
        self,
        painted: Float32[np.ndarray, "height width 3"],
        asked: Float32[np.ndarray, "height width 1"],
        pixels: UInt8[np.ndarray, "rows columns 3"],
        crop: Crop,
        strip: Window,
    ) -> None:
        """Draw a strip of the photo, as far as it is `asked` for: what goes first, so that what comes lies over it."""
        for each in (self.goes, self.comes):
            if each is not None:
                each.draw(painted, asked, pixels, crop, strip)
