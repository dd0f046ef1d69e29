"""Which frames of a video show different expressions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ptk.errors import ImageError, LandmarksError, NoFaceError
from ptk.faces.align import aligned, expression_distance, head_turn
from ptk.faces.choose import main_face
from ptk.faces.crop import Crop
from ptk.prepare.video import Frame, Video

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jaxtyping import Bool, Float, Int64, UInt8

    from ptk.types import Landmarks

__all__ = ["Chosen", "ChosenFrame", "ChosenFrames", "Counts", "choose_frames", "farthest", "looks", "sharpness"]

LOOKS_A_SECOND = 5
FEWEST_LOOKS, MOST_LOOKS = 30, 300
"""How many frames of a video are looked at: five a second, at least 30 where there are so many, at most 300."""

ENOUGH_KEYFRAMES = 100
"""Where as many looks fall on keyframes, nothing else is looked at."""

LEAST_APART = 0.012
"""Frames whose `expression_distance` is less show the same expression: of a still face it is at most 0.008."""

BLURRED = 0.5
"""Less than this share of the sharpness of the video's sharp frames (nine tenths are less sharp) is blurred."""

_TURNED_AWAY = np.radians(40)
_LONGEST_GAP = 1.0  # seconds: a jump in the timestamps is no reason to look less often elsewhere
_SHARP_SIDE = 128
_SHARP_MARGIN = 1.8
_LUMA = np.array([0.299, 0.587, 0.114])


class Finder(Protocol):
    """What finds faces: a part of the kind detector."""

    def detect(self, image: UInt8[np.ndarray, "height width 3"]) -> list[Landmarks]:
        """The faces in `image`."""


@dataclass(frozen=True, eq=False)
class ChosenFrame(Frame):
    """A frame at the video's own resolution, and the one face in it."""

    landmarks: Landmarks


@dataclass(frozen=True)
class Counts:
    """How many frames of a video were looked at, and what became of those that were not chosen.

    `alike` are frames that could be used, each nearer to a chosen one than the chosen ones are to each other.
    """

    looked_at: int
    no_face: int = 0
    several_faces: int = 0
    turned_away: int = 0
    blurred: int = 0
    alike: int = 0

    def __str__(self) -> str:
        named = {
            "without a face": self.no_face,
            "with several faces": self.several_faces,
            "turned away": self.turned_away,
            "blurred": self.blurred,
            "like those chosen": self.alike,
        }
        return f"{self.looked_at} looked at: " + (
            ", ".join(f"{n} {what}" for what, n in named.items() if n) or "all good"
        )


class ChosenFrames:
    """The frames chosen, in the order of time. They are decoded while they are gone through, each time anew."""

    def __init__(self, video: Video, landmarks: Mapping[int, Landmarks]) -> None:
        self._video, self._landmarks = video, landmarks

    def __len__(self) -> int:
        return len(self._landmarks)

    def __iter__(self) -> Iterator[ChosenFrame]:
        for frame in self._video.frames(self._landmarks):
            landmarks = self._landmarks[frame.number]
            yield ChosenFrame(number=frame.number, time=frame.time, pixels=frame.pixels, landmarks=landmarks)


@dataclass(frozen=True)
class Chosen:
    """The frames chosen, and what became of the others."""

    frames: ChosenFrames
    counts: Counts


@dataclass(frozen=True, eq=False)
class _Usable:
    number: int
    landmarks: Landmarks
    sharpness: float


def choose_frames(path: Path, finder: Finder, *, count: int = 8, content: bytes | None = None) -> Chosen:
    """At most `count` frames of the video at `path` (or in `content`) whose expressions differ most.

    Frames with one face that looks within 40 degrees of the camera and is as sharp as the video's others are compared
    by `expression_distance`. The first is the most typical one; each next one is the farthest from those chosen; it
    ends at `count`, or when the next is nearer than LEAST_APART. The same video gives the same frames. Raises
    ImageError for what is no video, NoFaceError when no frame can be used.
    """
    video = Video(path, content)
    usable, counts = _looked_at(video, finder)
    if not counts.looked_at:
        raise ImageError(f"{path}: no frame can be decoded (damaged, or cut short); convert it to MP4")
    if not usable:
        raise NoFaceError(f"{path}: no frame can be used ({counts}); film one face, from the front")
    order = farthest(aligned(np.stack([one.landmarks.points for one in usable])), count, LEAST_APART)
    landmarks = {usable[index].number: usable[index].landmarks for index in order}
    return Chosen(ChosenFrames(video, landmarks), replace(counts, alike=len(usable) - len(order)))


