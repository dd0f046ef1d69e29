"""Estimate the memory that a recipe's training takes at its peak, without taking it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from ptk.cost.allocation_counter import REST, AllocationCounter
from ptk.cost.fake_step import fake_tensors, make_fake_pair, strip_content
from ptk.data.source import open_source
from ptk.errors import PtkError, RecipeError, TrainingError
from ptk.faces.topologies import IBUG68, Topology
from ptk.random_states import keep_random_states
from ptk.recipe.build import WeightedLoss, without_pretrained
from ptk.recipe.schema import Recipe, TrainingSettings
from ptk.training.networks import AdversarialNetworks
from ptk.training.run import build_losses_of, build_networks
from ptk.training.start_weights import freeze
from ptk.training.step import SIDES, Learner
from ptk.types import Pair

__all__ = ["Estimate", "Losses", "add_caches", "count_step", "estimate", "estimate_step"]

Losses = Mapping[str, list[WeightedLoss]]

_GRAIN = {"cuda": 512, "cpu": 1}
_PASSING = (REST, "gradients", "batch")


@dataclass(frozen=True)
class Estimate:
    """A step's `flops`, and `parts`: bytes by what they are for, at the moment of the step when their sum is highest.

    `remark` says how it was come by where a part of the recipe could not be run without content; "" otherwise.
    """

    flops: int
    parts: Mapping[str, int]
    remark: str = ""

    @property
    def peak(self) -> int:
        """Bytes at the peak of a step, everything included."""
        return sum(self.parts.values())

    @property
    def persistent(self) -> int:
        """Bytes that stay from step to step."""
        return sum(size for name, size in self.parts.items() if name not in _PASSING)


def estimate(recipe: Recipe, device: str, precision: torch.dtype, losses: Losses | None = None) -> Estimate:
    """Estimate a step of `recipe` on `device`, "cpu" or "cuda", which need not be here; see `estimate_step`.

    Takes the time of building the losses (`losses` saves it) and about a second. A part that cannot run without content
    is measured instead: three small steps on the CPU, in float32, extrapolated to batch and size; the remark says so.
    Raises what building the parts raises, and RecipeError when the size does not fit the networks.
    """
    meta, losses = torch.device("meta"), losses or build_losses_of(without_pretrained(recipe), torch.device("cpu"))
    with meta:
        networks = build_networks(recipe, meta)
        if recipe.training.freeze:
            freeze(networks, recipe)
    try:
        size, topology = recipe.data.size, recipe.topology
        found = estimate_step(networks, losses, recipe.training, precision, size, device, topology)
    except TrainingError as error:
        found = _extrapolate(recipe, losses, str(error))
    return add_caches(found, losses, open_source(recipe).count_recurring())


def add_caches(found: Estimate, losses: Losses, images: int) -> Estimate:
    """Add what losses cache of `images` that training sees again: their own `remembers(images)`, in bytes."""
    kept = sum(int(loss.declares.remembers(images)) for terms in losses.values() for loss in terms)
    return dataclasses.replace(found, parts={**found.parts, "remembered": kept}) if kept else found


def estimate_step(
    networks: AdversarialNetworks,
    losses: Losses,
    settings: TrainingSettings,
    precision: torch.dtype,
    size: int,
    device: str,
    topology: Topology = IBUG68,
) -> Estimate:
    """Run a training step on copies without content, on faces of `size` pixels, as on `device`, and count it.

    The faces have the landmarks of `topology`. Changes nothing, and takes no memory to speak of. What libraries use
    inside an operation is not counted: cuDNN's workspaces, and the processor's for convolutions. Raises TrainingError,
    which names the part, where one needs values.
    """
    parts: dict[int, str] = {}  # the part of each module, by the module's id
    try:
        with fake_tensors(device):
            learner = Learner(strip_content(networks), strip_content(losses), settings, precision)
            named = [(name if " " in name else f"the {name}", part) for name, part in learner.networks.parts().items()]
            named += [(f"loss {loss.name}", loss.function) for terms in learner.losses.values() for loss in terms]
            parts = {id(module): name for name, part in named for module in part.modules()}
            pair = make_fake_pair(settings.batch, size, topology)
            return count_step(learner, pair, AllocationCounter(_GRAIN[device]))
    except PtkError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())[:120] or type(error).__name__
        part, trace = "a part of the recipe", error.__traceback__
        while trace is not None:  # the innermost part in whose code it came up
            part, trace = parts.get(id(trace.tb_frame.f_locals.get("self")), part), trace.tb_next
        raise TrainingError(f"{part} cannot run on tensors without content ({said})") from error


def count_step(learner: Learner, pair: Pair, live: AllocationCounter) -> Estimate:
    """Count a step of `learner` on `pair` in which both sides learn, the optimisers' state included. Weights change."""
    networks, average = learner.networks, learner.average.network
    learner.step = learner.settings.critic_steps - 1
    learned = [one for side in SIDES for one in learner.side(side) if one.requires_grad]
    for parameter in learned:
        parameter.grad = torch.zeros_like(parameter)
    learner.apply()
    states = [state for optimiser in learner.optimisers.values() for state in optimiser.state.values()]
    live.label("weights", _held(networks))
    live.label("optimiser", (value for state in states for value in state.values() if isinstance(value, Tensor)))
    live.label("average", _held(average))
    live.label(
        "networks of losses", (one for terms in learner.losses.values() for loss in terms for one in _held(loss))
    )
    live.label("batch", (one for faces in (pair.a, pair.b) for one in (faces.points, faces.domain, faces.image)))
    hooks: list[Any] = [
        parameter.register_post_accumulate_grad_hook(lambda one: live.label("gradients", [one.grad]))  # type: ignore[no-untyped-call]
        for parameter in learned
    ]
    live.reset_peak()
    try:
        with live:
            learner.learn(pair)
    finally:
        for hook in hooks:
            hook.remove()
    return Estimate(live.flops, {name: size for name, size in live.peak.items() if size})


