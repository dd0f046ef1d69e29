"""How words and their strengths are written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ptk.errors import PtkError
from ptk.faces.words.head import HEAD_WORDS

__all__ = ["check_written", "told", "usual_strength"]

_PLAIN = str.maketrans("，、；;＝：:−–—．٫", ",,,,===---..")  # what other keyboards and programs write
_SMALL = 0.05  # strengths below that are not worth telling


def told(strengths: Mapping[str, float]) -> str:
    """Strengths as ``smile=0.71, open_mouth=0.20``, the strongest first, without those that do next to nothing."""
    shown = sorted(strengths.items(), key=lambda item: -abs(item[1]))
    return ", ".join(f"{name}={strength:.2f}" for name, strength in shown if abs(strength) >= _SMALL)


def check_written(text: str, parts: list[str], index: int) -> None:
    """Raise PtkError where part `index` of `text` is no ``word=strength``, with how to write it."""
    part, line = parts[index], " ".join(text.split())
    said = f"`expression` {line or repr(text)}"
    if not part:
        comma = "has a comma with no word beside it; leave it out"
        raise PtkError(f"{said}: {comma if parts[1:] else 'names no word; write smile=0.7'}")
    if index and part.isdigit() and re.search(r"=\s*[-+]?\d+$", parts[index - 1]):
        raise PtkError(f"{said}: decimals have a point, not a comma: write {parts[index - 1]}.{part}")
    plain = part.translate(_PLAIN)
    if plain != part:
        raise PtkError(f"{said}: write it in plain characters: {line.translate(_PLAIN)}")
    if not re.fullmatch(r"[^=\d]+(=\s*[^\s=]*)?", part):
        raise PtkError(f"{said}: {part} is no word with its strength; write it as smile=0.7,brows_up=0.3")


def usual_strength(name: str) -> str:
    """An example of how strong a word may be."""
    return "10" if name in HEAD_WORDS else "0.7"
