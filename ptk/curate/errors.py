"""Errors of a data set, one rule a kind. The rules judge what `ptk.curate.inspect_files` read, and touch no file."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.curate.duplicates import ALIKE, BITS, find_copies
from ptk.curate.inspect_files import Contents
from ptk.dataset.manifest import PHOTO, Entry, stored_size
from ptk.errors import LandmarksError
from ptk.faces.crop import Crop
from ptk.faces.landmarks import eye_distance
from ptk.faces.topologies import find_anatomy
from ptk.faces.topology import EYES, MOUTH

if TYPE_CHECKING:
    from jaxtyping import Float

__all__ = [
    "OTHER_BOUND",
    "OWN_BOUND",
    "Problem",
    "explain_misplaced",
    "find_problems",
    "larger_sides",
    "nearest_detection",
    "photo_entries",
]

OWN_BOUND = 0.06
"""Mean distance, in eye distances, at which landmarks are not those the set's own detector finds.

Measured on 86 people from 128 to 512 px: mediapipe68 at most 0.016, dlib68 0.038; at 64 px 0.044.
"""

OTHER_BOUND = 0.1
"""The same for another detector than the set's. Measured at 256 px: dlib68 in a set made with mediapipe68 at most
0.046; in the bundled sample, whose landmarks come from a mesh, mediapipe68 0.052 and dlib68 0.066."""

# How far landmarks may be from where `Crop` puts a face: none to speak of in what ptk prepares; in the bundled sample,
# which was rendered and not cropped, 0.08, a factor of 1.11 and 5.9 degrees.
_SHIFT = 0.15
_FACTOR = 1.3
_TURN = 15.0
_BEYOND = 0.25  # of the image's side; what is prepared without a margin lies inside
_SAME_POINT = 0.02  # pixels: coordinates are written with two decimals


@dataclass(frozen=True)
class Problem:
    """Something wrong: in `line` (0: of no line), with `image`, of a `kind`; and the `mend`, both in words.

    `other` is the line of the other image where it takes two. `fixable` is what `fix` mends.
    """

    kind: str
    what: str
    mend: str
    line: int = 0
    image: str = ""
    other: int = 0
    fixable: bool = True


def find_problems(contents: Contents) -> list[Problem]:
    """All problems, kind by kind in the order in which they are to be mended."""
    return [problem for rule in RULES for problem in rule(contents)]


def larger_sides(entries: Mapping[int, Entry]) -> dict[str, str]:
    """The side of the split on which most images of each identity are, "train" where both have as many."""
    more = Counter[str]()
    for entry in entries.values():
        more[entry.identity] += 1 if entry.split == "train" else -1
    return {identity: "train" if count >= 0 else "test" for identity, count in more.items()}


def photo_entries(entries: Mapping[int, Entry]) -> dict[str, Entry]:
    """The first entry of each photo in the domain photo."""
    photos: dict[str, Entry] = {}
    for entry in entries.values():
        if entry.domain == PHOTO:
            photos.setdefault(entry.photo, entry)
    return photos


def explain_misplaced(points: Float[np.ndarray, "68 2"], side: int, margin: float) -> str:
    """Why `points` cannot be those of a face cut out by ptk in an image of `side` pixels; "" when they can."""
    beyond = max(float(-points.min()), float(points.max()) - side) / side
    if beyond > _BEYOND:
        return f"a landmark lies outside of the image by {beyond:.0%} of its side"
    try:
        crop = Crop.around(points)
    except LandmarksError:
        return "the eyes are less than a pixel apart"
    turn = abs(math.degrees(crop.angle))
    if turn > _TURN:
        return f"the eyes are not level but turned by {turn:.0f} degrees"
    if points[MOUTH, 1].mean() <= points[EYES, 1].mean():
        return "the mouth lies above the eyes"
    shift = math.hypot(crop.x - side / 2, crop.y - side / 2) / side
    factor = crop.side * (1 + 2 * margin) / side
    if shift > _SHIFT or not 1 / _FACTOR < factor < _FACTOR:
        return f"the face would fill {factor:.2f} of the crop and lie {shift:.0%} of the side off its place"
    return ""


def nearest_detection(contents: Contents, entry: Entry) -> tuple[Float[np.ndarray, "count 2"], float] | None:
    """Of the faces found in an entry's image where a crop has its face, the nearest to its landmarks, and how far.

    The distance is the mean over the points, in eye distances; without landmarks it is 0 of the surest face. None when
    there is no such face, or nobody looked.
    """
    look = contents.look(entry)
    margin = contents.description.margin
    faces = [face for face in look.faces or () if not explain_misplaced(find_anatomy(face), look.width, margin)]
    points = entry.anatomy
    if points is None:
        return (faces[0], 0.0) if faces else None
    found = [find_anatomy(face) for face in faces]
    distances = [float(np.linalg.norm(points - face, axis=1).mean() / eye_distance(face)) for face in found]
    nearest = int(np.argmin(distances)) if distances else -1
    return (faces[nearest], distances[nearest]) if distances else None


def _lines(contents: Contents) -> Iterator[Problem]:
    for number, error in contents.damaged.items():
        yield Problem("line", error.partition(f":{number}: ")[2] or error, "`fix` drops the line", number)


def _twice(contents: Contents) -> Iterator[Problem]:
    images: dict[str, int] = {}
    shots: dict[tuple[str, str, str], int] = {}
    for number, entry in contents.entries.items():
        first = images.setdefault(entry.image, number)
        shot = shots.setdefault((entry.identity, entry.photo, entry.domain), number)
        if first != number:
            what = f"is listed in line {first}, too"
            yield Problem("twice", what, "`fix` drops the line", number, entry.image, first)
        elif shot != number:
            what = f"line {shot} lists {entry.photo} in {entry.domain}, too"
            yield Problem("twice", what, "`fix` drops the line", number, entry.image, shot)


def _two_people(contents: Contents) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for number, entry in contents.entries.items():
        other = contents.entries[first.setdefault(entry.photo, number)]
        if other.identity != entry.identity:
            what = f"the photo {entry.photo} is of {entry.identity} here and of {other.identity} in line"
            mend = "`fix` gives it another name" if entry.domain == PHOTO else "`fix` gives it to whom the photo is of"
            yield Problem("people", f"{what} {first[entry.photo]}", mend, number, entry.image, first[entry.photo])


def _files(contents: Contents) -> Iterator[Problem]:
    photos = photo_entries(contents.entries)
    for number, entry in contents.entries.items():
        look = contents.look(entry)
        said = contents.hashes.get((entry.photo, entry.domain))
        if look.state == "unreadable":
            yield Problem("unreadable", look.reason, "make it readable", number, entry.image, fixable=False)
        elif look.state != "whole":
            yield Problem(look.state, look.reason, _mend(entry, photos), number, entry.image)
        elif said not in (None, look.sha256):
            what = "is not as it was written: its hash is not the one in sources.jsonl"
            yield Problem("changed", what, _mend(entry, photos), number, entry.image)


def _sizes(contents: Contents) -> Iterator[Problem]:
    size = contents.description.size
    wanted = stored_size(size, contents.description.margin) if size > 0 else 0
    photos = photo_entries(contents.entries)
    for number, entry in contents.entries.items():
        look = contents.look(entry)
        photo = contents.look(photos[entry.photo]) if entry.photo in photos else look
        what = ""
        if look.state != "whole":
            continue
        if look.width != look.height:
            what = f"is not square: {look.width} x {look.height} pixels"
        elif wanted and look.width != wanted:
            what = f"has {look.width} pixels a side, the set's images have {wanted}"
        elif photo.state == "whole" and look.width != photo.width:
            what = f"has {look.width} pixels a side, its photo has {photo.width}"
        if what:
            yield Problem("size", what, _mend(entry, photos), number, entry.image)


def _landmarks(contents: Contents) -> Iterator[Problem]:
    if not contents.description.faces:
        return
    bound = OWN_BOUND if contents.detector.own else OTHER_BOUND
    photos = photo_entries(contents.entries)
    for number, entry in contents.entries.items():
        look = contents.look(entry)
        if look.state != "whole" or look.width != look.height or (entry.domain != PHOTO and entry.photo in photos):
            continue
        anatomy = entry.anatomy
        if anatomy is None:
            what = "has no landmarks, and dataset.json does not say that the set has no faces"
        else:
            what = explain_misplaced(anatomy, look.width, contents.description.margin)
        found = nearest_detection(contents, entry)
        if not what and found is not None and found[1] > bound:
            away = f"{found[1]:.2f} eye distances away on average (bound {bound})"
            what = f"{contents.detector.name} finds the landmarks {away}"
        if what:
            mend = f"`fix` takes those of {contents.detector.name}" if found else "`fix` drops its lines"
            fixable = contents.detector.part is not None or entry.domain != PHOTO
            if not fixable:
                mend = "`fix` needs a detector to mend them; name one with `detector`"
            elif found is not None and entry.landmarks is not None and len(found[0]) < len(entry.landmarks):
                fixable, mend = False, f"`fix` needs one of all {len(entry.landmarks)} points; name it with `detector`"
            yield Problem("landmarks", what, mend, number, entry.image, fixable=fixable)


def _renderings(contents: Contents) -> Iterator[Problem]:
    photos = photo_entries(contents.entries)
    for number, entry in contents.entries.items():
        photo = photos.get(entry.photo)
        if photo is None or entry.landmarks is None or photo.landmarks is None:
            continue
        alike = len(entry.landmarks) == len(photo.landmarks)
        if not alike or np.abs(np.subtract(entry.landmarks, photo.landmarks)).max() > _SAME_POINT:
            what = "its landmarks are not those of its photo"
            yield Problem("rendering", what, "`fix` takes the photo's", number, entry.image)


def _splits(contents: Contents) -> Iterator[Problem]:
    first: dict[str, int] = {}
    told: set[str] = set()
    larger = larger_sides(contents.entries)
    for number, entry in contents.entries.items():
        other = first.setdefault(entry.identity, number)
        if contents.entries[other].split != entry.split and entry.identity not in told:
            told.add(entry.identity)
            what = f"{entry.identity} is to {entry.split} here and to {contents.entries[other].split} in line {other}"
            mend = f"`fix` takes {entry.identity} to {larger[entry.identity]}"
            yield Problem("split", what, mend, number, entry.image, other)


def _copies(contents: Contents) -> Iterator[Problem]:
    rows = [
        (number, entry, bits)
        for number, entry in contents.entries.items()
        if entry.domain == PHOTO and (bits := contents.look(entry).hash) is not None
    ]
    if not rows:
        return
    numbers, entries, hashes = zip(*rows, strict=True)
    people, sides = [entry.identity for entry in entries], [entry.split for entry in entries]
    for copy in find_copies(np.stack(hashes), people, sides):
        entry, other, line = entries[copy.row], entries[copy.other], numbers[copy.other]
        alike = f"shows what {other.image} of {other.identity} shows in line {line}"
        distance = f"({copy.distance} of {BITS} bits differ, at most {ALIKE} in copies)"
        if entry.split == other.split:
            mend = "give both one name if they are one person; `fix` drops this one"
        else:
            mend = "`fix` takes the person to train, so that no test shows whom training saw, then drops the later copy"
        yield Problem("copy", f"{alike} {distance}", mend, numbers[copy.row], entry.image, line)


def _mend(entry: Entry, photos: Container[str]) -> str:
    if entry.domain == PHOTO:
        return "`prepare` makes it again; `fix` drops the lines of this photo"
    if entry.photo not in photos:
        return "`prepare` makes it again; `fix` drops its line"
    return "`fix` makes it again from its photo"


RULES: Sequence[Callable[[Contents], Iterator[Problem]]] = (
    _lines,
    _twice,
    _two_people,
    _files,
    _sizes,
    _landmarks,
    _renderings,
    _splits,
    _copies,
)
