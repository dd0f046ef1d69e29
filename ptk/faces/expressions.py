"""Expressions by words: where the 68 landmarks go when a face smiles, more or less, and which expression a face has.

Each word is a displacement of the landmarks of aligned faces (`ptk.faces.align`), learned from people
(`ptk.data.vocabulary`) and kept in expressions.json. A face's own shape stays: words are added to it, in its own pose.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.errors import PtkError
from ptk.faces.align import aligned, posed
from ptk.faces.anatomy import lip_gap, possible
from ptk.faces.gaze import LOOKS, Look
from ptk.faces.hints import hint
from ptk.faces.topology import LIDS, MOUTH, MOUTH_CORNERS
from ptk.faces.words.brows import find_brows_to_relax
from ptk.faces.words.drooping import find_droop_to_end
from ptk.faces.words.grammar import check_written, told, usual_strength
from ptk.faces.words.head import ANGLES, HEAD_WORDS, HeadWord, turn_head
from ptk.faces.words.one_sided import one_sided
from ptk.faces.words.parting import keep_lips_closed
from ptk.faces.words.rest import NEUTRAL, RestWord, find_rest
from ptk.faces.words.serious import find_smile_to_end
from ptk.files import write_bytes

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Float64

    from ptk.faces.words.expression import Expression

__all__ = ["SCHEMA", "Vocabulary", "Word", "parse_expression", "told", "vocabulary"]

SCHEMA = "ptk.expressions/1"
_FILE = Path(__file__).with_name("expressions.json")

_OPENS = "open_mouth"  # the word along which lips part, or close, by how far other words would open them too wide
_DOUBT = 2.0  # standard deviations of faces at rest: a word that is seen by less than that is not taken for one
_PRIOR = 1.0  # standard deviation of strengths, a guess that only matters where words look alike
_SWEEPS = 200
_LONGEST = 2000  # characters: all words there are, with their strengths, take 300


@dataclass(frozen=True, eq=False)
class Word:
    """What a word does to an aligned face: `field` (68, 2) in outer eye distances, at strength 1.

    Strengths from `least` to `most` make sense. `reading` (68, 2) times how a face differs from the mean one, summed,
    is how much the face looks like the word. `source` is whom it was learned from.
    """

    name: str
    summary: str
    source: str
    field: Float64[np.ndarray, "68 2"]
    reading: Float64[np.ndarray, "68 2"]
    least: float = -1.0
    most: float = 1.5


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Words by name, and the face `rest` (68, 2), aligned, that people have when they show nothing, on average.

    Faces are read as `detector` sees them: by another's landmarks everybody seems to show something.
    """

    words: Mapping[str, Word]
    rest: Float64[np.ndarray, "68 2"]
    detector: str

    @classmethod
    def read(cls, path: Path) -> Vocabulary:
        """The vocabulary that `write` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        words: dict[str, Word] = {}
        for name, entry in content["words"].items():
            arrays = {key: np.array(entry[key]) for key in ("field", "reading")}
            words[name] = Word(name=name, **{**entry, **arrays})
        return cls(words, np.array(content["rest"]), content["detector"])

    def write(self, path: Path, origin: Mapping[str, str]) -> None:
        """Write it as JSON, one list of numbers a line; `origin` says where it comes from. Raises OutputError."""
        keys = [field.name for field in fields(Word) if field.name != "name"]
        words = {word.name: {key: getattr(word, key) for key in keys} for word in self.words.values()}
        content = {"schema": SCHEMA, "detector": self.detector, **origin, "rest": self.rest, "words": words}
        write_bytes(path, (_text(content) + "\n").encode())

    def moved(
        self,
        points: Float[np.ndarray, "68 2"],
        strengths: Mapping[str, float] = MappingProxyType({}),
        like: Expression | None = None,
    ) -> Float32[np.ndarray, "68 2"]:
        """The landmarks `points` (any unit) of a face whose expression changes by words times their `strengths`.

        Strengths add to what the face shows already, or to what it takes over: the expression `like`, in its parts. But
        a smile that the face shows gives way to a serious word that comes without one, an open mouth to a word of lips
        that meet, brows to those of words that no face shows with them, hanging corners of a mouth to a smile, and a
        weak smile keeps lips closed. All zero leave it as it is to the last bit. Lids and lips never pass each other,
        and eyes narrow by a share of how far they are open. Raises KeyError for an unknown word and LandmarksError for
        what is no face.
        """
        shape, strengths = aligned(points), keep_lips_closed(self.words, strengths)
        taken = {} if like is None else like.words
        shares = 0.0 if like is None else like.shares
        neutral = np.maximum(strengths.get(NEUTRAL.name, 0.0), shares * taken.get(NEUTRAL.name, 0.0))
        start = shape + neutral * (find_rest(self, shape) - shape) if np.any(neutral) else shape
        total: dict[str, Any] = {}
        if like is not None:
            mine = self._up_to_limits(self.read_shape(start))
            wanted = {name: taken.get(name, 0.0) for name in {**mine, **taken}}
            total = {name: shares * (each - mine.get(name, 0.0)) for name, each in wanted.items()}
        for name, strength in strengths.items():
            total[name] = total.get(name, 0.0) + strength
        change, degrees = np.zeros_like(shape), dict[str, float]()
        for name, strength in total.items():
            if name in HEAD_WORDS:
                degrees[name] = strengths.get(name, 0.0) + taken.get(name, 0.0)
            elif name != NEUTRAL.name:
                change += strength * (LOOKS[name] if name in LOOKS else self.every_word[name]).field
        change -= find_smile_to_end(self, start, strengths, change) + find_brows_to_relax(self, start, strengths)
        change -= find_droop_to_end(self, start, strengths)
        goal = possible(shape, start + self._like_this_face(start, change))
        away = posed(goal, points) - posed(shape, points)
        if any(degrees.values()):
            away = away + turn_head(goal, points, degrees)
        return np.asarray(points + away, dtype=np.float32)

    def moved_by(
        self, points: Float[np.ndarray, "68 2"], change: Float[np.ndarray, "68 2"]
    ) -> Float32[np.ndarray, "68 2"]:
        """The landmarks `points` (any unit) of a face whose aligned shape changes by `change`, in eye distances.

        As far as it suits the face, as in `moved`. Raises LandmarksError for what is no face.
        """
        shape = aligned(points)
        goal = possible(shape, shape + self._like_this_face(shape, np.asarray(change, dtype=np.float64)))
        return np.asarray(points + (posed(goal, points) - posed(shape, points)), dtype=np.float32)

    def seen(self, points: Float[np.ndarray, "68 2"]) -> dict[str, float]:
        """Which words a face shows, and how strongly: at least 0, and mostly 0.

        The most probable strengths, given how people at rest differ: least squares weighted by the inverse of their
        covariance, with a word's strength shrunk by two standard deviations (an L1 penalty: Tibshirani 1996), so that
        somebody's thin lips or high brows are not taken for an expression. Raises LandmarksError for what is no face.
        """
        return self.read_shape(aligned(points))

    def read_shape(self, shape: Float[np.ndarray, "68 2"], *, certain: bool = False) -> dict[str, float]:
        """`seen` of an aligned face. What is seen is told without doubt how strong it is where that is `certain`."""
        readings, overlaps = self._readings
        looks = readings @ (shape - self.rest).ravel()
        doubt = _DOUBT * np.sqrt(np.diag(overlaps))
        if certain:
            doubt = np.where([strength > 0 for strength in self.read_shape(shape).values()], 0.0, np.inf)
        scale = np.diag(overlaps)
        found = np.zeros(len(looks))
        for _ in range(_SWEEPS):  # coordinate descent: few words, and it ends at the one minimum there is
            for index in range(len(found)):
                left = looks[index] - overlaps[index] @ found + scale[index] * found[index]
                found[index] = max(0.0, left - doubt[index]) / (scale[index] + 1 / _PRIOR**2)
        return dict(zip(self.words, found.tolist(), strict=True))

    def shown(self, points: Float[np.ndarray, "68 2"]) -> dict[str, float]:
        """The words that are `seen` in a face, each up to its limit."""
        return self._up_to_limits(self.seen(points))

    def difference(self, points: Float[np.ndarray, "68 2"], other: Float[np.ndarray, "68 2"]) -> dict[str, float]:
        """By which strengths the expression of the face `other` differs from that of `points`, whoever they are.

        What is seen beyond a word's limit counts as the limit.
        """
        mine, theirs = self.shown(points), self.shown(other)
        return {name: theirs[name] - mine[name] for name in theirs if theirs[name] != mine[name]}

    @cached_property
    def every_word(self) -> dict[str, Word]:
        """`words`, and those of one side of the face."""
        return {**self.words, **one_sided(self.words)}

    @cached_property
    def strengths(self) -> dict[str, Word | Look | HeadWord | RestWord]:
        """All words by name, with their limits: `every_word`, `neutral`, those of the head, and of where it looks."""
        return {**self.every_word, **LOOKS, NEUTRAL.name: NEUTRAL, **HEAD_WORDS}

    def _up_to_limits(self, strengths: Mapping[str, float]) -> dict[str, float]:
        return {name: min(strength, self.words[name].most) for name, strength in strengths.items()}

    @cached_property
    def _readings(self) -> tuple[np.ndarray, np.ndarray]:
        """Readings (K, 136) of the words, and what each makes of the others' fields (K, K)."""
        readings, moves = (
            np.array([np.ravel(each) for each in every])
            for every in zip(*((word.reading, word.field) for word in self.words.values()), strict=True)
        )
        return readings, readings @ moves.T

    def _like_this_face(self, shape: np.ndarray, change: np.ndarray) -> np.ndarray:
        """`change` as far as it suits the face: eyes and mouths narrow by a share, lips neither cross nor gape."""
        change = change.copy()
        for upper, lower in LIDS:
            closes = (change[lower, 1] - change[upper, 1]).mean() < 0
            if closes:
                usual, own = ((face[lower, 1] - face[upper, 1]).mean() for face in (self.rest, shape))
                change[upper + lower, 1] *= np.clip(own / usual, 0, 2)
        right, left = MOUTH_CORNERS
        if change[left, 0] < change[right, 0]:  # a small mouth would be a point
            usual, own = (face[left, 0] - face[right, 0] for face in (self.rest, shape))
            change[MOUTH, 0] *= np.clip(own / usual, 0, 1)
        opens = self.words[_OPENS]
        gap, wide = lip_gap(shape), opens.most * lip_gap(opens.field)
        wanted = gap + lip_gap(change)
        excess = wanted - np.clip(wanted, min(gap, 0), max(gap, wide))
        return np.asarray(change - excess / lip_gap(opens.field) * opens.field)


