"""What an evaluation says: means over people, as JSON and for tables."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from ptk.evaluation.candidates import CANDIDATES

if TYPE_CHECKING:
    from ptk.evaluation.evaluate import Case, Evaluation
    from ptk.evaluation.people import People

__all__ = ["SCHEMA", "Row", "as_json", "groups", "mean", "ranked", "rows", "switched"]

SCHEMA = "ptk.evaluation/1"

_RANKING = ("lpips", "ssim", "mse")
"""By the first of these that was measured, cases are put in order."""


@dataclass(frozen=True)
class Row:
    """A line of the table: a metric in one domain, and the mean of each candidate that has one."""

    name: str
    lower_is_better: bool
    means: Mapping[str, float]

    @property
    def best(self) -> bool:
        """Whether the result is better than both baselines."""
        result, others = self.means.get("result"), [self.means.get(name) for name in ("unchanged", "warp")]
        if result is None or math.isnan(result):
            return False
        return all(other is None or (result < other) == self.lower_is_better for other in others)


def mean(cases: Sequence[Case], metric: str, candidate: str) -> float:
    """The mean over people of the mean over each one's cases, of values that are numbers; nan without any."""
    people: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        value = case.values.get(metric, {}).get(candidate, math.nan)
        if math.isfinite(value):
            people[case.source.identity].append(value)
    return fmean(map(fmean, people.values())) if people else math.nan


def rows(evaluation: Evaluation, domain: str) -> list[Row]:
    """The lines of the table for `domain`."""
    cases = [case for case in evaluation.cases if case.domain == domain]
    found = []
    for name in evaluation.metrics.parts:
        if any(name in case.values for case in cases):
            means = {candidate: mean(cases, name, candidate) for candidate in CANDIDATES}
            found.append(Row(name, evaluation.metrics.lower_is_better(name), means))
    for name, domains in evaluation.sets.items():
        values = domains.get(domain, {})
        if not all(map(math.isnan, values.values())):  # the sets are too small to say anything
            found.append(Row(name, evaluation.metrics.lower_is_better(name), values))
    return found


def switched(evaluation: Evaluation, domain: str) -> float:
    """The share of results in `domain` that are nearer to the true image there than to that in any other domain."""
    return fmean(case.looks_like == domain for case in evaluation.cases if case.domain == domain)


def moved(evaluation: Evaluation, domain: str) -> float:
    """By how many of 255 levels landmarks change the face box, in the mean over the cases of `domain`."""
    return fmean(case.moved for case in evaluation.cases if case.domain == domain)


def ranked(evaluation: Evaluation, domain: str) -> list[Case]:
    """The cases of `domain`, the worst first, by LPIPS where it was measured, or else by SSIM or MSE."""
    cases = [case for case in evaluation.cases if case.domain == domain]
    name = next((name for name in _RANKING if name in evaluation.metrics.parts), None)
    if name is None:
        return cases
    sign = -1 if evaluation.metrics.lower_is_better(name) else 1
    return sorted(cases, key=lambda case: sign * case.values[name]["result"])


def groups(cases: Sequence[Case], of: Mapping[str, str]) -> dict[str, list[Case]]:
    """The cases of each group: `of` is identity -> group; whoever is in none is left out."""
    found: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if group := of.get(case.source.identity):
            found[group].append(case)
    return dict(sorted(found.items()))


def as_json(
    evaluation: Evaluation, people: People, weights: Mapping[str, Any], fine: Evaluation | None = None
) -> dict[str, Any]:
    """Everything: what was evaluated, means by domain, metric and candidate, and every case. No nan: null.

    `fine` are the same pairs composed at the data's own size.
    """
    composed = None
    if fine is not None:
        domains = {domain: _domain(fine, domain) for domain in fine.domains}
        composed = {"size": fine.size, "domains": domains, "cases": [_case(case) for case in fine.cases]}
    return {
        "schema": SCHEMA,
        "weights": dict(weights),
        "data": {
            "folder": people.folder.resolve().name,
            "split": people.split,
            "people": len(people.shots),
            "pairs": len(people.pairs),
            "licence": people.licence,
        },
        "skipped": dict(evaluation.skipped),
        "domains": {domain: _domain(evaluation, domain) for domain in evaluation.domains},
        "cases": [_case(case) for case in evaluation.cases],
        "composed": composed,
    }


def _domain(evaluation: Evaluation, domain: str) -> dict[str, Any]:
    return {
        "metrics": {
            row.name: {name: _number(value) for name, value in row.means.items()} for row in rows(evaluation, domain)
        },
        "switched": switched(evaluation, domain),
        "moved": moved(evaluation, domain),
    }


def _case(case: Case) -> dict[str, Any]:
    values = {name: {each: _number(value) for each, value in of.items()} for name, of in case.values.items()}
    return {
        "person": case.source.identity,
        "source": case.source.photo,
        "target": case.target.photo,
        "domain": case.domain,
        "looks_like": case.looks_like,
        "moved": case.moved,
        "values": values,
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
