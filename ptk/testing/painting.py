"""Styles of weights, painted for tests of the plug-ins that bring them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptk.dataset.example import portraits
from ptk.editing.weights_styles import open_style
from ptk.errors import PluginError
from ptk.registry.registry import load_registry
from ptk.registry.styles import find_weights

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Float32, UInt8

    Pixels = UInt8[np.ndarray, "512 512 3"]

__all__ = ["paint_style"]


def paint_style(style: str, person: int = 0) -> tuple[Pixels, Pixels, Float32[np.ndarray, "68 2"]]:
    """Paint a person of the bundled sample in a style that installed weights make, as `ptk edit` does.

    Returns the photo (512, 512, 3) uint8, the result, and the landmarks of the face in pixels. Raises PluginError where
    no weights make that style, WeightsError where they cannot be used.
    """
    found = find_weights(load_registry(), style)
    if found is None:
        raise PluginError(f"{style}: no installed weights make this style; is the plug-in installed?")
    photo, points = portraits(person + 1)[person]
    return photo, open_style(*found).paint(photo, [points]), points
