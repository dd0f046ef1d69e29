"""Whether landmarks that somebody edited, or an expression that was read, can be those of a face.

Lengths are in sizes of the face in the photo: its outer eye distance or, of a turned head, what that would be from the
front. Words and their sums move no point by more than 0.32; the limits leave room for caricatures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ptk.errors import FaceError, LandmarksError
from ptk.faces import topology
from ptk.faces.landmarks import eye_distance
from ptk.faces.pose import settle
from ptk.faces.topology import indices, point_name

if TYPE_CHECKING:
    from jaxtyping import Float

    from ptk.faces.expressions import Word

__all__ = ["check_reading", "check_target", "check_unseen_target", "moves"]

_STILL = 0.005  # landmarks that nobody edited differ by their two decimals, and networks move nothing by as little

# For a face as a whole: from where on it is odd, and from where on it is of another photo
_SCALE = (1.2, 1.5)
_SHIFT = (0.3, 0.6)
_ANGLE = (20.0, 40.0)

_FAR = (0.5, 0.8)  # the same for single points, beyond what the whole face does
_PASSED = (0.03, 0.06)  # the same for how far points, or parts, are past each other; lips and lids may meet
_PART_PASSED = 0.05
_SAME_FACE = 0.35  # mean distance of a face to a smaller or larger copy of another that is still the same

_COPY = 0.003  # median distance of a face to another after scale, angle and place; of two people's it is .007 or more
_LINES = 3  # what else is wrong mostly has the same reason
_BELIEVABLE = 1.6

_EYES_TO_MOUTH = 1.2  # from the eyes' middle to the mouth's, times this, is the outer eye distance of a mean face
_ACROSS, _DOWN = 0, 1

_PARTS = {
    "the right eye": indices(topology.RIGHT_EYE),
    "the left eye": indices(topology.LEFT_EYE),
    "the right brow": indices(topology.RIGHT_BROW),
    "the left brow": indices(topology.LEFT_BROW),
    "the nose": indices(topology.NOSE),
    "the upper lip": indices(topology.UPPER_OUTER_LIP),
    "the lower lip": indices(topology.LOWER_OUTER_LIP),
    "the right side of the jaw": indices(topology.RIGHT_JAW),
    "the left side of the jaw": indices(topology.LEFT_JAW),
}
_PART_ORDER = (
    ("the right eye", "the left eye", _ACROSS),
    ("the right brow", "the left brow", _ACROSS),
    ("the right side of the jaw", "the left side of the jaw", _ACROSS),
    ("the right brow", "the right eye", _DOWN),
    ("the left brow", "the left eye", _DOWN),
    ("the right eye", "the nose", _DOWN),
    ("the left eye", "the nose", _DOWN),
    ("the nose", "the upper lip", _DOWN),
    ("the upper lip", "the lower lip", _DOWN),
)
_OUTLINE = (*topology.MOUTH_OUTLINE_PAIRS, *topology.NOSE_OUTLINE_PAIRS)
_POINTS_DOWN = (
    *topology.LID_PAIRS,
    *topology.INNER_LIP_PAIRS,
    *topology.UPPER_LIP_PAIRS,
    *topology.LOWER_LIP_PAIRS,
    topology.NOSE_LIP_PAIR,
    topology.LIP_CHIN_PAIR,
    *topology.BROW_LID_PAIRS,
    *topology.NOSE_BRIDGE_PAIRS,
)
_POINTS_ACROSS = (
    *topology.EYE_CORNER_PAIRS,
    *topology.NOSTRIL_PAIRS,
    topology.MOUTH_CORNERS,
    *topology.MOUTH_CORNER_PAIRS,
    *_OUTLINE,
)
_POINT_ORDER = tuple(
    (*pair, axis) for pairs, axis in ((_POINTS_DOWN, _DOWN), (_POINTS_ACROSS, _ACROSS)) for pair in pairs
)
_FRONT = 0.25  # how far inside the outline mouth and nose lie from the front; of turned heads they may pass it


def moves(source: Float[np.ndarray, "68 2"], target: Float[np.ndarray, "68 2"]) -> bool:
    """Whether the face `source` is to move at all on its way to `target`."""
    apart = np.linalg.norm(np.asarray(target) - np.asarray(source), axis=-1)
    return bool(apart.max() > _STILL * _size(np.asarray(source)))


def check_target(
    source: Float[np.ndarray, "68 2"],
    target: Float[np.ndarray, "68 2"],
    name: str = "landmarks",
    *,
    force: bool = False,
) -> list[str]:
    """Warnings about landmarks `target` for the face `source`, both in photo pixels; lines begin with `name`.

    Refused, with a LandmarksError, is what no face can be: another scale, place or angle than the face in the photo,
    parts or points that passed each other, points that are far from where they were. What is half as odd is warned of,
    and so is everything with `force`. Points that meet (a shut mouth, shut eyes) are in order, and so is disorder
    that `source` shows itself, as turned heads do.
    """
    source, target = (np.asarray(points, dtype=np.float64) for points in (source, target))
    warnings = []
    for check in (_whole, _parts, _points):
        odd, certain = _lines(check(source, target), name)
        warnings += odd + settle(certain[:_LINES], LandmarksError, force)
        if certain:  # what comes after follows from it
            break
    return warnings


def check_unseen_target(
    faces: Sequence[Float[np.ndarray, "68 2"]],
    target: Float[np.ndarray, "68 2"],
    name: str = "landmarks",
    *,
    force: bool = False,
) -> list[str]:
    """Warnings about landmarks `target` near which nobody was found, but `faces` elsewhere in the photo.

    Refused, with a LandmarksError, are parts out of a face's order, landmarks of a smaller or larger copy of the
    photo (scaled they lie on a face), and those of one of the `faces` moved away as a whole.
    """
    target = np.asarray(target, dtype=np.float64)
    found = list(_parts(target, target, always=True))
    for face in np.asarray(faces, dtype=np.float64).reshape(-1, 68, 2):
        scale = float((target * face).sum() / (face * face).sum())
        apart = np.linalg.norm(scale * face - target, axis=-1).mean()
        if scale > 0 and apart < _SAME_FACE * eye_distance(scale * face) and _off(scale) > _SCALE[0]:
            found.append((_of_another_size(scale), True))
        elif _similarity(face, target)[3] < _COPY:
            found.append((f"the landmarks are those of a face in the photo, but not where it is; {_AGAIN}", True))
    odd, certain = _lines(found, name)
    return odd + settle(certain[:_LINES], LandmarksError, force)


def check_reading(
    strengths: Mapping[str, float], words: Mapping[str, Word], name: str, *, force: bool = False
) -> list[str]:
    """Warnings about an expression that was read in the photo `name`: `strengths` of `words` beyond their limits.

    Up to 1.6 times the limit people do reach: of 974 who look at the camera nine are beyond it, one at 1.59 times in
    a scream. The limit is taken instead. Raises FaceError beyond that, unless `force` makes a warning of it.
    """
    beyond = {word: strength / words[word].most for word, strength in strengths.items() if strength > words[word].most}
    if not beyond:
        return []
    said = ", ".join(f"{word}={strengths[word]:.2f} (at most {words[word].most:g})" for word in beyond)
    if max(beyond.values()) <= _BELIEVABLE:
        return [f"{name}: reads as {said}; taken for that much"]
    fix = "give a photo from the front"
    return settle([f"{name}: reads as {said}, more than any face does; {fix}"], FaceError, force)


_Found = tuple[str, bool]  # what is odd, and whether it is certainly wrong


def _lines(found: Iterator[_Found] | list[_Found], name: str) -> tuple[list[str], list[str]]:
    lines: dict[bool, list[str]] = {False: [], True: []}
    for text, certain in found:
        lines[certain].append(f"{name}: {text}")
    return lines[False], lines[True]


def _whole(source: np.ndarray, target: np.ndarray) -> Iterator[_Found]:
    """What is odd about scale, place and angle of the whole face, where it is a face that moved as a whole."""
    scale, angle, shift, apart = _similarity(source, target)
    if apart > _SAME_FACE * scale / 2:
        return
    if _off(scale) > _SCALE[0]:
        yield _of_another_size(scale), _off(scale) > _SCALE[1]
        return
    if abs(angle) > _ANGLE[0]:
        text = f"the landmarks are turned by {abs(angle):.0f} degrees against the face in the photo; {_AGAIN}"
        yield text, abs(angle) > _ANGLE[1]
    if shift > _SHIFT[0]:
        text = f"the landmarks lie {shift:.1f} eye distances beside the face in the photo; {_AGAIN}"
        yield text, shift > _SHIFT[1]


def _parts(source: np.ndarray, target: np.ndarray, always: bool = False) -> Iterator[_Found]:
    """Parts that are past each other in `target`, and were not in `source`, or `always`."""
    before, after = (_upright(points, source) for points in (source, target))
    for first, second, axis in _PART_ORDER:
        gaps = [
            np.median(points[list(_PARTS[second]), axis]) - np.median(points[list(_PARTS[first]), axis])
            for points in (before, after)
        ]
        if gaps[1] < (0 if always else min(gaps[0], 0)) - _PART_PASSED:
            yield f"{_past(_part_name(first), _part_name(second), axis)}; {_PUT_BACK}", True


def _points(source: np.ndarray, target: np.ndarray) -> Iterator[_Found]:
    """Single points that are far from where they were, and pairs of them that are past each other."""
    scale, angle, *_ = _similarity(source, target)
    turn = scale * np.exp(1j * np.radians(angle))
    a, b = (points @ (1, 1j) for points in (source, target))
    rest = b - turn * a
    far = np.abs(rest - np.median(rest.real) - 1j * np.median(rest.imag)) / _size(source)
    for limit, above, certain in ((_FAR[1], np.inf, True), (_FAR[0], _FAR[1], False)):
        numbers = np.flatnonzero((far > limit) & (far <= above)).tolist()
        if numbers:
            most = far[numbers].max()
            names = "; ".join(point_name(number) for number in numbers[:3])
            more = f"; and {len(numbers) - 3} more" if numbers[3:] else ""
            yield f"{names}{more}, moved by {most:.1f} eye distances; {_PUT_BACK}", certain
    before, after = (_upright(points, source) for points in (source, target))
    passed: dict[bool, list[str]] = {True: [], False: []}
    for first, second, axis in _POINT_ORDER:
        gaps = [points[second, axis] - points[first, axis] for points in (before, after)]
        by = min(gaps[0], 0) - gaps[1]
        if (first, second) in _OUTLINE and gaps[0] < _FRONT:
            continue
        if by > _PASSED[0] and far[[first, second]].max() <= _FAR[1]:
            text = _past(f"{point_name(first)},", point_name(second), axis)
            passed[bool(by > _PASSED[1])].append(text)
    for certain, texts in passed.items():
        if texts:
            more = f", and {len(texts) - 1} more such" if texts[1:] else ""
            yield f"{texts[0]}{more}; {_PUT_BACK}", certain


_AGAIN = "find them again in this photo (`write_landmarks`) and edit those"
_PUT_BACK = "put it back, or find them again in this photo (`write_landmarks`)"


def _of_another_size(scale: float) -> str:
    return f"the landmarks are {scale:.2f} times as large as the face in the photo, as of another copy of it; {_AGAIN}"


def _past(first: str, second: str, axis: int) -> str:
    return f"{first} is {('right of', 'below')[axis]} {second}"


def _part_name(part: str) -> str:
    return f"{part} (points {_PARTS[part][0]} to {_PARTS[part][-1]})"


def _off(scale: float) -> float:
    return max(scale, 1 / max(scale, 1e-9))


def _similarity(source: np.ndarray, target: np.ndarray) -> tuple[float, float, float, float]:
    """Scale, angle (degrees) and shift of most points, and the median distance left, both in sizes of the face.

    Least absolute distances, by iteratively reweighted least squares: what single points do changes nothing.
    """
    a, b = (points @ (1, 1j) for points in (source, target))
    weights, size = np.ones(len(a)), _size(source)
    for _ in range(10):
        a0, b0 = ((weights * points).sum() / weights.sum() for points in (a, b))
        turn = (weights * (b - b0) * (a - a0).conj()).sum() / (weights * np.abs(a - a0) ** 2).sum()
        weights = 1 / (np.abs(b - b0 - turn * (a - a0)) / size + 0.01)
    middle = a.mean()
    shift = np.abs(b0 + turn * (middle - a0) - middle) / size
    left = np.median(np.abs(b - b0 - turn * (a - a0))) / size
    return float(np.abs(turn)), float(np.degrees(np.angle(turn))), float(shift), float(left)


def _axes(points: np.ndarray) -> tuple[np.ndarray, float]:
    """The face's own x and y in the picture (2, 2), and its size."""
    down = points[topology.OUTER_LIPS].mean(axis=0) - points[topology.EYES].mean(axis=0)
    length = float(np.linalg.norm(down))
    size = max(float(eye_distance(points)), _EYES_TO_MOUTH * length, 1e-6)
    x, y = down / max(length, 1e-6)
    return np.array([[y, x], [-x, y]]), size


def _size(points: np.ndarray) -> float:
    return _axes(points)[1]


def _upright(points: np.ndarray, like: np.ndarray) -> np.ndarray:
    """`points` with the axes of the upright face `like`, in its sizes."""
    axes, size = _axes(like)
    return np.asarray(points @ axes / size)
