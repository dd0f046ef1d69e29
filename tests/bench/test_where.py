"""Where time goes: every part has its own, its backward pass included, and all of them the whole."""

import time

import pytest
import torch

from ptk.bench.where import named, where

CPU = torch.device("cpu")


class Slow:
    def outer(self):
        time.sleep(0.02)
        self.inner()

    def inner(self):
        time.sleep(0.04)


def test_the_innermost_part_has_the_time():
    slow = Slow()

    def work():
        time.sleep(0.03)
        slow.outer()

    with named({"outer": [(slow, "outer")], "inner": [(slow, "inner")]}):
        found = where(work, CPU)
    assert found == {
        "rest": pytest.approx(0.03, abs=0.01),
        "outer": pytest.approx(0.02, abs=0.01),
        "inner": pytest.approx(0.04, abs=0.01),
    }
    assert "outer" not in vars(slow)  # all is as it was


def test_a_backward_pass_counts_for_the_part_that_went_forward():
    heavy, light = torch.nn.Linear(1500, 1500), torch.nn.Linear(1500, 1)
    given = torch.rand(1500, 1500)

    def work():
        light(heavy(given)).sum().backward()

    with named({"heavy": [(heavy, "forward")], "light": [(light, "forward")]}):
        found = where(work, CPU)
    with named({"heavy": [(heavy, "forward")]}), torch.no_grad():
        forward = where(lambda: heavy(given), CPU)
    assert found["heavy"] > 1.5 * forward["heavy"]
    assert found["heavy"] > found["light"] + found["rest"]
