"""Where time goes: every part has its own, its backward pass included, and all of them the whole."""

import time

import torch

from ptk.bench.profile_step import label_parts, profile_parts

CPU = torch.device("cpu")


class Slow:
    def outer(self):
        time.sleep(0.06)
        self.inner()

    def inner(self):
        time.sleep(0.12)


def test_the_innermost_part_has_the_time():
    slow, whole = Slow(), []

    def work():
        began = time.perf_counter()
        time.sleep(0.09)
        slow.outer()
        whole.append(time.perf_counter() - began)

    with label_parts({"outer": [(slow, "outer")], "inner": [(slow, "inner")]}):
        found = profile_parts(work, CPU)
    least = {"rest": 0.09, "outer": 0.06, "inner": 0.12}  # a sleep may be longer on a busy machine, never shorter
    assert found.keys() == least.keys()
    assert all(found[part] >= seconds for part, seconds in least.items())
    taken = sum(whole[1:]) / 3  # the first warms up
    assert 0.99 * taken <= sum(found.values()) < taken + min(found.values()), "each second once: no part twice"
    assert "outer" not in vars(slow)  # all is as it was


def test_a_backward_pass_counts_for_the_part_that_went_forward():
    heavy, light = torch.nn.Linear(1500, 1500), torch.nn.Linear(1500, 1)
    given = torch.rand(1500, 1500, requires_grad=True)  # so going back is twice the work of going forward

    def work():
        light(heavy(given)).sum().backward()

    with label_parts({"heavy": [(heavy, "forward")], "light": [(light, "forward")]}):
        found = profile_parts(work, CPU)
    assert found["heavy"] > 2 * (found["light"] + found["rest"])
