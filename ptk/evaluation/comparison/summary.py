"""What a comparison says: each row's means with intervals, and what it differs from the first row by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.evaluation.comparison.compare import BASELINES, Comparison, Measured
from ptk.evaluation.comparison.intervals import Interval, find_difference, find_mean
from ptk.evaluation.comparison.trials import KINDS, Plan

if TYPE_CHECKING:
    from ptk.timing import Spread

__all__ = ["SCHEMA", "Table", "as_json", "summarise"]

SCHEMA = "ptk.comparison/1"


@dataclass(frozen=True)
class Table:
    """One kind of trials: row -> metric -> mean, and of all rows but `reference` what they differ from it by.

    `lower_is_better` has its metrics in their order, `left_out` is name -> why of members without a row.
    """

    kind: str
    title: str
    images: int
    people: int
    domains: Sequence[str]
    reference: str
    lower_is_better: Mapping[str, bool]
    means: Mapping[str, Mapping[str, Interval]]
    differences: Mapping[str, Mapping[str, Interval]]
    left_out: Mapping[str, str]

    @property
    def rows(self) -> list[str]:
        """Members, then the baselines."""
        return list(self.means)

    def is_better(self, metric: str, difference: Interval) -> bool:
        """Whether a difference from the reference is for the better."""
        return (difference.mean < 0) == self.lower_is_better[metric]

    @property
    def lead(self) -> str:
        """On what it was measured, in a line."""
        where = "" if set(self.domains) == {"photo"} else f", in {', '.join(self.domains)}"
        return f"{self.images} images of {self.people} people{where}"


def summarise(comparison: Comparison) -> list[Table]:
    """The tables of a comparison that have a member."""
    pairs = zip(comparison.plans, comparison.cases, strict=True)
    return [_make_table(comparison, plan, cases) for plan, cases in pairs if plan.members]


def _make_table(comparison: Comparison, plan: Plan, cases: Sequence[Measured]) -> Table:
    rows = [*plan.members, *BASELINES]
    people = [case.trial.source.identity for case in cases]
    domains = [case.trial.start if plan.kind == "back" else case.trial.domain for case in cases]
    reference = plan.members[0]
    means: dict[str, dict[str, Interval]] = {}
    differences: dict[str, dict[str, Interval]] = {}
    for row in rows:
        for metric in comparison.metrics.parts:
            values = _collect(cases, metric, row)
            if values is None:
                continue
            means.setdefault(row, {})[metric] = find_mean(values, people)
            others = _collect(cases, metric, reference)
            if others is not None and row not in (reference, "true"):
                differences.setdefault(row, {})[metric] = find_difference(values, others, people)
    measured = [name for name in comparison.metrics.parts if any(name in of for of in means.values())]
    return Table(
        kind=plan.kind,
        title=KINDS[plan.kind],
        images=len(cases),
        people=plan.people,
        domains=list(dict.fromkeys(domains)),
        reference=reference,
        lower_is_better={name: comparison.metrics.lower_is_better(name) for name in measured},
        means=means,
        differences=differences,
        left_out={**plan.left_out, **comparison.missing},
    )


def _collect(cases: Sequence[Measured], metric: str, row: str) -> np.ndarray | None:
    """(trainings, cases) of one row's values; None where it has none."""
    values = [case.values.get(metric, {}).get(row) for case in cases]
    runs = max((len(each) for each in values if each is not None), default=0)
    if not runs:
        return None
    return np.array([[math.nan] * runs if each is None else list(each) for each in values]).T


def as_json(comparison: Comparison, tables: Sequence[Table]) -> dict[str, Any]:
    """Everything as plain data: members, what is missing, tables, and every case. No nan: null."""
    people = comparison.people
    return {
        "schema": SCHEMA,
        "data": {
            "folder": people.folder.resolve().name,
            "split": people.split,
            "people": len(people.shots),
            "licence": people.licence,
        },
        "size": comparison.size,
        "weights": [
            {
                "name": member.name,
                "files": [str(file) for file in member.files],
                "recipe": name_recipe(member.first.metadata),
                "trainings": len(member.translators),
                "size": member.first.size,
                "parameters": member.parameters,
                "hears": member.hears,
                "seconds": _spread(comparison.seconds.get(member.name)),
                "note": member.note,
            }
            for member in comparison.members
        ],
        "missing": dict(comparison.missing),
        "skipped": dict(comparison.metrics.skipped),
        "tables": [
            {
                "kind": table.kind,
                "title": table.title,
                "images": table.images,
                "people": table.people,
                "domains": list(table.domains),
                "reference": table.reference,
                "means": _plain(table.means),
                "differences": _plain(table.differences),
                "left_out": dict(table.left_out),
            }
            for table in tables
        ],
        "cases": [_case(case) for cases in comparison.cases for case in cases],
    }


def name_recipe(metadata: Mapping[str, Any]) -> str:
    """The name of the recipe of weights; "" where they say none."""
    recipe = metadata.get("recipe")
    return str(recipe.get("recipe", "")) if isinstance(recipe, Mapping) else ""


def _plain(intervals: Mapping[str, Mapping[str, Interval]]) -> dict[str, dict[str, dict[str, float | None]]]:
    return {
        row: {
            metric: {"mean": _number(one.mean), "low": _number(one.low), "high": _number(one.high)}
            for metric, one in of.items()
        }
        for row, of in intervals.items()
    }


def _case(case: Measured) -> dict[str, Any]:
    trial = case.trial
    return {
        "kind": trial.kind,
        "person": trial.source.identity,
        "source": trial.source.photo,
        "target": trial.target.photo,
        "start": trial.start,
        "domain": trial.domain,
        "values": {
            metric: {row: [_number(value) for value in values] for row, values in of.items()}
            for metric, of in case.values.items()
        },
    }


def _spread(taken: Spread | None) -> dict[str, float] | None:
    return None if taken is None else {"median": taken.median, "low": taken.low, "high": taken.high}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