def looks(times: Float[np.ndarray, " frames"], keys: Bool[np.ndarray, " frames"]) -> Int64[np.ndarray, " looks"]:
    """The numbers of the frames to look at, evenly spaced in time.

    Each slot of time gives its first keyframe, or its first frame where it has none. A keyframe is decoded without its
    neighbours, so that long videos are read in leaps, and it is the one that is compressed least.
    """
    clock = np.concatenate([[0.0], np.cumsum(np.minimum(np.diff(times), _LONGEST_GAP))])
    slots = int(np.clip(np.ceil(clock[-1] * LOOKS_A_SECOND), FEWEST_LOOKS, MOST_LOOKS))
    slot = np.minimum(clock / max(clock[-1], 1e-9) * slots, slots - 1).astype(int)
    order = np.lexsort((np.arange(len(times)), ~keys, slot))
    numbers = order[np.unique(slot[order], return_index=True)[1]]
    return numbers[keys[numbers]] if keys[numbers].sum() >= ENOUGH_KEYFRAMES else numbers


def farthest(shapes: Float[np.ndarray, "faces 68 2"], count: int, least: float) -> list[int]:
    """Indices of at most `count` aligned faces, each the farthest from those before it, none nearer than `least`.

    The first is the one nearest to all others in sum. Farthest-first traversal (Gonzalez, Clustering to Minimize the
    Maximum Intercluster Distance, 1985): no choice of as many spreads to more than twice as far. Of equals the first.
    """
    apart = expression_distance(shapes[:, None], shapes[None])
    chosen = [int(apart.sum(axis=1).argmin())]
    nearest = apart[chosen[0]]
    while len(chosen) < count:
        following = int(nearest.argmax())
        if nearest[following] < least or following in chosen:
            break
        chosen.append(following)
        nearest = np.minimum(nearest, apart[following])
    return chosen


def sharpness(image: UInt8[np.ndarray, "height width 3"], landmarks: Landmarks) -> float:
    """The variance of the Laplacian of brows, eyes, nose and mouth, cut out at 128 pixels, in squared grey levels.

    From Pech-Pacheco et al., Diatom Autofocusing in Brightfield Microscopy: a Comparative Study, 2000. At a fixed size
    it does not depend on how near the face is. Raises LandmarksError where the eyes are less than a pixel apart.
    """
    grey = Crop.around(landmarks.points, margin=_SHARP_MARGIN).cut(image, _SHARP_SIDE) @ _LUMA
    beside = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    return float((beside - 4 * grey[1:-1, 1:-1]).var())


def _looked_at(video: Video, finder: Finder) -> tuple[list[_Usable], Counts]:
    looked_at = no_face = several = away = 0
    seen: list[_Usable] = []
    for frame in video.frames(looks(video.times, video.keys), draft=True):
        looked_at += 1
        try:
            faces = finder.detect(frame.pixels)  # may find faces, and not be sure of any
            face = main_face(faces)
            if face is None:
                no_face += not faces
                several += bool(faces)
                continue
            turn, sharp = float(head_turn(face.points)), sharpness(frame.pixels, face)
        except LandmarksError:
            no_face += 1
            continue
        if turn > _TURNED_AWAY:
            away += 1
            continue
        seen.append(_Usable(frame.number, face, sharp))
    limit = BLURRED * np.percentile([one.sharpness for one in seen], 90) if seen else 0.0
    usable = [one for one in seen if one.sharpness >= limit]
    counts = Counts(looked_at, no_face, several, away, blurred=len(seen) - len(usable))
    return usable, counts
