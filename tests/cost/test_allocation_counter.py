"""Bytes that are alive, counted as operations run."""

import torch

from ptk.cost.allocation_counter import REST, AllocationCounter

MIB = 1 << 20


def bytes_of(count):
    return torch.empty(count, dtype=torch.uint8)


def test_the_peak_is_what_is_alive_at_once_and_views_are_free():
    with AllocationCounter() as live:
        first = bytes_of(MIB)
        del first
        second, third = bytes_of(3 * MIB), bytes_of(2 * MIB)
        view = second[:100].view(10, 10)
        del second
        assert live.now[REST] == 5 * MIB
        del view, third
    assert live.now[REST] == 0
    assert live.peak[REST] == 5 * MIB


def test_graphs_hold_what_backward_needs():
    weight = torch.rand(512, 512, requires_grad=True)  # 1 MiB
    live = AllocationCounter()
    live.label("weights", [weight])
    with live:
        total = weight.exp().exp().sum()
        assert live.now[REST] == 2 * MIB + 4
        total.backward()
        live.label("gradients", [weight.grad])
    assert live.now == {"weights": MIB, "gradients": MIB, REST: 4}
    weight.grad = None
    assert live.now["gradients"] == 0


def test_blocks_are_of_whole_grains():
    with AllocationCounter(grain=512) as live:
        kept = [bytes_of(1), bytes_of(513)]
    assert live.now[REST] == 512 + 1024
    del kept


def test_multiplications_are_counted():
    with AllocationCounter() as live:
        torch.rand(3, 4) @ torch.rand(4, 5)
    assert live.flops == 2 * 3 * 4 * 5
