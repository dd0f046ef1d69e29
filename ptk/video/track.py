"""One face followed through a film: where its landmarks are in every frame, and how far an edit of it counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ptk.errors import NoFaceError
from ptk.faces.choose import choose_faces
from ptk.faces.landmarks import eye_distance
from ptk.faces.pose import MOST_TURN, head_pose
from ptk.video.smoothing import smooth_in_time

if TYPE_CHECKING:
    from jaxtyping import Float32

    from ptk.editing.edit import Detector
    from ptk.faces.choose import Choice
    from ptk.prepare.video import Video
    from ptk.types import Landmarks

__all__ = ["Track", "follow_face"]

_FAR = 0.8  # eye distances, and
_SIZE = 1.5  # times as large or small, from one frame in which it is seen to the next: another face
_GAP = 0.25  # seconds without the face that are filled in
_FADE = 0.3  # seconds in which an edit comes and goes where the face does


@dataclass(frozen=True, eq=False)
class Track:
    """A face in every frame: landmarks (N, 68, 2) and irises (N, 2, 3), in pixels, NaN where it is not seen.

    `shares` (N,) in [0, 1] is how far an edit counts: 0 where the face is not seen, fading in and out. `missing` is how
    many frames do not show it.
    """

    points: Float32[np.ndarray, "frames 68 2"]
    irises: Float32[np.ndarray, "frames 2 3"]
    shares: Float32[np.ndarray, " frames"]

    @property
    def missing(self) -> int:
        """How many frames do not show the face."""
        return int((~_is_seen(self.points)).sum())


def follow_face(
    video: Video,
    detector: Detector,
    name: str,
    face: Choice = None,
    *,
    smooth: bool = True,
    warn: Callable[[str], None] = lambda _: None,
    tell: Callable[[int], None] = lambda _: None,
) -> Track:
    """Follow one face through `video`, chosen as `face` (`ptk.faces.choose`) in the first frame that shows any.

    From frame to frame it is the nearest one, by place and size; where it is gone for a quarter of a second at most it
    is filled in. Landmarks are smoothed in time (`ptk.video.smoothing`). What is turned further than an edit may be
    counts as not seen. `tell` is given how many frames are done. Raises NoFaceError, and what `Video.frames` raises.
    """
    points = np.full((len(video), 68, 2), np.nan, np.float32)
    irises = np.full((len(video), 2, 3), np.nan, np.float32)
    last: Landmarks | None = None
    for done, frame in enumerate(video.frames(range(len(video)), draft=True), 1):
        found = detector.detect(frame.pixels)
        if last is None and found:
            chosen = choose_faces(found, f"{video.path} (frame {frame.number + 1})", name, face, warn)
            here: Landmarks | None = chosen[0]
        else:
            here = _find_nearest(found, last)
        if here is not None and head_pose(here.points).turn <= MOST_TURN:
            last = here
            points[frame.number] = here.points
            irises[frame.number] = np.nan if here.irises is None else here.irises
        tell(done)
    if last is None:
        raise NoFaceError(f"{video.path}: no face found in any frame (tried {name}); give a film that shows one")
    for each in (points, irises):
        _fill_gaps(each, video.times)
    shares = _fade(_is_seen(points), video.times)
    if smooth:
        for first, after in _find_runs(_is_seen(points)):
            part, times = np.s_[first:after], video.times[first:after]
            eyes = float(np.mean([eye_distance(each) for each in points[part]]))
            points[part] = smooth_in_time(points[part], times, eyes)
            irises[part] = smooth_in_time(irises[part], times, eyes)
    return Track(points, irises, shares)


def _find_nearest(found: list[Landmarks], last: Landmarks | None) -> Landmarks | None:
    """The face that is the `last` one, a frame later."""
    if last is None or not found:
        return None
    eyes, middle = eye_distance(last.points), last.points.mean(axis=0)
    near = min(found, key=lambda each: float(np.linalg.norm(each.points.mean(axis=0) - middle)))
    size = eye_distance(near.points) / eyes
    is_same = np.linalg.norm(near.points.mean(axis=0) - middle) <= _FAR * eyes and 1 / _SIZE <= size <= _SIZE
    return near if is_same else None


def _is_seen(values: np.ndarray) -> np.ndarray:
    """In which frames there are numbers."""
    return np.asarray(np.isfinite(values).all(axis=(1, 2)))


def _find_runs(seen: np.ndarray) -> list[tuple[int, int]]:
    """Where runs of True begin, and the places after their ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], seen.astype(np.int8), [0]])))
    return [(int(first), int(after)) for first, after in edges.reshape(-1, 2)]


def _fill_gaps(values: np.ndarray, times: np.ndarray) -> None:
    """Fill short gaps of NaN between two frames by what lies between."""
    for first, after in _find_runs(~_is_seen(values)):
        if first == 0 or after == len(values) or times[after] - times[first - 1] > _GAP:
            continue
        share = (times[first:after] - times[first - 1]) / (times[after] - times[first - 1])
        between = values[after] - values[first - 1]
        values[first:after] = values[first - 1] + share[:, None, None].astype(np.float32) * between


def _fade(seen: np.ndarray, times: np.ndarray) -> Float32[np.ndarray, " frames"]:
    """How far an edit counts: whole at the film's ends and where the face stays, fading where it comes and goes."""
    away = times[~seen]
    if not len(away):
        return np.ones(len(times), np.float32)
    later = np.searchsorted(away, times)
    before, after = away[np.maximum(later - 1, 0)], away[np.minimum(later, len(away) - 1)]
    near = np.minimum(np.abs(times - before), np.abs(after - times))
    return np.asarray(np.where(seen, (near / _FADE).clip(0, 1), 0), dtype=np.float32)
