"""Where skin folds when landmarks move, and how far: frowns, foreheads, crow's feet, cheeks, and lines of the mouth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ptk.editing.composite.ramp import ramp
from ptk.faces.align import aligned, head_turn
from ptk.faces.topology import (
    BROWS,
    CHIN,
    EYELIDS,
    INNER_BROWS,
    LEFT_BROW,
    LEFT_MOUTH_CORNER,
    NOSE_BASE,
    OUTER_LOWER_LIP,
    RIGHT_BROW,
    RIGHT_MOUTH_CORNER,
    RIGID,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Float32, Float64

__all__ = ["Fold", "Moves", "draw_lines", "place_folds"]

_LEAST = 0.06  # strength of a fold that nobody sees
_WEAKEST, _STRONGEST = -1.0, 1.8  # of a fold's strength
_TURNED = 0.5, 0.75  # radians: a face that is turned further than the first folds less, and in profile not at all
_COUNT = 64  # points of a fold
_ALONG = np.linspace(0, 1, _COUNT)
_UNEVEN, _WAVES, _KNOTS = 0.4, 0.006, 9  # how irregular: of strength, in outer eye distances, how often


def _spread_knots(knots: np.ndarray) -> np.ndarray:
    return np.stack([np.interp(_ALONG, np.linspace(0, 1, _KNOTS), each) for each in knots])


_TAPER = np.sin(np.pi * _ALONG) ** 0.7
_RANDOM = np.random.default_rng(0).standard_normal((2, 48, _KNOTS)).clip(-1.5, 1.5)  # the same for every face
_WAVED, _STRONG = _WAVES * _spread_knots(_RANDOM[0]), _TAPER * (1 + _UNEVEN / 1.5 * _spread_knots(_RANDOM[1]))
_AT_REST = 0.7  # of a cheek's lines go with a smile: the rest may be how somebody's cheeks are when they rest
_RELAXED = 3.0  # how much sooner a frown's folds are gone than they come: half a frown is none that relaxes
# How far landmarks go, in outer eye distances, where folds are whole:
_RAISED, _LOWERED, _TOGETHER, _SMILED, _DROOPED, _LIFTED, _POUTED = 0.06, 0.05, 0.03, 0.12, 0.045, 0.02, 0.07


@dataclass(frozen=True, eq=False)
class Fold:
    """A fold along `points` (K, 2), in [0, 1] of a crop, whose `strength` is shared along it by `weights` (K,).

    The sum of the weights is its length in outer eye distances. A `strength` below 0 smooths what lines there are. The
    `young` have that share of it, the old all. How `sharp` it is, from 0 to 1, is how deep it is in the middle of its
    shadow; one that `bulges` is skin that is pushed up. Below 0, at a strength of 1, a share of it `fades` wholly;
    where that is 0 they are softened.
    """

    points: Float64[np.ndarray, "count 2"]
    weights: Float64[np.ndarray, "count"]
    strength: float
    young: float
    sharp: float = 1.0
    bulges: bool = False
    fades: float = 0.0


@dataclass(frozen=True)
class Moves:
    """How far a side of the face moves, in outer eye distances.

    The `inner` and `outer` ends of the brow up, and `together`; the lower `lid` up; the corner of the mouth up and back
    (`smile`), and down (`droop`); and the lower lip up from that (`pout`). `side` is 1 for the person's left, and -1.
    """

    side: int
    inner: float
    outer: float
    together: float
    lid: float
    smile: float
    droop: float
    pout: float

    @classmethod
    def of(cls, gone: Float64[np.ndarray, "68 2"], side: int) -> Moves:
        """The moves of a side in what aligned landmarks have `gone`."""
        brow, corner = _inner_first(gone, side), gone[_corner(side)]
        lip = float(gone[list(OUTER_LOWER_LIP[2:-2]), 1].mean())
        return cls(
            side,
            inner=-float(brow[:2, 1].mean()),
            outer=-float(brow[2:, 1].mean()),
            together=-side * float(brow[:2, 0].mean()),
            lid=-float(gone[list(_lower_lid(side)[1:-1]), 1].mean()),
            smile=float(0.6 * side * corner[0] - corner[1]),
            droop=float(corner[1]) - 0.5 * max(lip, 0),
            pout=float(corner[1]) - lip,
        )


@dataclass(eq=False)
class _Face:
    """Landmarks `points` in a crop, the step (`turn`) and length (`eyes`) there of 1 in the aligned face, and folds.

    Of these a `share` is seen, which ends with turns of the head.
    """

    points: np.ndarray
    turn: np.ndarray
    eyes: float
    share: float
    folds: list[Fold] = field(default_factory=list)

    def fold(
        self,
        line: np.ndarray,
        strength: float,
        young: float,
        *,
        step: Sequence[float] = (0, 0),
        along: np.ndarray | None = None,
        sharp: float = 1.0,
        bulges: bool = False,
        fades: float = 0.0,
    ) -> None:
        """Add a fold along a `line` (K, 2) in the crop, a `step` of the aligned face away, unless nobody sees it.

        It is dense, tapered, irregular, and as strong as `along` (K,) says.
        """
        strength = self.share * float(np.clip(strength, _WEAKEST, _STRONGEST))
        if abs(strength) < _LEAST:
            return
        line = line + np.asarray(step) @ self.turn
        lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
        at, number = _ALONG * lengths[-1], len(self.folds) % len(_STRONG)
        points = np.stack([np.interp(at, lengths, each) for each in line.T], axis=1)
        points += _WAVED[number][:, None] * self.turn[1]
        weights = _STRONG[number] if along is None else _STRONG[number] * np.interp(at, lengths, along)
        self.folds.append(
            Fold(points, weights * lengths[-1] / (_COUNT * self.eyes), strength, young, sharp, bulges, fades)
        )


def place_folds(start: Float[np.ndarray, "68 2"], goal: Float[np.ndarray, "68 2"]) -> list[Fold]:
    """The folds of a face whose landmarks, in [0, 1] of its crop, go from `start` to `goal`."""
    before, after = aligned(np.stack([start, goal]))
    rigid = list(RIGID)
    away, there = (each[rigid] - each[rigid].mean(axis=0) for each in (before, start))
    turn = np.linalg.lstsq(away, there, rcond=None)[0]
    seen = float(1 - ramp(head_turn(start), *_TURNED))
    face = _Face(np.asarray(start, dtype=np.float64), turn, float(np.sqrt(abs(np.linalg.det(turn)))), seen)
    sides = [Moves.of(after - before, side) for side in (-1, 1)]
    _fold_forehead(face, sides)
    for moves in sides:
        _fold_frown(face, moves)
        _fold_eye(face, moves)
        _fold_cheek(face, moves)
    lip, chin = face.points[list(OUTER_LOWER_LIP[1:-1])], face.points[CHIN]
    face.fold(lip + 0.42 * (chin - lip.mean(axis=0)), 0.6 * min(each.pout for each in sides) / _POUTED, 0.5, sharp=0.1)
    return face.folds


def draw_lines(
    points: Float[np.ndarray, "count 2"], weights: Float[np.ndarray, "count"], size: int, width: float, eyes: float
) -> Float32[np.ndarray, "size size"]:
    """Draw lines through `points`, in [0, 1] of a picture, as ridges as wide as `width`, as high as they are strong.

    The weights of a line's points sum up to its length times its strength. Lengths and widths are in eye distances,
    of which one is `eyes` of the picture's `size`.
    """
    import cv2

    at = points * size - 0.5
    corner = np.floor(at).astype(int)
    x, y = (at - corner).T
    inside = ((corner >= 0) & (corner < size - 1)).all(axis=1)
    first = (corner @ (1, size))[inside]
    places = np.concatenate([first, first + 1, first + size, first + size + 1])
    shares = [(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y]
    heights = np.concatenate([(share * weights)[inside] for share in shares])
    drawn = np.bincount(places, heights, minlength=size * size).reshape(size, size).astype(np.float32)
    blurred = cv2.GaussianBlur(drawn, (0, 0), width * eyes * size)
    return np.asarray(blurred * np.float32(np.sqrt(2 * np.pi) * width * (eyes * size) ** 2))


def _fold_forehead(face: _Face, sides: Sequence[Moves]) -> None:
    """Lines that follow the brows, where these go up; where they go down, lines that are there are softened."""
    brows = face.points[BROWS]
    middle = brows.mean(axis=0)
    own = (brows - middle) @ np.linalg.inv(face.turn)
    right, left = sides
    raised = np.array([right.outer] * 3 + [right.inner] * 2 + [left.inner] * 2 + [left.outer] * 3)
    most = raised[np.argmax(np.abs(raised))]
    if not most:
        return
    for height, share in ((0.125, 0.7), (0.19, 1.0), (0.265, 0.8)):
        level = middle + (own * (0.92, 0.7 - height)) @ face.turn
        along = np.convolve(np.pad(raised / most, 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid").clip(0)
        face.fold(level, share * most / _RAISED, 0.2, step=(0, -height), along=along)


def _fold_frown(face: _Face, moves: Moves) -> None:
    """Two folds at the inner end of a brow, nearly upright, and the skin between that is pushed together."""
    side, end = moves.side, _inner_first(face.points, moves.side)[0]
    frown = 1.4 * moves.together / _TOGETHER + 0.4 * min(-moves.inner / _LOWERED, -1.3 * moves.outer / _LOWERED, 1)
    if frown < 0:
        inner = face.points[list(INNER_BROWS)].mean(axis=0) - end
        for share in (0.4, 0.85):  # wherever folds are between the brows
            run = end + share * inner + np.array([[0, -0.15], [0, -0.05], [0, 0.04]]) @ face.turn
            face.fold(run, _RELAXED * frown, 1.0, fades=1.0)
        return
    for across, top, bottom, share in ((-0.06, -0.15, 0.05, 1.0), (-0.005, -0.11, 0.0, 0.5)):
        run = np.array([[across + 0.015, top], [across + 0.004, (top + bottom) / 2], [across - 0.012, bottom]])
        face.fold(end + (run * (side, 1)) @ face.turn, share * frown, 0.65, sharp=0.7)


def _fold_eye(face: _Face, moves: Moves) -> None:
    """Crow's feet, and the roll under the eye: lids that a cheek lifts, or that narrow by themselves."""
    side, eye = moves.side, face.points[list(_lower_lid(moves.side))]
    squeeze = 0.5 * moves.smile / _SMILED + moves.lid / _LIFTED
    outer = eye[0] if side < 0 else eye[-1]
    for down, angle, share in ((-0.03, -0.35, 0.7), (0.012, 0.12, 1.0), (0.055, 0.55, 0.8)):
        run = np.array([[0.055, down], [0.055 + 0.11 * np.cos(angle), down + 0.11 * np.sin(angle)]])
        face.fold(outer + (run * (side, 1)) @ face.turn, 0.7 * share * squeeze, 0.08)
    face.fold(eye, 0.5 * squeeze, 0.35, step=(0, 0.075), sharp=0.4)
    face.fold(eye, 0.35 * squeeze, 0.8, step=(0, 0.045), bulges=True)


