"""Where time goes: every part has its own, its backward pass included, and all of them the whole."""

import time

import pytest
import torch

from ptk.bench.where import named, where

CPU = torch.device("cpu")


class Slow:
    def outer(self):
        time.sleep(0.06)
        self.inner()

    def inner(self):
        time.sleep(0.12)


def test_the_innermost_part_has_the_time():
    slow = Slow()

    def work():
        time.sleep(0.09)
        slow.outer()

    with named({"outer": [(slow, "outer")], "inner": [(slow, "inner")]}):
        found = where(work, CPU)
    assert found == {
        "rest": pytest.approx(0.09, abs=0.03),
        "outer": pytest.approx(0.06, abs=0.03),
        "inner": pytest.approx(0.12, abs=0.03),
    }
    assert "outer" not in vars(slow)  # all is as it was


def test_a_backward_pass_counts_for_the_part_that_went_forward():
    heavy, light = torch.nn.Linear(1500, 1500), torch.nn.Linear(1500, 1)
    given = torch.rand(1500, 1500, requires_grad=True)  # so going back is twice the work of going forward

    def work():
        light(heavy(given)).sum().backward()

    with named({"heavy": [(heavy, "forward")], "light": [(light, "forward")]}):
        found = where(work, CPU)
    assert found["heavy"] > 2 * (found["light"] + found["rest"])
