"""Skin that folds, and unfolds, as a face moves: `FoldedSkin`."""

from ptk.editing.composite.folds.folded_skin import FoldedSkin

__all__ = ["FoldedSkin"]
