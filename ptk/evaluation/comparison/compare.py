"""Have all members do the trials that they share, measure what they make, and take times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from typing import TYPE_CHECKING

import torch

from ptk.errors import PtkError
from ptk.evaluation.comparison.trials import Plan, Trial, plan_trials
from ptk.evaluation.evaluate import measure_candidates
from ptk.evaluation.people import read_people
from ptk.evaluation.styles import Renderers, with_styles
from ptk.plain import quote_error
from ptk.timing import Spread, in_turns
from ptk.types import PHOTO

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from ptk.evaluation.comparison.members import Member
    from ptk.evaluation.evaluate import Metrics
    from ptk.evaluation.people import People

__all__ = [
    "BASELINES",
    "METRICS",
    "Comparison",
    "Measured",
    "compare",
    "find_styles",
    "read_people_for",
    "time_members",
]

METRICS = (
    *("mse", "ssim", "lpips", "identity_distance", "mouth_error", "eyes_error", "brows_error", "jaw_error"),
    "faces_found",
)
"""What is measured where no metrics are named: the paper's two, and what they do not see."""

BASELINES = ("unchanged", "warp", "true")
"""Rows beside those of members; see `ptk.evaluation.candidates.CANDIDATES`."""

_Progress = Callable[[str, int, int], None]
_Shown = Callable[[Trial, Mapping[str, "Tensor"]], None]


@dataclass(frozen=True, eq=False)
class Measured:
    """A trial, and metric -> row -> a value for each of its trainings; nan where a metric found no face."""

    trial: Trial
    values: Mapping[str, Mapping[str, Sequence[float]]]


@dataclass(frozen=True, eq=False)
class Comparison:
    """All that was measured: `plans` and their cases, in the same order.

    `missing` is name -> why of what was named and could not be compared, `seconds` what an image takes each member, at
    its own size; `size` is the side in pixels at which all are measured.
    """

    people: People
    size: int
    metrics: Metrics
    members: Sequence[Member]
    missing: Mapping[str, str]
    plans: Sequence[Plan]
    cases: Sequence[Sequence[Measured]]
    seconds: Mapping[str, Spread]


def find_styles(members: Sequence[Member], styles: Sequence[str]) -> list[str]:
    """The styles that one of `members` knows, in their order; of these the `styles`, where any are named.

    Raises PtkError for one of `styles` that nobody knows.
    """
    known = [name for member in members for name in member.first.domains]
    for name in styles:
        if name not in known:
            raise PtkError(f"`style={name}`: no weights here know it; they know {', '.join(dict.fromkeys(known))}")
    return [name for name in dict.fromkeys(known) if name != PHOTO and (not styles or name in styles)]


def read_people_for(
    folder: Path, split: str, size: int, members: Sequence[Member], styles: Sequence[str], progress: _Progress
) -> tuple[People, dict[str, str]]:
    """The people of `folder` in all `styles`: where it has no renderings, by the first member that can render them.

    And style -> why of those that cannot be rendered here. Raises DataError.
    """
    people = read_people(folder, split, size, [PHOTO, *styles], progress)
    skipped: dict[str, str] = {}
    for member in members:
        renderers = Renderers.of(member.first.metadata).without(set(member.first.domains) - set(styles))
        people = with_styles(people, renderers, progress)
        skipped |= renderers.skipped
    shown = {name for shots in people.shots.values() for shot in shots for name in shot.images}
    return people, {name: why for name, why in skipped.items() if name not in shown}


@torch.inference_mode()
def compare(
    people: People,
    members: Sequence[Member],
    missing: Mapping[str, str],
    metrics: Metrics,
    styles: Sequence[str],
    *,
    most: int = 0,
    patience: float = 5.0,
    progress: _Progress = lambda *_: None,
    shown: _Shown = lambda *_: None,
) -> Comparison:
    """Compare `members` on the trials that they share; one that fails in the middle is told of, the others go on.

    `shown` is given each trial with its images (1, 3, S, S) in [-1, 1], by row, of the first training. Times are taken
    for `patience` seconds. Raises PtkError where a metric fails, or nobody is left.
    """
    size = next(iter(people.shots.values()))[0].size
    lost = dict(missing)
    left = list(members)
    plans = plan_trials(people, left, styles, most)
    todo, done = sum(len(plan.trials) for plan in plans), 0
    cases: list[list[Measured]] = []
    for plan in plans:
        cases.append([])
        for trial in plan.trials:
            images = dict[tuple[str, int], "Tensor"]()
            for member in [each for each in left if each.name in plan.members]:
                try:
                    made = member.make(trial, size)
                except Exception as error:  # networks of plug-ins raise in ways of their own
                    lost[member.name] = f"failed at {trial.title}: {quote_error(error)}"
                    left.remove(member)
                    continue
                images |= {(member.name, number): image for number, image in enumerate(made)}
            images |= {(name, 0): image for name, image in trial.without_weights().items()}
            cases[-1].append(_measure(metrics, trial, images))
            shown(trial, {name: image for (name, number), image in images.items() if not number})
            progress("comparing", done := done + 1, todo)
    if not any({each.name for each in left} & set(plan.members) for plan in plans):
        raise PtkError(f"nothing can be compared: {'; '.join(f'{name}: {why}' for name, why in lost.items())}")
    kept = [_without(plan, lost) for plan in plans]
    return Comparison(people, size, metrics, left, lost, kept, cases, time_members(left, plans, patience))


def time_members(members: Sequence[Member], plans: Sequence[Plan], patience: float) -> dict[str, Spread]:
    """Seconds that one image takes each of `members`, loaded and warm, all of them in turns."""
    works = dict[str, Callable[[], object]]()
    for member in members:
        trials = [trial for plan in plans if member.name in plan.members for trial in plan.trials[:8]]
        if trials:
            others = cycle(trials)  # the last photo is remembered, and what is remembered is not measured
            works[member.name] = lambda member=member, others=others: member.render(next(others))  # type: ignore[misc]
    if not works:
        return {}
    return {name: Spread.of(taken) for name, taken in in_turns(works, _device(members), patience=patience).items()}


def _device(members: Sequence[Member]) -> torch.device:
    found = (getattr(member.first, "device", None) for member in members)
    return next((each for each in found if each is not None), torch.device("cpu"))


def _measure(metrics: Metrics, trial: Trial, images: Mapping[tuple[str, int], Tensor]) -> Measured:
    """Measure the `images` of a trial by row and training."""
    rows = {f"{number} {name}": (name, image) for (name, number), image in images.items()}
    by_key = {key: image for key, (_, image) in rows.items()}
    measured = measure_candidates(metrics, trial.source, trial.target, trial.domain, by_key)
    values: dict[str, dict[str, list[float]]] = {}
    for metric, of in measured.items():
        found = defaultdict[str, list[float]](list)
        for key, value in of.items():
            found[rows[key][0]].append(value)
        values[metric] = dict(found)
    return Measured(trial, values)


def _without(plan: Plan, lost: Mapping[str, str]) -> Plan:
    """`plan` without those that failed in the middle."""
    failed = {name: lost[name] for name in plan.members if name in lost}
    kept = [name for name in plan.members if name not in lost]
    return replace(plan, members=kept, left_out={**plan.left_out, **failed})
