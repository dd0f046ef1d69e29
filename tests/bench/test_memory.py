"""The peak of what torch allocates."""

import pytest
import torch

from ptk.bench.memory import peak

CPU = torch.device("cpu")


def test_the_peak_is_what_is_alive_at_once():
    def work():
        first = torch.empty(1 << 20, dtype=torch.uint8)
        del first
        second, third = torch.empty(3 << 20, dtype=torch.uint8), torch.empty(2 << 20, dtype=torch.uint8)
        del second, third

    assert peak(work, CPU) == pytest.approx(5 << 20, abs=4096)


def test_graphs_hold_what_backward_needs():
    weight = torch.rand(512, 512, requires_grad=True)

    def work():
        (weight.exp().exp().sum()).backward()
        weight.grad = None

    assert peak(work, CPU) >= 3 * weight.nbytes
