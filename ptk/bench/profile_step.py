"""Profile a training step by part, backward passes included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.autograd.profiler_util import FunctionEvent
from torch.profiler import ProfilerActivity, profile, record_function

__all__ = ["label_parts", "profile_parts"]

_MARK = "ptk: "
_BACKWARD = "autograd::engine::evaluate_function: "


@contextmanager
def label_parts(parts: Mapping[str, Iterable[tuple[object, str]]]) -> Iterator[None]:
    """Count what runs in the methods (object, name) inside for the part that they are listed under.

    Of methods within each other the innermost counts.
    """
    with ExitStack() as stack:
        for part, methods in parts.items():
            for owner, method in methods:
                setattr(owner, method, _record_section(part, getattr(owner, method)))
                stack.callback(delattr, owner, method)
        yield


def _record_section(section: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def record(*given: Any, **named: Any) -> Any:
        with record_function(_MARK + section):
            return function(*given, **named)

    return record


def profile_parts(work: Callable[[], object], device: torch.device, rounds: int = 3) -> dict[str, float]:
    """Measure the seconds of `work` by the parts of `label_parts`, mean of `rounds`; "rest" is all other time.

    On a GPU these are seconds of its kernels. A backward operation counts for the section whose forward operation it
    belongs to. The profiler makes small operations look somewhat longer than they are.
    """
    cuda = device.type == "cuda"
    activities = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if cuda else [])]
    work()
    with profile(activities=activities) as profiler:
        for _ in range(rounds):
            with record_function(_MARK + "rest"):
                work()
            if cuda:
                torch.cuda.synchronize(device)
    sections: dict[str, float] = {}
    for section, microseconds in _count_sections(list(profiler.events() or []), cuda):
        sections[section] = sections.get(section, 0.0) + microseconds / 1e6 / rounds
    return sections


def _count_sections(events: list[FunctionEvent], cuda: bool) -> Iterator[tuple[str, float]]:
    """(section, microseconds) of everything, each microsecond once: what an inner section has, its outer one loses."""

    def cost(event: FunctionEvent) -> float:
        return float(event.device_time_total if cuda else event.cpu_time_total)

    made_in: dict[int, str] = {}  # by autograd's number of a forward operation
    for event in events:
        if event.sequence_nr >= 0 and not event.name.startswith(_BACKWARD):
            made_in.setdefault(event.sequence_nr, _section(event))
    for event in events:
        marked = event.name.startswith(_MARK)
        backward = event.name.startswith(_BACKWARD) and event.sequence_nr in made_in
        if not marked and not backward:
            continue
        section = event.name.removeprefix(_MARK) if marked else made_in[event.sequence_nr]
        yield section, cost(event)
        outer = _section(event.cpu_parent) if event.cpu_parent is not None else None
        if outer is not None:
            yield outer, -cost(event)


def _section(event: FunctionEvent | None) -> str:
    while event is not None and not event.name.startswith(_MARK):
        event = event.cpu_parent
    return "rest" if event is None else event.name.removeprefix(_MARK)
