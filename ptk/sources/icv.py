"""iCV-MEFED (Guo et al. 2018): 125 people with 50 emotions each, named as in the challenge of FG 2017."""

from __future__ import annotations

import re
from pathlib import Path

from ptk.sources.names import shown
from ptk.sources.walk import Names, by_name, complete, files
from ptk.types import MediaFile, Skipped

__all__ = ["ICV"]

_NAME = re.compile(r"sample_(\d{3})_(\d{3})", re.IGNORECASE)
_LABEL = re.compile(r"(sample_\d{3}_\d{3})(?:\.jpe?g)?\s+([1-7]_[1-7]|N_N)", re.IGNORECASE)
_EMOTIONS = ("anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise")
_LARGEST = 1 << 24  # bytes; the lists of the whole challenge have half a million


class ICV:
    """Photos named ``Sample_003_001.JPG``: the first number is the person, ``icv-003``, the second the shot.

    Names do not tell the emotion. The challenge's lists do (``training.txt``, lines ``Sample_003_001.JPG 1_7``): lists
    with any name that ends in .txt are read where they lie among the photos, of two that differ the later by name
    counts. 1_7 is "anger-surprise", the complementary emotion and the dominant; 7_7 "surprise"; N_N "neutral".
    """

    def find(self, place: Path) -> list[MediaFile | Skipped]:
        """The photos in `place`, by path. Raises DataError when it cannot be read or is a folder without any."""
        labels: dict[str, str] = {}
        lists: set[str] = set()
        for path in files(place):
            if isinstance(path, Path) and path.suffix.lower() == ".txt" and (read := _labels(path)):
                labels |= read
                lists.add(shown(place, path))
        found = complete(place, by_name(place, lambda path: _names(path, labels)), "no photos named as in iCV-MEFED")
        return [_told(one, lists) for one in found]


def _names(path: Path, labels: dict[str, str]) -> Names | str:
    match = _NAME.fullmatch(path.stem)
    if match is None:
        return "is not named like Sample_003_001.JPG"
    return f"icv-{match[1]}", path.stem, labels.get(path.stem.lower(), "")


def _labels(path: Path) -> dict[str, str]:
    """Shot -> emotion, from the lines of a list that have both."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size <= _LARGEST else ""
    except OSError:
        return {}
    matches = (_LABEL.fullmatch(line.strip()) for line in text.splitlines())
    return {match[1].lower(): _emotion(match[2].upper()) for match in matches if match}


def _emotion(label: str) -> str:
    if label == "N_N":
        return "neutral"
    complementary, dominant = (_EMOTIONS[int(digit) - 1] for digit in label.split("_"))
    return dominant if complementary == dominant else f"{complementary}-{dominant}"


def _told(one: MediaFile | Skipped, lists: set[str]) -> MediaFile | Skipped:
    if isinstance(one, Skipped) and one.path in lists:
        return Skipped(one.path, "is a list of emotions, which was read")
    return one
