"""Works measured in turns: warmed up, round by round, each in its place."""

import time

import pytest
import torch

from ptk.timing import Spread, in_turns, ratios

CPU = torch.device("cpu")


def test_works_take_turns_after_a_warm_up():
    order = []
    taken = in_turns({name: lambda name=name: order.append(name) for name in "abc"}, CPU, patience=0, rounds=4)
    assert "".join(order) == "aabbcc" + "abc" + "cba" + "abc"
    assert {name: len(each) for name, each in taken.items()} == {"a": 3, "b": 3, "c": 3}


def test_rounds_go_on_as_long_as_patience_lasts():
    assert len(in_turns({"a": lambda: None}, CPU, patience=60, rounds=17)["a"]) == 17


def test_seconds_are_seconds():
    taken = in_turns({"long": lambda: time.sleep(0.05), "short": lambda: None}, CPU, patience=0)
    assert min(taken["long"]) >= 0.05 > min(taken["short"])


def test_a_ratio_is_of_one_round_never_of_the_medians():
    found = ratios([2.0, 8.0, 30.0], [1.0, 2.0, 10.0])
    assert (found.median, found.count) == (3.0, 3)


def test_a_spread_has_the_median_and_quartiles():
    assert Spread.of([5.0, 1.0, 3.0, 2.0, 4.0]) == Spread(median=3.0, low=2.0, high=4.0, count=5)
    with pytest.raises(IndexError):
        Spread.of([])
