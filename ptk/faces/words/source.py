"""``other.jpg:mouth=1,eyes=0.5``: where an expression comes from, and which parts of the face take it over."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from ptk.errors import PtkError
from ptk.faces.images import read_photo
from ptk.faces.words.expression import MOST_SHARE, PARTS
from ptk.faces.words.expression_file import holds_expression, read_expression

if TYPE_CHECKING:
    from ptk.faces.images import Photo
    from ptk.faces.words.expression import Expression

__all__ = ["ExpressionSource", "parse_parts", "parse_source"]

_MEANT = {
    "mouth": "lips lip jaw chin mouth_and_jaw smile teeth nose cheeks",
    "eyes": "eye lids lid eyelids eyelid gaze",
    "brows": "brow eyebrows eyebrow forehead",
}
_SYNONYMS = {word: part for part, words in _MEANT.items() for word in words.split()}


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


def parse_source(text: str) -> tuple[Path, dict[str, float]]:
    """``other.jpg:mouth=1,eyes=0.5`` -> the file, and shares by part of the face; none where the whole face is meant.

    Files may have `:`, `=` and `,` in their names, and Windows' drives: what is a file is the file. Raises PtkError
    for parts that are none.
    """
    if _exists(text):
        return Path(text), {}
    ends = [found.start() for found in re.finditer(r":(?=[^/\\]*$)", text)][::-1]
    for end in ends:
        if _exists(text[:end]):
            return Path(text[:end]), parse_parts(text[end + 1 :], text)
    for end in ends[:1]:  # neither is there: which of them is it that a message should name?
        if end > 1 and re.fullmatch(r"[^.]*(=.*)?", text[end + 1 :]):
            return Path(text[:end]), parse_parts(text[end + 1 :], text)
    return Path(text), {}


def _exists(name: str) -> bool:
    try:
        return bool(name) and Path(name).exists()
    except (OSError, ValueError):  # too long, or no name at all
        return False


def parse_parts(text: str, source: str) -> dict[str, float]:
    """``mouth=1,eyes=0.5`` -> shares by part; a part alone has share 1. Raises PtkError that names the `source`."""
    shares: dict[str, float] = {}
    for piece in text.split(","):
        name, equals, number = (" ".join(each.split()) for each in piece.partition("="))
        said = f"`expression_from` {' '.join(source.split())}"
        if shares and name.isdigit() and not equals:
            raise PtkError(f"{said}: decimals have a point, not a comma: write {list(shares)[-1]}=0.{name}")
        if name not in PARTS:
            plain = name.lower().replace("-", "_").replace(" ", "_")
            near = get_close_matches(plain, [*PARTS, *_SYNONYMS], n=1)
            meant = f"did you mean {_SYNONYMS.get(near[0], near[0])}? There are" if near else "there are"
            raise PtkError(f"{said}: there is no part {name or repr(name)}; {meant} {', '.join(PARTS)}")
        if name in shares:
            raise PtkError(f"{said}: {name} is there twice; leave one of them out")
        try:
            share = float(number) if equals else 1.0
        except ValueError:
            share = math.nan
        if not math.isfinite(share):
            raise PtkError(f"{said}: {number or 'nothing'} is no number; write {name}=0.5")
        if not 0 <= share <= MOST_SHARE:
            raise PtkError(f"{said}: the share of {name} goes from 0 to {MOST_SHARE:g}")
        shares[name] = share
    return shares
