"""What parts of every kind must hold: they say what they are, can be built, and answer the same in every process."""

from __future__ import annotations

import inspect
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError
from safetensors.torch import load_file, save_file

from ptk.errors import PluginError
from ptk.registry.parts import options
from ptk.testing.answers import answer, difference, own_answer
from ptk.testing.assertions import expect
from ptk.testing.rule import NotHere, Rule
from ptk.testing.worker import ask_worker

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["DESCRIBED", "REPEATED", "REPEATED_SEEDED", "SEEDED", "SENT", "STORED", "SUMMARISED"]


def _summary(trial: Trial) -> None:
    summary = trial.part.summary
    good = isinstance(summary, str) and summary.strip() and summary.isprintable()
    expect(bool(good), f"the part needs a summary of one line, it has {summary!r}: ptk.Part({trial.part.name!r}, ...)")


def _docstring(trial: Trial) -> None:
    said = (trial.factory.__doc__ or "").strip()
    expect(bool(said), "it needs a docstring: what it does, shapes and ranges, its options, the source")


def _options(trial: Trial) -> None:
    documented = [trial.factory]  # a function, or a class, its bases and their constructors
    if inspect.isclass(trial.factory):
        bases = inspect.getmro(trial.factory)
        documented = [one for one in bases if one.__module__.split(".")[0] not in ("builtins", "torch")]
    texts = [f"{one.__doc__ or ''}\n{getattr(vars(one).get('__init__'), '__doc__', '')}" for one in documented]
    said = "\n".join(texts)
    breaches = []
    for name, option in options(trial.factory, trial.kind).items():
        if option.annotation is option.empty:
            breaches.append(f"{name} needs an annotation, by which recipes are checked")
        elif wrong := _unfit(option):
            breaches.append(f"{name} {wrong}")
        if not re.search(rf"\b{re.escape(name)}\b", said):
            breaches.append(f"{name} is not named in the docstring of the class or its constructor")
    expect(not breaches, "; ".join(breaches))


def _unfit(option: inspect.Parameter) -> str:
    """What is wrong with the annotation of an option."""
    try:
        adapter = TypeAdapter(option.annotation)
    except PydanticUserError:
        shown = inspect.formatannotation(option.annotation)
        return (
            f"is annotated {shown}, which no recipe can say: take int, float, bool, str, Path, Literal or list of them"
        )
    if option.default is option.empty:
        return ""
    try:
        adapter.validate_python(option.default)
    except ValidationError:
        return f"is annotated {inspect.formatannotation(option.annotation)}, its default {option.default!r} is not"
    return ""


def _built(trial: Trial) -> None:
    _ = trial.built


def _same_weights(trial: Trial) -> None:
    one, other = (trial.build().state_dict() for _ in range(2))
    for name, value in one.items():
        expect(torch.equal(value, other[name]), f"the same seed must give the same weights; {name} differs")


def _same_answer(trial: Trial) -> None:
    if own_answer(trial) is None:
        raise NotHere("its images are real ones: it makes nothing")
    gap = difference(own_answer(trial), answer(trial, trial.built))
    expect(not gap, f"the same faces must give the same result twice; {gap}")


def _stored(trial: Trial) -> None:
    part = trial.built
    tensors = {name: tensor.detach().contiguous() for name, tensor in part.state_dict().items()}
    if not tensors:
        raise NotHere("it has no weights")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        try:
            save_file(tensors, path)
            fresh = trial.build(seed=2)  # another seed: what is not stored would differ
            fresh.load_state_dict(load_file(path))
        except RuntimeError as error:
            raise PluginError(f"its weights must go through a safetensors file: {error}") from error
    gap = difference(own_answer(trial), answer(trial, fresh))
    expect(not gap, f"a fresh one with the stored weights must give the same; {gap}: what is it made of that is no "
           "parameter or persistent buffer?")  # fmt: skip


def _sent(trial: Trial) -> None:
    gap = difference(own_answer(trial), ask_worker(trial), tolerance=1e-4)
    expect(not gap, f"a part built in another process must give the same; {gap}")


SUMMARISED = (Rule("says in a line what it is", _summary),)
DESCRIBED = (
    *SUMMARISED,
    Rule("has a docstring", _docstring, at=""),
    Rule("its options are annotated and documented", _options, at="__init__"),
    Rule("can be built", _built, at="__init__"),
)
"""First of all, whatever the kind."""

REPEATED = (Rule("the same input gives the same result", _same_answer),)
REPEATED_SEEDED = (Rule("the same input and random state give the same result", _same_answer),)
SEEDED = (Rule("the same seed gives the same weights", _same_weights, at="__init__"),)
STORED = (Rule("its weights survive a safetensors file", _stored, at="__init__"),)
SENT = (Rule("survives being sent to another process", _sent, at="__init__"),)
"""Last of all, whatever the kind."""
