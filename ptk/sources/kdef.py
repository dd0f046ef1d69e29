"""The Karolinska Directed Emotional Faces (Lundqvist, Flykt, Öhman 1998), as they are handed out."""

from __future__ import annotations

import re
from pathlib import Path

from ptk.sources.walk import Names, by_name, complete
from ptk.types import MediaFile, Skipped

__all__ = ["KDEF"]

_NAME = re.compile(r"[AB]([FM]\d\d)(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)", re.IGNORECASE)
_AVERAGE = re.compile(r"[FM](AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)", re.IGNORECASE)
_EXPRESSIONS = {
    "AF": "fear",
    "AN": "anger",
    "DI": "disgust",
    "HA": "happiness",
    "NE": "neutral",
    "SA": "sadness",
    "SU": "surprise",
}


class KDEF:
    """Photos named ``AF01ANS.JPG``: session, sex and number of the person, expression, view; in any folders.

    70 people, seven expressions, five views, photographed in two sessions, A and B; a person is the same in both:
    ``kdef-F01``. Full profiles (FL, FR) and the averaged faces that come with the set (``FAFS.JPG``) are skipped.
    """

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The photos in `place`, by path. Raises DataError when it cannot be read or is a folder without any."""
        return complete(
            place, by_name(place, _read_names), "no photos named as in the Karolinska Directed Emotional Faces"
        )


def _read_names(path: Path) -> Names | str:
    if _AVERAGE.fullmatch(path.stem):
        return "is an average of many faces, not a person's"
    match = _NAME.fullmatch(path.stem)
    if match is None:
        return "is not named like AF01ANS.JPG"
    person, expression, view = (group.upper() for group in match.groups())
    if view in ("FL", "FR"):
        return f"is a full profile (view {view}): half of the 68 landmarks cannot be seen"
    return f"kdef-{person}", path.stem.upper(), _EXPRESSIONS[expression]