def _fold_cheek(face: _Face, moves: Moves) -> None:
    """The fold from nose to mouth, the cheek that is lifted beside it, and the line below a corner that goes down."""
    side, corner = moves.side, face.points[_corner(moves.side)]
    wing = face.points[NOSE_BASE][-1 if side > 0 else 0]
    begin, end = wing + np.array([side * 0.05, -0.045]) @ face.turn, corner + np.array([side * 0.075, 0.01]) @ face.turn
    bend = (begin + end) / 2 + np.array([side * 0.035, -0.01]) @ face.turn
    smile = moves.smile / _SMILED
    face.fold(np.stack([begin, bend, end]), 0.9 * smile, 0.5, sharp=0.6, fades=_AT_REST)
    face.fold(np.stack([begin, bend]), 0.8 * smile, 1.0, step=(side * 0.12, -0.05), bulges=True)
    run = np.array([[0.03, 0.0], [0.05, 0.05], [0.055, 0.12]])
    face.fold(corner + (run * (side, 1)) @ face.turn, 0.6 * moves.droop / _DROOPED, 0.4, sharp=0.5, fades=_AT_REST)


def _inner_first(points: np.ndarray, side: int) -> np.ndarray:
    """A brow's points (5, 2), from its inner end."""
    return points[LEFT_BROW] if side > 0 else points[RIGHT_BROW][::-1]


def _corner(side: int) -> int:
    return LEFT_MOUTH_CORNER if side > 0 else RIGHT_MOUTH_CORNER


def _lower_lid(side: int) -> tuple[int, ...]:
    return EYELIDS[int(side > 0)][1]
