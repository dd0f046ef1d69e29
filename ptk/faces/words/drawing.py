"""Expressions drawn on a mean face, in outline."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.errors import OutputError
from ptk.faces.expressions import vocabulary
from ptk.faces.landmarks import draw_landmarks
from ptk.files import write_bytes

if TYPE_CHECKING:
    from jaxtyping import UInt8

    from ptk.faces.words.expression import Expression

__all__ = ["draw_expression", "write_outline"]

_PAPER = (70, 74, 82)
_EYES, _TOP = 0.46, 0.32  # of the side: the distance of the outer corners of the eyes, and how far below the top


def draw_expression(expression: Expression, side: int = 512) -> UInt8[np.ndarray, "side side 3"]:
    """The mean face at rest, taking over `expression`, in outline on a dark square of `side` pixels."""
    words = vocabulary()
    middle = np.array([side / 2, _TOP * side])
    shape = words.moved(words.rest * _EYES * side + middle, like=expression)
    return draw_landmarks(np.full((side, side, 3), _PAPER, dtype=np.uint8), shape)


def write_outline(path: Path, expression: Expression) -> None:
    """Write `draw_expression` to `path` as PNG. Raises OutputError, also where it is not named .png."""
    from PIL import Image

    if path.suffix.lower() != ".png":
        raise OutputError(f"{path}: outlines are PNG; name it {path.stem}.png")
    buffer = io.BytesIO()
    Image.fromarray(draw_expression(expression)).save(buffer, "PNG")
    write_bytes(path, buffer.getvalue())
