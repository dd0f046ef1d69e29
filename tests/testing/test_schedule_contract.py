"""Schedules that break a run later are told by the rule that they break."""

import math

import pytest
from breaches import breaches


class Root:
    """Falls with the root of the step."""

    def factor(self, step, steps):
        return (1 + step) ** -0.5


class Negative(Root):
    def factor(self, step, steps):
        return 1 - 2 * step / steps


class Endless(Root):
    def factor(self, step, steps):
        return math.inf if step == 0 else 1.0


class Word(Root):
    def factor(self, step, steps):
        return "1"


class Idle(Root):
    def factor(self, step, steps):
        return 0.0


class Counting(Root):
    """Falls each time that it is asked."""

    def __init__(self):
        self.now = 1.0

    def factor(self, step, steps):
        self.now *= 0.999
        return self.now


NUMBER = "gives a factor of at least 0 for every step"


@pytest.mark.parametrize(
    ("make", "rule", "breach"),
    [
        (Negative, NUMBER, "must be a finite number of at least 0, it is -"),
        (Endless, NUMBER, "factor(0, 1) must be a finite number of at least 0, it is inf"),
        (Word, NUMBER, "it is '1'"),
        (Idle, "lets runs of any length learn", "a run of 1 steps must learn something"),
        (Counting, "depends on step and steps alone", "when later steps were asked before"),
    ],
)
def test_breaches_are_told(make, rule, breach):
    assert breach in breaches("schedule", make)[rule]


def test_a_sound_one_breaks_none():
    assert breaches("schedule", Root) == {}


def test_what_is_no_schedule_is_told():
    told = breaches("schedule", lambda: 3)
    assert told == {"can be built": "schedules must have the method factor, int has none"}
