"""The key of a study, which says what each picture is, and the answers that people send back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ptk.errors import DataError
from ptk.plain import parse_json, show

__all__ = [
    "ANSWERS",
    "KEY",
    "QUESTIONS",
    "ROUNDS",
    "Answers",
    "Key",
    "Ranking",
    "choose_latest",
    "parse_answers",
    "read_answers",
    "read_key",
]

KEY, ANSWERS = "ptk.study-key/1", "ptk.study-answers/1"
QUESTIONS = ("realism", "identity")
ROUNDS = ("5 seconds", "no limit")
_MOST = 1 << 20


@dataclass(frozen=True)
class Key:
    """What the pictures of a study are: group -> picture -> row; `checks` are group -> the picture that is spoilt."""

    study: str
    names: tuple[str, ...]
    groups: Mapping[str, Mapping[str, str]]
    checks: Mapping[str, str]


@dataclass(frozen=True)
class Ranking:
    """One answer: the pictures of a `group`, best first, to a question in a round (1 or 2)."""

    round: int
    group: str
    question: str
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class Answers:
    """All rankings of one person, whom a number drawn at random stands for."""

    rater: str
    rankings: tuple[Ranking, ...]

    def count_failed(self, key: Key) -> tuple[int, int]:
        """How many questions for attention failed, the spoilt picture not last in realism, and of how many."""
        asked = [one for one in self.rankings if one.group in key.checks and one.question == "realism"]
        return sum(one.pictures[-1] != key.checks[one.group] for one in asked), len(asked)


def read_key(folder: Path) -> Key:
    """Read the key of the study in `folder`. Raises DataError."""
    path = folder / "key.json"
    said = _read(path, KEY, "make the study again, or give its folder")
    study, names, groups, checks = (said.get(name) for name in ("study", "names", "groups", "checks"))
    whole = (
        isinstance(study, str)
        and isinstance(names, list)
        and all(isinstance(name, str) for name in names)
        and isinstance(groups, dict)
        and all(isinstance(of, dict) and set(of.values()) <= {*names, ""} for of in groups.values())
        and isinstance(checks, dict)
        and all(group in groups and picture in groups[group] for group, picture in checks.items())
    )
    if not whole:
        raise DataError(f"{path}: is damaged; make the study again")
    return Key(str(study), tuple(names), groups, checks)  # type: ignore[arg-type]


def read_answers(path: Path, key: Key) -> Answers:
    """Read what one person sent back. Raises DataError for another study's, and for what is damaged."""
    return parse_answers(_read(path, ANSWERS, "ask for the file again"), key, str(path))


def parse_answers(said: Mapping[str, Any], key: Key, name: str) -> Answers:
    """Check the answers in the JSON object called `name`: every ranking is of all pictures of a group of the study.

    The first of two answers to one question counts. Raises DataError.
    """
    if said.get("study") != key.study:
        raise DataError(f"{name}: answers study {show(said.get('study'))}, not {key.study}")
    rater, given = said.get("rater"), said.get("answers")
    if not isinstance(rater, str) or not rater or len(rater) > 64 or not isinstance(given, list):
        raise DataError(f"{name}: is damaged (no rater, or no answers); ask for the file again")
    rankings: dict[tuple[int, str, str], Ranking] = {}
    for number, one in enumerate(given, 1):
        ranking = _parse_ranking(one, key)
        if ranking is None:
            raise DataError(f"{name}: answer {number} is none to this study; ask for the file again")
        rankings.setdefault((ranking.round, ranking.group, ranking.question), ranking)
    return Answers(rater, tuple(rankings.values()))


def _parse_ranking(one: object, key: Key) -> Ranking | None:
    if not isinstance(one, dict):
        return None
    turn, group, question, pictures = (one.get(name) for name in ("round", "group", "question", "ranking"))
    if turn not in (1, 2) or question not in QUESTIONS or not isinstance(group, str) or group not in key.groups:
        return None
    if not isinstance(pictures, list) or not all(isinstance(each, str) for each in pictures):
        return None
    if sorted(pictures) != sorted(key.groups[group]):
        return None
    return Ranking(int(turn), group, str(question), tuple(pictures))


def _read(path: Path, schema: str, fix: str) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST:
            raise DataError(f"{path}: is larger than 1 MiB; {fix}")
        said = parse_json(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({(error.strerror or 'no such file').lower()}); {fix}") from error
    except ValueError as error:  # UnicodeDecodeError too
        raise DataError(f"{path}: is no JSON that ptk reads; {fix}") from error
    if not isinstance(said, dict) or said.get("schema") != schema:
        raise DataError(f'{path}: its "schema" is not "{schema}"; {fix}')
    return said


def choose_latest(found: Sequence[Answers]) -> list[Answers]:
    """One of each rater: of those who sent more than one file the longest."""
    each: dict[str, Answers] = {}
    for one in found:
        if one.rater not in each or len(one.rankings) > len(each[one.rater].rankings):
            each[one.rater] = one
    return list(each.values())
