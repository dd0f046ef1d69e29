"""The contract of schedules: a factor of at least 0 for every step, which depends on the step and the plan alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ptk.testing.assertions import expect
from ptk.testing.contracts.common import DESCRIBED, REPEATED, SENT
from ptk.testing.rule import Rule

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]

_PLANS = (1, 2, 7, 600, 200_000)
"""Numbers of steps that runs train."""

_ASKED = [(step, steps) for steps in _PLANS for step in sorted({*range(0, steps, max(1, steps // 20)), steps - 1})]
"""Some twenty steps of each plan, the first and the last among them."""


def _numbers(trial: Trial) -> None:
    for asked in _ASKED:
        factor = trial.built.factor(*asked)
        good = isinstance(factor, int | float) and math.isfinite(factor) and factor >= 0
        expect(good, f"factor{asked} must be a finite number of at least 0, it is {factor!r:.60}")


def _learns(trial: Trial) -> None:
    for plan in _PLANS:
        factors = [trial.built.factor(step, steps) for step, steps in _ASKED if steps == plan]
        expect(max(factors) > 0, f"a run of {plan} steps must learn something; all factors that were tried are 0")


def _stateless(trial: Trial) -> None:
    forwards = [trial.built.factor(*asked) for asked in _ASKED]
    backwards = [trial.built.factor(*asked) for asked in reversed(_ASKED)]
    for asked, one, other in zip(_ASKED, forwards, reversed(backwards), strict=True):
        expect(
            one == other,
            f"factor{asked} must depend on step and steps alone, or a resumed run differs; it is {one:.6g}, and "
            f"{other:.6g} when later steps were asked before",
        )


RULES = (
    *DESCRIBED,
    Rule("gives a factor of at least 0 for every step", _numbers),
    Rule("lets runs of any length learn", _learns),
    Rule("depends on step and steps alone", _stateless),
    *REPEATED,
    *SENT,
)


def answer(_: Trial, part: Any) -> Any:
    """The factors of some steps of several plans."""
    return [part.factor(*asked) for asked in _ASKED]
