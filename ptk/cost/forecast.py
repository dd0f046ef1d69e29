"""Forecast a run before its first step: seconds a step, FLOPs and memory."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from ptk.cost.allocation_counter import AllocationCounter
from ptk.cost.available_memory import format_bytes, measure_free_memory
from ptk.cost.memory import add_caches, count_step, estimate_step
from ptk.errors import TrainingError
from ptk.faces.topologies import IBUG68, find_topology
from ptk.random_states import keep_random_states
from ptk.training.step import CRITIC, SIDES, Learner
from ptk.types import Pair

__all__ = ["Forecast", "forecast", "measure_flops"]

_DRY_RUN_SECONDS = 15.0
"""A step that is estimated to be shorter is measured; a longer one is not worth the wait."""

_ONCE_SECONDS = 2.0
"""A step that takes so long is measured once: warming up is a small part of it."""

_SMALL_STEP = 2 * 10**10
"""FLOPs of a step that takes less than _DRY_RUN_SECONDS on any machine."""


@dataclass(frozen=True)
class Forecast:
    """`seconds` a step (`measured` in a step without learning, or estimated from `flops`); `memory` in bytes.

    Of that, `missing` bytes are more than the device has left: training is likely to run out of memory.
    """

    flops: int
    seconds: float
    memory: int
    measured: bool
    missing: int = 0

    def format(self, steps: int) -> str:
        """Format seconds a step, the time for `steps` and the memory as a sentence."""
        how = "measured" if self.measured else f"estimated from {self.flops / 1e9:.0f} GFLOP"
        seconds = self.seconds * steps
        units = ((86400, "days"), (3600, "hours"), (60, "minutes"))
        size, unit = next((each for each in units if seconds >= 2 * each[0]), (1, "seconds"))
        step = f"{self.seconds:.0f}" if self.seconds >= 10 else f"{self.seconds:.2g}"
        total = f"{seconds / size:.0f} {unit} for {steps} steps"
        return f"about {step} s a step ({how}), {total}, {format_bytes(self.memory)} of memory"


def forecast(learner: Learner, pair: Pair, returning: int = 0) -> Forecast:
    """Forecast a step of `learner` on `pair`; changes neither weights nor random states.

    FLOPs and memory come from running the step on tensors without content (see `ptk.cost.memory`); where a part
    cannot do that, from running it once as it is. `returning` is the number of images that losses see again.
    """
    device = pair.a.image.device
    settings = learner.settings.model_copy(update={"batch": len(pair)})
    kind, size = "cuda" if device.type == "cuda" else "cpu", pair.a.image.shape[-1]
    try:
        topology = find_topology(pair.a.all_points.shape[1]) or IBUG68
        step = estimate_step(learner.networks, learner.losses, settings, learner.precision, size, kind, topology)
    except TrainingError:
        with keep_random_states():
            networks, losses = copy.deepcopy(learner.networks), copy.deepcopy(learner.losses)
            twin = Learner(networks, losses, learner.settings, learner.precision)
            step = count_step(twin, pair, AllocationCounter())
        del networks, losses, twin  # gone before free memory is measured
    step = add_caches(step, learner.losses, returning)
    left = measure_free_memory(kind)
    there = sum(step.parts.get(name, 0) for name in ("weights", "average", "networks of losses"))
    missing = 0 if left is None else max(0, step.peak - there - left)
    if missing or step.flops > _SMALL_STEP:
        seconds = step.flops / measure_flops(device)
        if missing or seconds > _DRY_RUN_SECONDS:
            return Forecast(step.flops, seconds, step.peak, measured=False, missing=missing)
    seconds, often = _measure_sides(learner, pair, SIDES), learner.settings.critic_steps
    if often > 1:  # the mean of steps in which both sides or one learn
        seconds = (seconds + (often - 1) * _measure_sides(learner, pair, CRITIC)) / often
    return Forecast(step.flops, seconds, step.peak, measured=True)


def measure_flops(device: torch.device) -> float:
    """Measure the FLOPs a second of `device` in a 3x3 convolution of 256 channels, common in these networks."""
    with torch.inference_mode(), keep_random_states():
        layer = nn.Conv2d(256, 256, 3, padding=1).to(device)
        image = torch.zeros(1, 256, 64, 64, device=device)
        for _ in range(2):
            layer(image)
        _synchronize(device)
        start = time.perf_counter()
        for _ in range(5):
            layer(image)
        _synchronize(device)
    return 5 * 2 * 256 * 256 * 9 * 64 * 64 / (time.perf_counter() - start)


def _measure_sides(learner: Learner, pair: Pair, sides: Sequence[str]) -> float:
    """Measure a step of `sides` without learning: the second of two, where the first, which warms up, is short."""
    device = pair.a.image.device
    seconds = 0.0
    with learner.rehearsing(sides) as rehearse:
        for _ in range(2):
            _synchronize(device)
            start = time.perf_counter()
            rehearse(pair)
            _synchronize(device)
            seconds = time.perf_counter() - start
            if seconds > _ONCE_SECONDS:
                break
    return seconds


def _synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
