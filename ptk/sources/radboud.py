"""The Radboud Faces Database (Langner et al. 2010), as it is handed out."""

from __future__ import annotations

import re
from pathlib import Path

from ptk.sources.walk import Names, by_name, complete
from ptk.types import MediaFile, Skipped

__all__ = ["Radboud"]

_NAME = re.compile(r"rafd(\d{3})_(\d{2})_[a-z]+_(?:female|male)_([a-z]+)_(?:frontal|left|right)", re.IGNORECASE)
_VIEWS = {"045", "090", "135"}
_PROFILES = {"000", "180"}
_EXPRESSIONS = {
    "angry": "anger",
    "contemptuous": "contempt",
    "disgusted": "disgust",
    "fearful": "fear",
    "happy": "happiness",
    "neutral": "neutral",
    "sad": "sadness",
    "surprised": "surprise",
}


class Radboud:
    """Photos named ``Rafd090_01_Caucasian_female_angry_frontal.jpg``, in any folders.

    67 people, eight expressions, three gazes, five views. The three views from the front and half from the side are
    taken, 4,824 photos as in PortraitGAN (Duan et al. 2020); full profiles are skipped. The person is the second
    number: ``radboud-01``.
    """

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The photos in `place`, by path. Raises DataError when it cannot be read or is a folder without any."""
        return complete(place, by_name(place, _read_names), "no photos named as in the Radboud Faces Database")


def _read_names(path: Path) -> Names | str:
    match = _NAME.fullmatch(path.stem)
    view, person, word = match.groups() if match else ("", "", "")
    if match is None or view not in _VIEWS | _PROFILES or word.lower() not in _EXPRESSIONS:
        return "is not named like Rafd090_01_Caucasian_female_angry_frontal.jpg"
    if view in _PROFILES:
        return f"is a full profile (view {view}): half of the 68 landmarks cannot be seen"
    return f"radboud-{person}", path.stem, _EXPRESSIONS[word.lower()]
