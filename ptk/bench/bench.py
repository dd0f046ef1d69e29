"""Measure a recipe's training step and edit, and what this machine could do at best, all in one run."""

from __future__ import annotations

import copy
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

from ptk.bench import hardware_limits
from ptk.bench.memory import peak
from ptk.bench.naive import NaiveLearner, with_plain_layers
from ptk.bench.profile_step import label_parts, profile_parts
from ptk.bench.report import Ceilings, Report, Step
from ptk.data.prefetch import Batches, prefetch
from ptk.recipe.build import without_pretrained
from ptk.recipe.schema import Recipe
from ptk.timing import WARM_UP, Spread, in_turns, ratios
from ptk.training.run import Run, start_run
from ptk.training.step import CRITIC, SIDES, Learner
from ptk.types import Pair, Target

__all__ = ["Variant", "bench"]


@dataclass(frozen=True)
class Variant:
    """What to compare with: the step written plainly in float32, or, where there is one, another `recipe`."""

    name: str
    recipe: Recipe | None = None
    precision: torch.dtype = torch.float32


class _TwoInTurns:
    """Two batches only, so that after two steps all images have been seen before, as most have in a long training."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    def batch(self, step: int) -> Pair:
        return self._batches.batch(step % 2)


@dataclass(frozen=True)
class _Training:
    name: str
    learner: Learner
    run: Run
    batches: Batches
    waited: list[float] = field(default_factory=list)

    def step(self) -> None:
        """One step of training, its data included: as many as it takes until the generator learns."""
        waited = 0.0
        for _ in range(self.learner.settings.critic_steps):
            start = time.perf_counter()
            pair = self.batches.batch(self.learner.step)
            waited += time.perf_counter() - start
            self.learner.learn(pair)
        self.waited.append(waited)

    def measured(self, taken: list[float]) -> Step:
        """With its FLOPs and its memory."""
        pair = self.run.pairs.batch(0)
        return Step(
            name=self.name,
            seconds=Spread.of(taken),
            pairs=len(pair) * self.learner.settings.critic_steps,
            flops=_flops(self.learner, pair),
            memory=peak(self.step, self.run.device),
        )


def _flops(learner: Learner, pair: Pair) -> int:
    alone = learner.settings.critic_steps - 1
    found = []
    for sides in (SIDES, CRITIC) if alone else (SIDES,):
        with FlopCounterMode(display=False) as counter:
            learner.gradients(pair, sides)
        learner.zero_grad()
        found.append(int(counter.get_total_flops()))
    return found[0] + alone * found[-1]


def bench(
    recipe: Recipe,
    device: torch.device,
    precision: torch.dtype,
    *,
    against: Variant | None = None,
    patience: float = 60.0,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Measure for about `patience` seconds, or three rounds where those take longer; writes nothing that stays.

    What is measured is run in turns: the step, the step `against` it, an edit, and the three ceilings.
    Raises what `start_run` raises.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        progress("setting up")
        run = start_run(without_pretrained(recipe), folder / "run", device, precision)
        ahead = stack.enter_context(prefetch(_TwoInTurns(run.pairs), device))
        stack.enter_context(run.learner.compiled())
        here = _Training(recipe.name, run.learner, run, ahead)
        other = None
        if against and against.recipe is not None:
            changed = start_run(without_pretrained(against.recipe), folder / "other", device, against.precision)
            ahead = stack.enter_context(prefetch(_TwoInTurns(changed.pairs), device))
            stack.enter_context(changed.learner.compiled())
            other = _Training(against.name, changed.learner, changed, ahead)
        elif against:
            networks = with_plain_layers(copy.deepcopy(run.learner.networks))
            naive = NaiveLearner(networks, run.learner.losses, run.recipe.training, against.precision)
            other = _Training(against.name, naive, run, _TwoInTurns(run.pairs))
        return _measure(here, other, precision, patience, progress)


def _measure(
    here: _Training,
    other: _Training | None,
    precision: torch.dtype,
    patience: float,
    progress: Callable[[str], None],
) -> Report:
    run, device, edit = here.run, here.run.device, _editing(here.run)
    networks = run.learner.networks
    common = hardware_limits.commonest_convolution(networks.generator, lambda: networks.translate(run.pairs.batch(0)))
    products, product_flops = hardware_limits.matmul(device, precision)
    convolving, convolution_flops = hardware_limits.convolution(common, device, precision)
    copying, copied = hardware_limits.copy(device)
    works = {"step": here.step, "edit": edit, "matmul": products, "convolution": convolving, "copy": copying}
    progress("measuring in turns")
    taken = in_turns(works | ({"against": other.step} if other else {}), device, patience=patience)
    waiting = statistics.median(here.waited[WARM_UP:])
    progress("where the time goes, and memory")
    sections = _sections(here)
    step = here.measured(taken["step"])
    products_rate = [product_flops / seconds for seconds in taken["matmul"]]
    return Report(
        machine=_machine(device, precision),
        ceilings=Ceilings(
            matmul=statistics.median(products_rate),
            convolution=convolution_flops / statistics.median(taken["convolution"]),
            convolution_shape=str(common),
            copy=copied / statistics.median(taken["copy"]),
        ),
        step=step,
        share=Spread.of(
            [step.flops / seconds / rate for seconds, rate in zip(taken["step"], products_rate, strict=True)]
        ),
        sections=sections,
        edit=Spread.of(taken["edit"]),
        waiting=waiting,
        against=other.measured(taken["against"]) if other else None,
        faster=ratios(taken["against"], taken["step"]) if other else None,
    )


def _editing(run: Run) -> Callable[[], object]:
    """One face to another expression and domain, as an edit asks for it: the averaged generator, in float32."""
    seen = run.pairs.batch(0).a
    face = seen.rows(slice(0, 1))
    goal = (int(face.domain[0]) + 1) % len(run.recipe.domains)
    target = Target(points=face.points, domain=torch.full_like(face.domain, goal), segments=((goal, 1),))
    generator, conditioners = run.learner.average.network, run.learner.networks.conditioners

    def edit() -> object:
        with torch.inference_mode():
            return generator(face.image, conditioners(face, target))

    return edit


def _sections(here: _Training) -> dict[str, float]:
    """Seconds of a step by part, the longest first."""
    networks, learner = here.learner.networks, here.learner
    parts: dict[str, list[tuple[object, str]]] = {
        "data": [(here.run.pairs, "batch")],
        "conditioners": [(networks.conditioners, "forward")],
        "generator": [(networks.generator, "forward")],
        "discriminator": [(networks.discriminator, "forward")],
        "optimisers": [(learner, "apply")],
    }
    for terms in learner.losses.values():
        for loss in terms:
            parts.setdefault(loss.name, []).append((loss.function, "forward"))
    with label_parts(parts):
        found = profile_parts(here.step, here.run.device)
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def _machine(device: torch.device, precision: torch.dtype) -> dict[str, str]:
    cuda = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if cuda else f"{torch.get_num_threads()} threads of the CPU",
        "precision": str(precision).removeprefix("torch."),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }
