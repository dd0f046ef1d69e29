"""What a study found: shares of first ranks as in the paper's Table 2, strengths, and whether people agree."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ptk.evaluation.comparison.intervals import Interval
from ptk.evaluation.study.answers import QUESTIONS, ROUNDS, Answers, Key, choose_latest
from ptk.evaluation.study.ranking import Rankings, find_agreement

__all__ = ["SCHEMA", "Finding", "Report", "as_json", "markdown", "report"]

SCHEMA = "ptk.study-report/1"
_INATTENTIVE = 1 / 3
"""Whoever fails more than this share of the questions for attention does not count."""


@dataclass(frozen=True)
class Finding:
    """Of one round and question: how many rankings, shares of first ranks, strengths, and Kendall's tau of people."""

    round: int
    question: str
    rankings: int
    shares: Mapping[str, Interval]
    strengths: Mapping[str, Interval]
    agreement: float


@dataclass(frozen=True)
class Report:
    """All findings, how many people answered, and why others do not count: rater or file -> why."""

    names: Sequence[str]
    raters: int
    findings: Sequence[Finding]
    left_out: Mapping[str, str]


def report(key: Key, answers: Sequence[Answers], unread: Mapping[str, str]) -> Report:
    """Find what `answers` say; those of people who failed questions for attention do not count.

    `unread` is file -> why of those that could not be read.
    """
    kept, left_out = list[Answers](), dict(unread)
    for one in choose_latest(answers):
        failed, asked = one.count_failed(key)
        if asked and failed / asked > _INATTENTIVE:
            left_out[one.rater] = f"failed {failed} of {asked} questions for attention"
        else:
            kept.append(one)
    findings = [_find(key, kept, turn, question) for turn in (1, 2) for question in QUESTIONS]
    return Report(key.names, len(kept), [each for each in findings if each.rankings], left_out)


def _find(key: Key, answers: Sequence[Answers], turn: int, question: str) -> Finding:
    rankings, raters = list[list[str]](), list[str]()
    groups: dict[str, list[list[str]]] = defaultdict(list)
    for one in answers:
        for given in one.rankings:
            if (given.round, given.question) == (turn, question) and given.group not in key.checks:
                named = [key.groups[given.group][picture] for picture in given.pictures]
                rankings.append(named)
                raters.append(one.rater)
                groups[given.group].append(named)
    model = Rankings(rankings, raters, key.names)
    return Finding(
        round=turn,
        question=question,
        rankings=len(rankings),
        shares=model.find_shares() if rankings else {},
        strengths=model.find_strengths() if rankings else {},
        agreement=find_agreement(list(groups.values())),
    )


def markdown(found: Report) -> str:
    """The report as Markdown: a table of shares, one of strengths, agreement, and who does not count."""
    heads = [f"{ROUNDS[each.round - 1]}, {each.question}" for each in found.findings]
    parts = [f"{found.raters} people. In per cent, with 95 % intervals over people."]
    for title, name in (("Share of first ranks", "shares"), ("Strength (Plackett-Luce)", "strengths")):
        lines = [["", *heads], ["---"] * (len(heads) + 1)]
        lines += [[row, *(_percent(getattr(each, name)[row]) for each in found.findings)] for row in found.names]
        parts += [f"### {title}", "\n".join(f"| {' | '.join(line)} |" for line in lines)]
    said = [f"- {head}: {_number(each.agreement)}" for head, each in zip(heads, found.findings, strict=True)]
    parts += ["### Agreement between people (Kendall's tau; 0 is chance)", "\n".join(said)]
    if found.left_out:
        parts += ["### Not counted", "\n".join(f"- {name}: {why}" for name, why in found.left_out.items())]
    return "\n\n".join(parts) + "\n"


def as_json(found: Report) -> dict[str, Any]:
    """The report as plain data. No nan: null."""
    return {
        "schema": SCHEMA,
        "names": list(found.names),
        "raters": found.raters,
        "left_out": dict(found.left_out),
        "findings": [
            {
                "round": each.round,
                "question": each.question,
                "rankings": each.rankings,
                "agreement": _plain(each.agreement),
                "shares": {name: _span(one) for name, one in each.shares.items()},
                "strengths": {name: _span(one) for name, one in each.strengths.items()},
            }
            for each in found.findings
        ],
    }


def _percent(one: Interval) -> str:
    if math.isnan(one.mean):
        return "–"
    said = f"{100 * one.mean:.1f}"
    return said if math.isnan(one.low) else f"{said} ({100 * one.low:.1f} to {100 * one.high:.1f})"


def _number(value: float) -> str:
    return "nobody saw the same" if math.isnan(value) else f"{value:.2f}"


def _span(one: Interval) -> dict[str, float | None]:
    return {"mean": _plain(one.mean), "low": _plain(one.low), "high": _plain(one.high)}


def _plain(value: float) -> float | None:
    return value if math.isfinite(value) else None