def _held(thing: nn.Module | WeightedLoss) -> Iterator[Tensor]:
    module = thing if isinstance(thing, nn.Module) else thing.function
    yield from module.parameters()
    yield from module.buffers()


def _extrapolate(recipe: Recipe, losses: Losses, why: str) -> Estimate:
    """Extrapolate three small steps on the CPU: a step takes fixed + pairs * (fixed + pixels * something)."""
    side = recipe.data.size
    near, one = _run_smallest(recipe, losses)
    far = min(2 * near, side)
    another, larger = _run_small(recipe, losses, 2, near), _run_small(recipe, losses, 1, far) if far > near else one
    passing = [sum(each.parts.get(name, 0) for name in _PASSING) for each in (one, another, larger)]
    a_pixel = (passing[2] - passing[0]) / (far**2 - near**2) if far > near else 0.0
    a_pair = passing[1] - passing[0] + a_pixel * (side**2 - near**2)
    pairs = recipe.training.batch / recipe.training.accumulate
    parts = {name: size for name, size in one.parts.items() if name not in _PASSING}
    parts[REST] = round(passing[0] + (passing[0] - passing[1]) + a_pair * pairs)
    sizes = f"{near} and {far}" if far > near else f"{near}"
    remark = f"{why}: estimated from float32 steps of 1 and 2 pairs of {sizes} px on the CPU, less sure than usual"
    return Estimate(round(one.flops * recipe.training.batch * (side / near) ** 2), parts, remark)


def _run_smallest(recipe: Recipe, losses: Losses) -> tuple[int, Estimate]:
    """Count a step of one pair of the smallest size that the networks take; returns that size, too."""
    side = recipe.data.size
    for size in (one for one in (64, 96, 128, 192, 256) if one < side):
        with suppress(RecipeError):
            return size, _run_small(recipe, losses, 1, size)
    return side, _run_small(recipe, losses, 1, side)


def _run_small(recipe: Recipe, losses: Losses, pairs: int, size: int) -> Estimate:
    settings = recipe.training.model_copy(update={"batch": pairs, "accumulate": 1})
    with keep_random_states():
        networks = build_networks(dataclasses.replace(recipe, training=settings), torch.device("cpu"))
        learner = Learner(networks, losses, settings, torch.float32)
        pair = make_fake_pair(pairs, size, recipe.topology)
        for faces in (pair.a, pair.b):
            faces.points.uniform_(0, 1)
            faces.all_points.uniform_(0, 1)
            faces.image.uniform_(0, 1)
        return count_step(learner, pair, AllocationCounter())
