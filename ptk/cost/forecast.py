"""What a run will take, said before its first step."""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from ptk.cost.allocation_counter import LiveBytes
from ptk.cost.available_memory import room, size_text
from ptk.cost.memory import Estimate, counted_step, reckon, remembering
from ptk.errors import TrainingError
from ptk.random_states import keep_random_states
from ptk.training.step import CRITIC, SIDES, Learner
from ptk.types import Pair

__all__ = ["Expectation", "expect", "flops_a_second"]

_DRY_RUN_SECONDS = 15.0
"""A step that is reckoned to be shorter is measured; a longer one is not worth the wait."""


@dataclass(frozen=True)
class Expectation:
    """`seconds` a step (`measured` in a step without learning, or reckoned from `flops`); `memory` in bytes.

    Of that, `lacking` bytes are more than the device has left: training is likely to run out of memory.
    """

    flops: int
    seconds: float
    memory: int
    measured: bool
    lacking: int = 0

    def sentence(self, steps: int) -> str:
        """What people are told: seconds a step, time for `steps`, memory."""
        how = "measured" if self.measured else f"reckoned from {self.flops / 1e9:.0f} GFLOP"
        total = _duration(self.seconds * steps)
        step = f"{self.seconds:.0f}" if self.seconds >= 10 else f"{self.seconds:.2g}"
        return f"about {step} s a step ({how}), {total} for {steps} steps, {size_text(self.memory)} of memory"


def expect(learner: Learner, pair: Pair, returning: int = 0) -> Expectation:
    """Reckon what a step on `pair` takes, where so many images are `returning`. Nothing that training goes by changes.

    FLOPs and memory come from running the step on tensors without content (see `ptk.cost.memory`); where a part
    cannot do that, from running it once as it is.
    """
    device = pair.a.image.device
    settings = learner.settings.model_copy(update={"batch": len(pair)})
    place, size = "cuda" if device.type == "cuda" else "cpu", pair.a.image.shape[-1]
    try:
        step = reckon(learner.networks, learner.losses, settings, learner.precision, size, place)
    except TrainingError:
        step = _run_once(learner, pair)
    step = remembering(step, learner.losses, returning)
    seconds = step.flops / flops_a_second(device)
    left = room(place)
    there = sum(step.parts.get(name, 0) for name in ("weights", "average", "networks of losses"))
    lacking = 0 if left is None else max(0, step.peak - there - left)
    if seconds > _DRY_RUN_SECONDS or lacking:
        return Expectation(step.flops, seconds, step.peak, measured=False, lacking=lacking)
    return Expectation(step.flops, _dry_run(learner, pair), step.peak, measured=True)


def _run_once(learner: Learner, pair: Pair) -> Estimate:
    """A step of a copy of the learner."""
    with keep_random_states():
        networks, losses = copy.deepcopy(learner.networks), copy.deepcopy(learner.losses)
        return counted_step(Learner(networks, losses, learner.settings, learner.precision), pair, LiveBytes())


def flops_a_second(device: torch.device) -> float:
    """What this device reaches in a 3x3 convolution of 256 channels, the most common one in these networks."""
    with torch.inference_mode(), keep_random_states():
        layer = nn.Conv2d(256, 256, 3, padding=1).to(device)
        image = torch.zeros(1, 256, 64, 64, device=device)
        for _ in range(2):
            layer(image)
        _wait(device)
        start = time.perf_counter()
        for _ in range(5):
            layer(image)
        _wait(device)
    return 5 * 2 * 256 * 256 * 9 * 64 * 64 / (time.perf_counter() - start)


def _dry_run(learner: Learner, pair: Pair) -> float:
    """Seconds of a step whose gradients are thrown away, the mean over steps in which both sides or one learn."""
    both, often = _rehearsed(learner, pair, SIDES), learner.settings.critic_steps
    return both if often == 1 else (both + (often - 1) * _rehearsed(learner, pair, CRITIC)) / often


def _rehearsed(learner: Learner, pair: Pair, sides: Sequence[str]) -> float:
    """Seconds of the second of two; the first is warm-up."""
    device = pair.a.image.device
    seconds = 0.0
    with learner.rehearsing(sides) as rehearse:
        for _ in range(2):
            _wait(device)
            start = time.perf_counter()
            rehearse(pair)
            _wait(device)
            seconds = time.perf_counter() - start
    return seconds


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _duration(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"
