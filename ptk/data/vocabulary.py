"""Words for expressions, learned from people who were seen with and without them; `ptk.faces.expressions` applies them.

Everything here is about aligned faces (`ptk.faces.align`): a word is the mean change of many people, without what a nod
of the head makes of their outline, and the same on both sides where the word is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ptk.faces.align import FACE
from ptk.faces.anatomy import lip_gap
from ptk.faces.expressions import Vocabulary, Word
from ptk.faces.topology import (
    BROWS,
    EAR_OUTLINE,
    JAW,
    LEFT_MOUTH_CORNER,
    LIDS,
    LOWER_JAW,
    MIRROR,
    MOUTH,
    NOSE_BASE,
    RIGHT_MOUTH_CORNER,
    STILL,
    indices,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Float64

__all__ = ["Part", "People", "learn_vocabulary"]

_JAW_SHARE = (0, 0, 0, 1 / 3, 2 / 3)
"""How far the jaw's points take part, from the ear on, each side; from point 4 on wholly."""
_BROWS, _LIPS, _LIDS = indices(BROWS), indices(MOUTH), tuple(point for eye in LIDS for lid in eye for point in lid)

_LAUGHING = 90  # percentile of how far people's lips part when they smile
_NARROW = 0.5  # of how far eyes are open: what a picture can be bent to without folding
_FLOOR = 0.02  # of the mean variance of a coordinate: what few people cannot say about how people differ
_TOGETHER = 0.5  # how much a synthetic face at rest counts, against a real one

_PARTS = {"brows": _BROWS, "lids": _LIDS, "mouth": indices(JAW, NOSE_BASE, MOUTH)}

LONDON, EMOTIONS, GESTURES = "smiles of real people", "synthetic people with the emotion", "synthetic people, rendered"


@dataclass(frozen=True, eq=False)
class People:
    """Aligned faces (N, 68, 2) of N people at rest, and of the same people with each expression, by its name."""

    rest: Float64[np.ndarray, "people 68 2"]
    shown: Mapping[str, Float64[np.ndarray, "people 68 2"]]

    def change(self, name: str) -> Float64[np.ndarray, "people 68 2"]:
        """How each face changes for expression `name`."""
        return np.asarray(self.shown[name] - self.rest)

    def only(self, chosen: Sequence[int]) -> People:
        """The people of these numbers."""
        return People(self.rest[list(chosen)], {name: faces[list(chosen)] for name, faces in self.shown.items()})


@dataclass(frozen=True)
class Part:
    """A part of the face, "brows", "lids" or "mouth" (lips, base of the nose, jaw), that goes as the word `like` does.

    It goes by `across` and `down` times as much, along x and y.
    """

    part: str
    like: str
    across: float
    down: float


def learn_vocabulary(
    real: People,
    synthetic: People,
    gestures: People,
    detector: str,
    calibration: Mapping[str, Sequence[Part]] = MappingProxyType({}),
) -> Vocabulary:
    """The words, of faces whose landmarks are all by `detector`.

    From `real` people's "smile", `synthetic` people's "anger", "contempt", "disgust", "fear", "sadness" and "surprise",
    and their `gestures` by the names of `ptk_synth.expressions.GESTURES`. `calibration` says of words how their parts
    are put together of learned changes; a part that it leaves out stays as it was learned.
    """
    words = [*_smiles(real), *_emotions(synthetic), *_gestures(gestures)]
    faces = np.concatenate([real.rest, _mirrored(real.rest)])
    others = np.concatenate([synthetic.rest, _mirrored(synthetic.rest)])
    rest = faces.mean(axis=0)
    # Each group around its own mean: how synthetic people differ from real ones says nothing of how people differ.
    spread = (_scatter(faces) + _TOGETHER * _scatter(others)) / (len(faces) + _TOGETHER * len(others))
    spread += _FLOOR * np.trace(spread) / len(spread) * np.eye(len(spread))
    words = [_closing(word, rest) if word.name == "narrow_eyes" else word for word in words]
    words = _calibrate(words, calibration)
    known = {}
    for word in words:
        reading = np.linalg.solve(spread, word.field.ravel()).reshape(68, 2)
        known[word.name] = replace(word, reading=reading)
    return Vocabulary(known, rest, detector)


def _smiles(real: People) -> Iterable[Word]:
    """A mean smile, and what becomes of it as lips stay closed, or part as far as they do when people laugh."""
    changes = real.change("smile")
    parted = np.array([lip_gap(change) for change in changes])
    terms = np.stack([np.ones_like(parted), parted], axis=1)
    closed, parting = np.linalg.lstsq(terms, changes.reshape(len(changes), -1), rcond=None)[0].reshape(2, 68, 2)
    laugh = closed + parting * np.percentile(parted, _LAUGHING)
    for name, summary, field, least in (
        ("smile", "people's mean smile, lips a little apart", changes.mean(axis=0), -1.0),
        ("closed_smile", "a smile with closed lips", closed, -1.0),
        ("laugh", "a smile with the mouth open", laugh, 0.0),
    ):
        yield _unread(name, summary, LONDON, _tidy(field), least=least)


