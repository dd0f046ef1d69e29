"""What weights are asked: another expression, a style, both, or the way back; and which of it is asked of all alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from ptk.evaluation.candidates import faces_of, without_weights
from ptk.evaluation.people import spread
from ptk.types import PHOTO

if TYPE_CHECKING:
    from torch import Tensor

    from ptk.evaluation.comparison.members import Member
    from ptk.evaluation.people import People, Shot

__all__ = ["BACK", "BOTH", "EXPRESSIONS", "KINDS", "STYLES", "Plan", "Trial", "plan_trials"]

EXPRESSIONS, STYLES, BOTH, BACK = "expressions", "styles", "both", "back"

KINDS = {
    EXPRESSIONS: "Another expression of the same person, as a photo",
    STYLES: "The photo in a style, landmarks unchanged",
    BOTH: "Another expression, in a style",
    BACK: "From a style back to the photo, landmarks unchanged",
}
"""Kinds of trials, and what is asked in each.

By the paper's protocol a CycleGAN is compared where no landmark moves, a StarGAN where its words for expressions say
what landmarks say to the others.
"""


@dataclass(frozen=True, eq=False)
class Trial:
    """One thing asked: the image of `source` in the domain `start`, to be as `target` is in `domain`."""

    kind: str
    source: Shot
    target: Shot
    start: str
    domain: str

    @property
    def title(self) -> str:
        """What it is, for people."""
        moved = f"{self.source.title} to {self.target.title}" if self.source is not self.target else self.source.title
        return f"{self.source.identity}: {moved}, {self.start} to {self.domain}"

    def without_weights(self) -> dict[str, Tensor]:
        """What needs no weights, images (1, 3, S, S) in [-1, 1]: "unchanged", "warp" where a face moves, and "true"."""
        if self.source is not self.target:
            return without_weights(self.source, self.target, self.domain)
        ends = {"unchanged": self.start, "true": self.domain}
        return {name: faces_of(self.source, domain).image for name, domain in ends.items()}


@dataclass(frozen=True, eq=False)
class Plan:
    """The trials of one kind that all its `members` are asked, by name; `left_out` says of the others why not."""

    kind: str
    trials: Sequence[Trial]
    members: Sequence[str]
    left_out: Mapping[str, str]

    @property
    def people(self) -> int:
        """How many people its trials show."""
        return len({trial.source.identity for trial in self.trials})


def plan_trials(people: People, members: Sequence[Member], styles: Sequence[str], most: int) -> list[Plan]:
    """The trials of each kind that one of `members` can do, at most `most` of each person in each of `styles`, 0: all.

    Members are compared on the same trials alone: those that every one of them can do. Whoever can do none of those
    that are left is left out.
    """
    plans = []
    for kind in KINDS:
        shared = _list_trials(kind, people, styles)
        taking, left_out = list[str](), dict[str, str]()
        for member in members if shared else ():
            able = [trial for trial in shared if member.does(trial)]
            if able:
                shared = able
                taking.append(member.name)
            else:
                some = taking and any(member.does(trial) for trial in _list_trials(kind, people, styles))
                left_out[member.name] = f"shares nothing with {', '.join(taking)}" if some else member.refuse(kind)
        if taking:
            each: dict[tuple[str, ...], list[Trial]] = defaultdict(list)
            for trial in shared:
                each[trial.source.identity, trial.start, trial.domain].append(trial)
            kept = [trial for trials in each.values() for trial in spread(trials, most)]
            plans.append(Plan(kind, kept, taking, left_out))
    return plans


def _list_trials(kind: str, people: People, styles: Sequence[str]) -> list[Trial]:
    """All trials of a kind for which the data have both images."""
    trials = []
    for shots in people.shots.values():
        pairs = list(permutations(shots, 2)) if kind in (EXPRESSIONS, BOTH) else [(shot, shot) for shot in shots]
        ways = {
            EXPRESSIONS: [(PHOTO, PHOTO)],
            STYLES: [(PHOTO, style) for style in styles],
            BOTH: [(PHOTO, style) for style in styles],
            BACK: [(style, PHOTO) for style in styles],
        }[kind]
        trials += [
            Trial(kind, source, target, start, domain)
            for source, target in pairs
            for start, domain in ways
            if {start, domain} <= source.images.keys() and domain in target.images
        ]
    return trials
