"""A data set in numbers, and in plain words what of it is thin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ptk.dataset.journal import read_records
from ptk.dataset.manifest import Entry, read_description, read_lines
from ptk.errors import DataError, LandmarksError
from ptk.faces.align import aligned
from ptk.faces.landmarks import eye_distance
from ptk.faces.topology import REGIONS
from ptk.types import PHOTO

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = ["SPREAD_REGIONS", "Range", "Shot", "Summary", "expression_spread", "summarise"]

SPREAD_REGIONS: Mapping[str, tuple[str, ...]] = {
    "brows": ("right_brow", "left_brow"),
    "eyes": ("right_eye", "left_eye"),
    "mouth": ("outer_lips", "inner_lips"),
    "jaw": ("jaw",),
}
"""What faces are made of, by the regions of the 68 points."""

_STILL = {"brows": 1.5, "eyes": 0.9, "mouth": 2.0}
"""Less spread than this is little. 86 people, neutral and smiling: brows 1.1, eyes 0.7, mouth 3.5, jaw 2.6; the bundled
sample's eight expressions: 3.3, 1.0, 6.1, 3.1.
"""

_FEW_PEOPLE = 20
_FEW_TESTS = 5
_FEW_PICTURES = 100
_UNEVEN = 5


@dataclass(frozen=True)
class Range:
    """Least, median and most."""

    least: float
    median: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Range:
        """The range of one value or more."""
        return cls(float(min(values)), float(np.median(values)), float(max(values)))


@dataclass(frozen=True, eq=False)
class Shot:
    """One photo of a person: its entries by domain, and how `odd` its landmarks are beside those of the whole set.

    `odd` is the mean distance, in eye distances, to where the landmarks of the set's images are as a rule. Pose counts.
    """

    photo: str
    identity: str
    split: str
    expression: str
    entries: Mapping[str, Entry]
    odd: float


@dataclass(frozen=True)
class Summary:
    """What there is. `spread` is in percent of the outer eye distance, by region; {} where nobody has two photos.

    `people` and `photos` are counted by split, `images` by domain. `pairs` are pairs of different photos of one person.
    `crops` are the sides of the crops in pixels of the original photos, where sources.jsonl tells; `enlarged` of them
    have fewer than `size`, `soft` less than three quarters of it. `eyes` are eye distances in pixels of the images.
    `lost` lines are no entries. Without `faces` every shot is a picture of its own, and there are no `eyes`.
    """

    folder: Path
    shots: tuple[Shot, ...]
    people: Mapping[str, int]
    photos: Mapping[str, int]
    images: Mapping[str, int]
    expressions: Mapping[str, int]
    photos_each: Range
    pairs: int
    spread: Mapping[str, float]
    crops: Range | None
    enlarged: int
    soft: int
    size: int
    eyes: Range | None
    lost: int
    faces: bool = True

    def verdict(self) -> tuple[str, ...]:
        """What is thin, a sentence each, with what to do about it."""
        return tuple(_verdict(self)) or ("Nothing of it looks thin.",)


def summarise(folder: Path) -> Summary:
    """Read the manifest of `folder`, and what lies beside it. Raises DataError when there is no data set."""
    lines = read_lines(folder)
    entries = [line for line in lines.values() if isinstance(line, Entry)]
    if not entries:
        raise DataError(f"{folder}: no line of its manifest is an entry; `check` tells why")
    described = read_description(folder)
    size, shots = described.size, _shots(entries)
    faces = {shot: points for shot in shots if (points := _first(shot).anatomy) is not None}
    each = Counter(shot.identity for shot in shots)
    sides = {(shot.identity, shot.split) for shot in shots}
    # the sides of the photos' crops in pixels of the original photos, as far as sources.jsonl tells
    recorded = (face for record in read_records(folder) for face in record.faces)
    cut = {face.photo: face.side for face in recorded if isinstance(face.photo, str)}
    photos = {shot.photo for shot in shots}
    crops = [float(side) for name, side in cut.items() if name in photos and isinstance(side, int | float)]
    return Summary(
        folder=folder,
        shots=shots,
        people=_by_side(split for _, split in sides),
        photos=_by_side(shot.split for shot in shots),
        images=Counter(entry.domain for entry in entries),
        expressions=Counter(shot.expression for shot in shots),
        photos_each=Range.of(list(each.values())),
        pairs=sum(count * (count - 1) // 2 for count in each.values()),
        spread=expression_spread(list(faces.values()), [shot.identity for shot in faces]),
        crops=Range.of(crops) if crops else None,
        enlarged=sum(side < size for side in crops),
        soft=sum(side < 0.75 * size for side in crops),
        size=size,
        eyes=Range.of([float(eye_distance(points)) for points in faces.values()]) if faces else None,
        lost=len(lines) - len(entries),
        faces=described.faces,
    )


def expression_spread(points: Sequence[Float[np.ndarray, "68 2"]], identities: Sequence[str]) -> dict[str, float]:
    """How far people's aligned landmarks move, by region: the standard deviation about each person's own mean.

    In percent of the outer eye distance, over all points of a region, pooled over people with two photos or more
    (sums of squares by degrees of freedom). {} when there are none. Faces that cannot be aligned are passed over.
    """
    faces: dict[str, list[Float64[np.ndarray, "68 2"]]] = {}
    for one, identity in zip(points, identities, strict=True):
        try:
            faces.setdefault(identity, []).append(aligned(one))
        except LandmarksError:
            continue
    several = [np.stack(own) for own in faces.values() if len(own) > 1]
    if not several:
        return {}
    squares = sum(((own - own.mean(axis=0)) ** 2).sum(axis=(0, 2)) for own in several)
    deviation = 100 * np.sqrt(squares / sum(len(own) - 1 for own in several))
    return {
        name: float(np.sqrt(np.mean(np.concatenate([deviation[REGIONS[part]] for part in parts]) ** 2)))
        for name, parts in SPREAD_REGIONS.items()
    }


def _by_side(splits: Iterable[str]) -> dict[str, int]:
    counts = Counter(splits)
    return {side: counts[side] for side in ("train", "test") if counts[side]}


def _first(shot: Shot) -> Entry:
    return shot.entries.get(PHOTO) or next(iter(shot.entries.values()))


def _shots(entries: Sequence[Entry]) -> tuple[Shot, ...]:
    grouped: dict[tuple[str, str], dict[str, Entry]] = {}
    for entry in entries:
        grouped.setdefault((entry.identity, entry.photo), {}).setdefault(entry.domain, entry)
    shots = [
        Shot(photo, identity, one.split, one.expression, domains, 0.0)
        for (identity, photo), domains in grouped.items()
        for one in [next(iter(domains.values()))]
    ]
    known = [shot for shot in shots if _first(shot).landmarks is not None]
    if not known:
        return tuple(shots)
    faces = np.array([_first(shot).anatomy for shot in known])
    distances = np.linalg.norm(faces - np.median(faces, axis=0), axis=2).mean(axis=1)
    odd = dict(zip(known, distances / max(float(np.median(eye_distance(faces))), 1.0), strict=True))
    return tuple(replace(shot, odd=float(odd.get(shot, 0.0))) for shot in shots)


def _verdict(summary: Summary) -> Iterator[str]:
    if not summary.faces:
        yield from _verdict_on_pictures(summary)
        return
    people, photos = sum(summary.people.values()), len(summary.shots)
    each = Counter(shot.identity for shot in summary.shots)
    single = sum(count == 1 for count in each.values())
    if summary.lost:
        yield f"{summary.lost} lines of the manifest are no entries: a check of it tells which."
    if single == len(each):
        yield "There is one photo of each person, so no pair is a change of expression: set data.pairs: warp."
    elif single:
        yield f"{single} of {people} people have one photo only: data.pairs: mixed makes use of them, too."
    still = [name for name, least in _STILL.items() if summary.spread.get(name, least) < least]
    if still:
        yield f"One person's photos hardly differ in {' and '.join(still)}: more expressions would teach more."
    if people < _FEW_PEOPLE:
        yield f"Only {_counted(people)}: expect the network to know them better than any other face."
    if (tests := summary.people.get("test", 0)) < _FEW_TESTS:
        yield f"Only {_counted(tests)} to test with: errors will say little about others."
    if summary.photos_each.most > _UNEVEN * summary.photos_each.median:
        most = max(each, key=lambda name: each[name])
        yield f"{most} has {each[most]} photos, half of the people {summary.photos_each.median:.0f} or fewer."
    for domain, count in summary.images.items():
        if count < photos:
            yield f"{domain} has {count} images of {photos} photos: the others are rendered when training starts."
    if summary.soft:
        share = (
            f"{summary.soft} of {photos} faces had less than three quarters of the {summary.size} pixels they have now"
        )
        yield f"{share}: they are soft, and a smaller size would show it less."


def _verdict_on_pictures(summary: Summary) -> Iterator[str]:
    """The same of a set without faces."""
    if summary.lost:
        yield f"{summary.lost} lines of the manifest are no entries: a check of it tells which."
    for domain, count in summary.images.items():
        if count < _FEW_PICTURES:
            yield f"Only {count} pictures in {domain}: expect the network to know them by heart."
    if (tests := summary.photos.get("test", 0)) < _FEW_TESTS:
        yield f"Only {tests} pictures to test with: errors will say little about others."
    if summary.soft:
        share = f"{summary.soft} of {len(summary.shots)} pictures had less than three quarters"
        yield f"{share} of the {summary.size} pixels they have now: they are soft; a smaller size would show it less."


def _counted(people: int) -> str:
    return "1 person" if people == 1 else f"{people} people"