def _emotions(synthetic: People) -> Iterable[Word]:
    for name, summary in (
        ("anger", "brows down, lips pressed together"),
        ("disgust", "brows down, lower lip and corners of the mouth down"),
        ("fear", "brows and lids up, mouth drawn wide and open"),
        ("sadness", "inner ends of the brows up, corners of the mouth down"),
        ("surprise", "brows and lids up, mouth open"),
    ):
        yield _unread(name, summary, EMOTIONS, _tidy(synthetic.change(name).mean(axis=0)), least=0.0)
    changes = synthetic.change("contempt")
    lifted_left = changes[:, LEFT_MOUTH_CORNER, 1] < changes[:, RIGHT_MOUTH_CORNER, 1]
    left = np.where(lifted_left[:, None, None], changes, _mirrored(changes)).mean(axis=0)
    for side, field in (("left", left), ("right", _mirrored(left))):
        summary = f"the {side} corner of the mouth up and back"
        yield _unread(f"smirk_{side}", summary, EMOTIONS, _tidy(field, symmetric=False), least=0.0)


def _gestures(gestures: People) -> Iterable[Word]:
    for name, gesture, summary, moves, most in (
        ("brows_up", "brows_up", "brows up", _BROWS, 1.5),
        ("brows_down", "brows_down", "brows down and together: a frown", _BROWS, 1.5),
        ("wide_eyes", "wide_eyes", "lids further apart", _LIDS, 1.5),
        ("narrow_eyes", "closed_eyes", "lids half as far apart; 2 shuts them", _LIDS, 2.0),
        ("open_mouth", "open_mouth", "the jaw down", _LIPS + LOWER_JAW, 1.5),
        ("kiss", "kiss", "lips pursed", _LIPS, 1.5),
    ):
        field = np.zeros((68, 2))
        field[list(moves)] = _tidy(gestures.change(gesture).mean(axis=0))[list(moves)]
        yield _unread(name, summary, GESTURES, field, most=most)


def _calibrate(words: Sequence[Word], calibration: Mapping[str, Sequence[Part]]) -> list[Word]:
    """Put the fields of words together of parts of those that were learned. Raises KeyError for an unknown word."""
    learned = {word.name: word.field for word in words}
    fields = dict(learned)
    for name, parts in calibration.items():
        field = learned[name].copy()
        field[[point for part in {each.part for each in parts} for point in _PARTS[part]]] = 0
        for each in parts:
            points = list(_PARTS[each.part])
            field[points] += learned[each.like][points] * (each.across, each.down)
        fields[name] = field
    return [replace(word, field=fields[word.name]) for word in words]


def _unread(name: str, summary: str, source: str, field: np.ndarray, *, least: float = -1.0, most: float = 1.5) -> Word:
    """A word whose reading waits for all the others to be there."""
    return Word(name, summary, source, field, np.zeros((68, 2)), least, most)


def _closing(word: Word, rest: np.ndarray) -> Word:
    """`word` at the strength at which the lids of the face `rest` are half as far apart as before."""
    field = word.field.copy()
    for upper, lower in LIDS:
        open_by, closes = ((face[lower, 1] - face[upper, 1]).mean() for face in (rest, field))
        field[upper + lower, 1] *= -_NARROW * open_by / closes
    return replace(word, field=field)


def _tidy(field: np.ndarray, symmetric: bool = True) -> Float64[np.ndarray, "68 2"]:
    """A change (68, 2) without a nod, the same on both sides if it is, and without what should not move."""
    field = (field + _mirrored(field)) / 2 if symmetric else field.copy()
    depth = FACE[:, 2] - FACE[list(STILL), 2].mean()
    beside = list(EAR_OUTLINE)
    field[:, 1] -= depth * (field[beside, 1] @ depth[beside]) / (depth[beside] @ depth[beside])
    share = np.array(_JAW_SHARE)
    field[JAW][: len(share)] *= share[:, None]
    field[JAW][-len(share) :] *= share[::-1, None]
    field[list(STILL)] = 0
    return field


def _mirrored(faces: Float[np.ndarray, "*batch 68 2"]) -> Float64[np.ndarray, "*batch 68 2"]:
    return np.asarray(faces[..., list(MIRROR), :] * (-1, 1))


def _scatter(faces: np.ndarray) -> np.ndarray:
    away = (faces - faces.mean(axis=0)).reshape(len(faces), -1)
    return np.asarray(away.T @ away)
