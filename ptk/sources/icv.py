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
            if isinstance(path, Path) and path.suffix.lower() == ".txt" and (read := _read_labels(path)):
                labels |= read
                lists.add(shown(place, path))

        def read_name(path: Path) -> Names | str:
            match = _NAME.fullmatch(path.stem)
            if match is None:
                return "is not named like Sample_003_001.JPG"
            return f"icv-{match[1]}", path.stem, labels.get(path.stem.lower(), "")

        found = complete(place, by_name(place, read_name), "no photos named as in iCV-MEFED")
        return [
            Skipped(file.path, "is a list of emotions, which was read")
            if isinstance(file, Skipped) and file.path in lists
            else file
            for file in found
        ]


def _read_labels(path: Path) -> dict[str, str]:
    """Shot -> emotion, from the lines of a list that have both."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace") if path.stat().st_size <= _LARGEST else ""
    except OSError:
        return {}
    labels: dict[str, str] = {}
    for match in filter(None, (_LABEL.fullmatch(line.strip()) for line in text.splitlines())):
        shot, label = match[1].lower(), match[2].upper()
        if label == "N_N":
            labels[shot] = "neutral"
        else:
            complementary, dominant = (_EMOTIONS[int(digit) - 1] for digit in label.split("_"))
            labels[shot] = dominant if complementary == dominant else f"{complementary}-{dominant}"
    return labels
