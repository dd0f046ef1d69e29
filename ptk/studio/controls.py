"""What the page lists: words with their limits, styles, parts, the lines of a face."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import ptk
from ptk.faces import topology
from ptk.faces.expressions import vocabulary
from ptk.faces.gaze import LOOKS
from ptk.faces.images import SUFFIXES
from ptk.faces.words.expression import PARTS
from ptk.faces.words.head import HEAD_WORDS
from ptk.faces.words.rest import NEUTRAL
from ptk.studio.styles import list_styles

if TYPE_CHECKING:
    from ptk.studio.photos import Limits

__all__ = ["SAMPLES", "describe_controls", "group_word"]

_LOOKS = {
    "look_left": "the eyes look to their left",
    "look_right": "the eyes look to their right",
    "look_up": "the eyes look up",
    "look_down": "the eyes look down",
}
_GROUPS = {
    "mouth": "smile closed_smile laugh smirk_left smirk_right open_mouth kiss",
    "eyes": "wide_eyes narrow_eyes wink_left wink_right",
    "brows": "brows_up brows_down brow_left_up brow_right_up",
    "feelings": "anger disgust fear sadness surprise",
}
_GROUP_OF = {word: group for group, words in _GROUPS.items() for word in words.split()}
_LINES = {
    "jaw": "jaw",
    "right_brow": "brow",
    "left_brow": "brow",
    "nose_bridge": "nose",
    "nose_base": "nose",
    "right_eye": "eye",
    "left_eye": "eye",
    "outer_lips": "mouth",
    "inner_lips": "mouth",
}
_CLOSED = ("eye", "mouth")

SAMPLES = {
    "sea": "A woman by the sea",
    "grey_wall": "A man before a grey wall",
    "garden": "A woman in a garden",
    "flowers": "A man before flowers",
}
"""Bundled portraits of nobody real, and what they show."""

_PORTRAITS = Path(__file__).with_name("samples")


def describe_controls(limits: Limits) -> dict[str, Any]:
    """What `GET /api/controls` answers."""
    return {
        "version": ptk.__version__,
        "words": [_describe_word(name) for name in vocabulary().strengths],
        "styles": list_styles(),
        "sources": list_sources(),
        "parts": list(PARTS),
        "samples": [{"name": name, "title": title} for name, title in SAMPLES.items()],
        "suffixes": list(SUFFIXES),
        "lines": [
            {
                "name": name,
                "indices": list(topology.indices(topology.REGIONS[name])),
                "closed": part in _CLOSED,
                "part": part,
            }
            for name, part in _LINES.items()
        ],
        "points": [topology.point_name(index) for index in range(topology.POINTS)],
        "links": [list(pair) for pair in (*topology.UPPER_LIP_PAIRS, *topology.LOWER_LIP_PAIRS)],
        "eye_corners": list(topology.OUTER_EYE_CORNERS),
        "limits": {"bytes": limits.file_bytes, "pixels": limits.pixels},
    }


def list_sources() -> list[str]:
    """What a picture may be from which there is a way back to a photo."""
    from ptk.editing.drawings.photographs import load_way_back

    return list(load_way_back().domains)


def read_sample(name: str) -> bytes:
    """The file of a bundled portrait; `name` is looked up, never a path. Raises KeyError."""
    known = {each: each for each in SAMPLES}[name]
    return (_PORTRAITS / f"{known}.jpg").read_bytes()


def group_word(name: str) -> str:
    """The group in which the page lists a word."""
    if name in LOOKS:
        return "gaze"
    if name in HEAD_WORDS:
        return "head"
    if name == NEUTRAL.name:
        return "neutral"
    return _GROUP_OF.get(name, "feelings")


def _describe_word(name: str) -> dict[str, Any]:
    words = vocabulary().strengths
    word = words[name]
    other = name.replace("left", "LEFT").replace("right", "left").replace("LEFT", "right")
    return {
        "name": name,
        "summary": _LOOKS.get(name) or getattr(word, "summary", ""),
        "least": word.least,
        "most": word.most,
        "step": 0.5 if name in HEAD_WORDS else 0.05,
        "unit": "°" if name in HEAD_WORDS else "",
        "group": group_word(name),
        "mirror": other if other != name and other in words else None,
    }