@cache
def vocabulary() -> Vocabulary:
    """The words that come with ptk."""
    return Vocabulary.read(_FILE)


def parse_expression(text: str, words: Vocabulary | None = None) -> dict[str, float]:
    """``smile=0.7,brows_up=0.3`` -> strengths by word; a word alone has strength 1.

    Raises PtkError that names the option and the mend, for an unknown word, a strength that is none, one that is out
    of the word's range, and a comma too many.
    """
    if len(text) > _LONGEST:
        raise PtkError(f"`expression` {text[:40]}...: is longer than {_LONGEST} characters; name each word once")
    known = (words or vocabulary()).strengths
    strengths: dict[str, float] = {}
    parts = [" ".join(part.split()) for part in text.split(",")]
    for index, part in enumerate(parts):
        check_written(text, parts, index)
        name, equals, number = (each.strip() for each in part.partition("="))
        said = f"`expression` {part}"
        name, sign = ANGLES.get(name, (name, 1))
        if name not in known:
            raise PtkError(f"{said}: there is no such word; {hint(name, known)} {', '.join(known)}")
        if name in strengths:
            raise PtkError(f"{said}: {name} is there twice; leave one of them out")
        word = known[name]
        try:
            strength = float(number) if equals else 1.0
        except ValueError:
            strength = math.nan
        if not math.isfinite(strength):
            raise PtkError(f"{said}: {number or 'nothing'} is no number; write {name}={usual_strength(name)}")
        if name in HEAD_WORDS and not equals:
            raise PtkError(f"{said}: by how many degrees? Write {name}={usual_strength(name)}")
        strength *= sign
        if not word.least <= strength <= word.most:
            what = f"degrees of {name} go" if name in HEAD_WORDS else f"the strength of {name} goes"
            raise PtkError(f"{said}: {what} from {word.least:g} to {word.most:g}")
        strengths[name] = strength
    return strengths


def _text(value: Any, indent: str = "") -> str:
    if isinstance(value, np.ndarray):
        return json.dumps([[float(f"{number:.5g}") for number in row] for row in (np.round(value, 5) + 0.0).tolist()])
    if isinstance(value, Mapping):
        deeper = indent + "  "
        lines = [f"{deeper}{json.dumps(key)}: {_text(each, deeper)}" for key, each in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}" + "}"
    return json.dumps(value, ensure_ascii=False)
