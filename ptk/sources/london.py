"""The Face Research Lab London Set (DeBruine and Jones 2017), as it is handed out or renamed by expression."""

from __future__ import annotations

import re
from pathlib import Path

from ptk.sources.walk import Names, by_name, complete
from ptk.types import MediaFile, Skipped

__all__ = ["London"]

_NUMBERED = re.compile(r"(\d{3})_(0[1-9]|10)")
_WORDED = re.compile(r"(\d{3})_(neutral|smil(?:e|ing))", re.IGNORECASE)
_PROFILES = {"01", "05", "06", "10"}


class London:
    """Photos named ``001_03.jpg`` (in neutral_front, smiling_front and the other folders) or ``001_neutral.jpg``.

    102 people, neutral and smiling, five views: 01 to 05 are neutral from the person's left to the right, 06 to 10
    smiling. Full profiles (01, 05, 06, 10) are skipped. A person is ``london-001``; a smile stays "smile".
    """

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The photos in `place`, by path. Raises DataError when it cannot be read or is a folder without any."""
        return complete(place, by_name(place, _read_names), "no photos named as in the Face Research Lab London Set")


def _read_names(path: Path) -> Names | str:
    if match := _WORDED.fullmatch(path.stem):
        return f"london-{match[1]}", f"london-{path.stem}", "neutral" if match[2].lower() == "neutral" else "smile"
    match = _NUMBERED.fullmatch(path.stem)
    if match is None:
        return "is not named like 001_03.jpg or 001_neutral.jpg"
    person, view = match.groups()
    if view in _PROFILES:
        return f"is a full profile (view {view}): half of the 68 landmarks cannot be seen"
    return f"london-{person}", f"london-{path.stem}", "neutral" if view <= "05" else "smile"
