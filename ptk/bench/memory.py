"""How much memory a piece of work takes at its peak."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile

__all__ = ["peak"]


def peak(work: Callable[[], object], device: torch.device) -> int:
    """Bytes of tensors on `device` at the peak of `work`, those that were there before left out on the CPU.

    On CUDA it is what torch's allocator counts, everything included. On the CPU torch's profiler tells of every
    allocation; what convolutions use inside their library is not among them.
    """
    work()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        work()
        return torch.cuda.max_memory_allocated(device)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        work()
    now = highest = 0
    results = profiler.profiler.kineto_results.events() if profiler.profiler else []
    for event in sorted((one for one in results if one.name() == "[memory]"), key=lambda one: one.start_ns()):
        now += event.nbytes()
        highest = max(highest, now)
    return highest
