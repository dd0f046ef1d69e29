"""Expressions by words: where the 68 landmarks go when a face smiles, more or less, and which expression a face has.

Each word is a displacement of the landmarks of aligned faces (`ptk.faces.align`), learned from people
(`ptk.data.vocabulary`) and kept in expressions.json. A face's own shape stays: words are added to it, in its own pose.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.errors import PtkError
from ptk.faces.align import aligned, posed
from ptk.faces.anatomy import lip_gap, possible
from ptk.faces.hints import hint
from ptk.faces.topology import LIDS, MOUTH, MOUTH_CORNERS
from ptk.files import write_bytes

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, Float64

__all__ = ["SCHEMA", "Vocabulary", "Word", "parse_expression", "told", "vocabulary"]

SCHEMA = "ptk.expressions/1"
_FILE = Path(__file__).with_name("expressions.json")

_OPENS = "open_mouth"  # the word along which lips part, or close, by how far other words would open them too wide
_SMILE = "closed_smile"  # how it draws the corners of the mouth is how all smiles do
_SERIOUS = ("anger", "disgust", "fear", "kiss", "sadness", "surprise")  # words which no mouth says that smiles
_GIVES = 0.75  # of a smile, which gives way to those: of all of it, some people are hard to know again
_DOUBT = 2.0  # standard deviations of faces at rest: a word that is seen by less than that is not taken for one
_SURE = 0.3  # strength of a word that a face shows for certain
_PRIOR = 1.0  # standard deviation of strengths, a guess that only matters where words look alike
_SWEEPS = 200
_PLAIN = str.maketrans("，、；;＝：:−–—．٫", ",,,,===---..")  # what other keyboards and programs write
_LONGEST = 2000  # characters: all words there are, with their strengths, take 300
_SMALL = 0.05  # strengths below that are not worth telling


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

    def moved(self, points: Float[np.ndarray, "68 2"], strengths: Mapping[str, float]) -> Float32[np.ndarray, "68 2"]:
        """The landmarks `points` (any unit) of a face whose expression changes by words times their `strengths`.

        Strengths add to what the face shows already, but a smile gives way to a serious word without one; all
        zero leave it as it is to the last bit. Lids and lips never pass each other, and eyes narrow by a share of how
        far they are open. Raises KeyError for an unknown word and LandmarksError for what is no face.
        """
        shape = aligned(points)
        change = np.zeros_like(shape)
        for name, strength in strengths.items():
            change += strength * self.words[name].field
        change -= self._smile_to_end(points, strengths, lip_gap(change))
        goal = possible(shape, shape + self._like_this_face(shape, change))
        return np.asarray(points + (posed(goal, points) - posed(shape, points)), dtype=np.float32)

    def seen(self, points: Float[np.ndarray, "68 2"]) -> dict[str, float]:
        """Which words a face shows, and how strongly: at least 0, and mostly 0.

        The most probable strengths, given how people at rest differ: least squares weighted by the inverse of their
        covariance, with a word's strength shrunk by two standard deviations (an L1 penalty: Tibshirani 1996), so that
        somebody's thin lips or high brows are not taken for an expression. Raises LandmarksError for what is no face.
        """
        readings, overlaps = self._readings
        looks = readings @ (aligned(points) - self.rest).ravel()
        scale = np.diag(overlaps)
        doubt = _DOUBT * np.sqrt(scale)
        found = np.zeros(len(looks))
        for _ in range(_SWEEPS):  # coordinate descent: few words, and it ends at the one minimum there is
            for index in range(len(found)):
                left = looks[index] - overlaps[index] @ found + scale[index] * found[index]
                found[index] = max(0.0, left - doubt[index]) / (scale[index] + 1 / _PRIOR**2)
        return dict(zip(self.words, found.tolist(), strict=True))

    def difference(self, points: Float[np.ndarray, "68 2"], other: Float[np.ndarray, "68 2"]) -> dict[str, float]:
        """By which strengths the expression of the face `other` differs from that of `points`, whoever they are.

        What is seen beyond a word's limit counts as the limit.
        """
        mine, theirs = (
            {name: min(strength, self.words[name].most) for name, strength in self.seen(face).items()}
            for face in (points, other)
        )
        return {name: theirs[name] - mine[name] for name in theirs if theirs[name] != mine[name]}

    def _smile_to_end(self, points: np.ndarray, strengths: Mapping[str, float], parting: float) -> np.ndarray:
        """How far the mouth of a face is drawn by smiles that it shows and that serious words do not go with (68, 2).

        Lips close with a smile, but not where words part them, by `parting`. Smiles among `strengths` are left to them.
        """
        drawn = np.zeros_like(self.rest)
        share = _GIVES * min(1.0, sum(max(0.0, strengths.get(name, 0.0)) for name in _SERIOUS))
        if not share:
            return drawn
        corners, scale = list(MOUTH_CORNERS), np.diag(self._readings[1])
        for (name, seen), certain in zip(self.seen(points).items(), scale.tolist(), strict=True):
            field = self.words[name].field
            # as strong as it is: what doubt takes off goes back on where there is little doubt
            strength = seen * (1 + 1 / _PRIOR**2 / certain) + min(1, seen / _SURE) * _DOUBT / math.sqrt(certain)
            smiles = (field[corners] * self.words[_SMILE].field[corners]).sum() > 0 and name not in _SERIOUS
            if smiles and name not in strengths:
                drawn[MOUTH] += share * strength * field[MOUTH]
        opens = self.words[_OPENS].field
        stays = np.clip(parting / lip_gap(opens), 0, 1)
        return np.asarray(drawn - stays * lip_gap(drawn) / lip_gap(opens) * opens)

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
    known = (words or vocabulary()).words
    strengths: dict[str, float] = {}
    parts = [" ".join(part.split()) for part in text.split(",")]
    for index, part in enumerate(parts):
        _check_written(text, parts, index)
        name, equals, number = (each.strip() for each in part.partition("="))
        said = f"`expression` {part}"
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
            raise PtkError(f"{said}: {number or 'nothing'} is no number; write {name}=0.7")
        if not word.least <= strength <= word.most:
            raise PtkError(f"{said}: the strength of {name} goes from {word.least:g} to {word.most:g}")
        strengths[name] = strength
    return strengths


def told(strengths: Mapping[str, float]) -> str:
    """Strengths as ``smile=0.71, open_mouth=0.20``, the strongest first, without those that do next to nothing."""
    shown = sorted(strengths.items(), key=lambda item: -abs(item[1]))
    return ", ".join(f"{name}={strength:.2f}" for name, strength in shown if abs(strength) >= _SMALL)


def _check_written(text: str, parts: list[str], index: int) -> None:
    """Raise PtkError where part `index` of `text` is no ``word=strength``, with how to write it."""
    part, line = parts[index], " ".join(text.split())
    said = f"`expression` {line or repr(text)}"
    if not part:
        comma = "has a comma with no word beside it; leave it out"
        raise PtkError(f"{said}: {comma if parts[1:] else 'names no word; write smile=0.7'}")
    if index and part.isdigit() and re.search(r"=\s*[-+]?\d+$", parts[index - 1]):
        raise PtkError(f"{said}: decimals have a point, not a comma: write {parts[index - 1]}.{part}")
    plain = part.translate(_PLAIN)
    if plain != part:
        raise PtkError(f"{said}: write it in plain characters: {line.translate(_PLAIN)}")
    if not re.fullmatch(r"[^=\d]+(=\s*[^\s=]*)?", part):
        raise PtkError(f"{said}: {part} is no word with its strength; write it as smile=0.7,brows_up=0.3")


def _text(value: Any, indent: str = "") -> str:
    if isinstance(value, np.ndarray):
        return json.dumps([[float(f"{number:.5g}") for number in row] for row in (np.round(value, 5) + 0.0).tolist()])
    if isinstance(value, Mapping):
        deeper = indent + "  "
        lines = [f"{deeper}{json.dumps(key)}: {_text(each, deeper)}" for key, each in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}" + "}"
    return json.dumps(value, ensure_ascii=False)
