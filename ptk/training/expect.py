"""What a run will take, said before its first step."""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from ptk.recipe.build import WeightedLoss
from ptk.training.step import Learner, gradients
from ptk.types import Faces, Pair

__all__ = ["Expectation", "expect"]

_DRY_RUN_SECONDS = 15.0
"""A step that is reckoned to be shorter is measured; a longer one is not worth the wait."""


@dataclass(frozen=True)
class Expectation:
    """`seconds` a step (`measured` in a step without learning, or reckoned from `flops`); `memory` in bytes."""

    flops: int
    seconds: float
    memory: int
    measured: bool

    def sentence(self, steps: int) -> str:
        """What people are told: seconds a step, time for `steps`, memory."""
        how = "measured" if self.measured else f"reckoned from {self.flops / 1e9:.0f} GFLOP"
        total = _duration(self.seconds * steps)
        return f"about {self.seconds:.2g} s a step ({how}), {total} for {steps} steps, {_size(self.memory)} of memory"


def expect(learner: Learner, pair: Pair) -> Expectation:
    """Reckon what a step on `pair` takes. Changes nothing: no weight, no random state.

    FLOPs and memory come from running the step on torch's meta device, which does no arithmetic: memory is parameters,
    gradients, optimiser, average, and what the backward pass keeps. It leaves out what convolutions use meanwhile.
    """
    flops, kept = _on_meta(learner, pair)
    weights = sum(p.numel() for side in ("generator", "critic") for p in learner.networks.side(side))
    averaged = sum(p.numel() for p in learner.average.network.parameters())
    memory = 4 * (4 * weights + averaged) + kept  # float32: the weight, its gradient, Adam's two moments
    seconds = flops / _flops_a_second(pair.a.image.device)
    if seconds > _DRY_RUN_SECONDS:
        return Expectation(flops, seconds, memory, measured=False)
    return Expectation(flops, _dry_run(learner, pair), memory, measured=True)


def _on_meta(learner: Learner, pair: Pair) -> tuple[int, int]:
    networks = copy.deepcopy(learner.networks).to("meta")
    losses = {side: [_meta_loss(loss) for loss in terms] for side, terms in learner.losses.items()}
    kept: dict[int, int] = {}
    alive: list[Tensor] = []

    def note(tensor: Tensor) -> Tensor:
        # Storages are told apart by address, so each noted tensor is kept alive until the count is done.
        alive.append(tensor)
        kept[tensor.untyped_storage()._cdata] = tensor.untyped_storage().nbytes()
        return tensor

    counter = FlopCounterMode(display=False)
    with counter, torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        gradients(networks, losses, _meta_pair(pair), torch.float32)
    half = 1 if learner.precision == torch.float32 else 2
    return counter.get_total_flops(), sum(kept.values()) // half


def _meta_loss(loss: WeightedLoss) -> WeightedLoss:
    function: nn.Module = copy.deepcopy(loss.function).to("meta")
    return WeightedLoss(loss.name, loss.weight, function)


def _meta_pair(pair: Pair) -> Pair:
    def empty(faces: Faces) -> Faces:
        return Faces(points=faces.points.to("meta"), domain=faces.domain.to("meta"), image=faces.image.to("meta"))

    return Pair(a=empty(pair.a), b=empty(pair.b))


def _flops_a_second(device: torch.device) -> float:
    """What this device reaches in a 3x3 convolution of 256 channels, the most common one in these networks."""
    devices = [device] if device.type == "cuda" else []
    with torch.inference_mode(), torch.random.fork_rng(devices):
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
    """Seconds of a step whose gradients are thrown away; the first of two is warm-up."""
    device = pair.a.image.device
    seconds = 0.0
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        for _ in range(2):
            _wait(device)
            start = time.perf_counter()
            gradients(learner.networks, learner.losses, pair, learner.precision)
            _wait(device)
            seconds = time.perf_counter() - start
            learner.networks.zero_grad(set_to_none=True)
    return seconds


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _duration(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
