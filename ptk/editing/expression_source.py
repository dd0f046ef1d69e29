"""Where an expression comes from that faces take over: somebody's photo, or a file that was saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ptk.faces.images import read_photo
from ptk.faces.words.expression_file import holds_expression, read_expression
from ptk.faces.words.source import parse_source

if TYPE_CHECKING:
    from ptk.faces.images import Photo
    from ptk.faces.words.expression import Expression

__all__ = ["ExpressionSource"]


@dataclass(frozen=True, eq=False)
class ExpressionSource:
    """The photo or expression in the file `path`, and how far `parts` of the face take it over.

    Without `parts` they are those of the file, or the whole face.
    """

    path: Path
    content: Photo | Expression
    parts: Mapping[str, float]

    @classmethod
    def open(cls, text: str) -> ExpressionSource:
        """Open what is written as ``other.jpg:mouth=1,eyes=0.5``.

        Raises PtkError for wrong parts, InputError for a file that is neither.
        """
        path, parts = parse_source(text)
        return cls(path, read_expression(path) if holds_expression(path) else read_photo(path), parts)
