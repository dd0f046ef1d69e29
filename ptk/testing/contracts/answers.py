"""What a part answers to a fixed question: the same wherever and whenever it is asked."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ptk.random_states import keep_random_states, seed_all
from ptk.testing.assertions import faces, pair
from ptk.testing.contracts.detectors import GREY
from ptk.testing.contracts.losses import judge_of, seen
from ptk.testing.contracts.set_metrics import answer_of_sets
from ptk.testing.contracts.sources import folder_of_photos, listed

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["answer", "difference", "own_answer"]


def answer(trial: Trial, part: Any) -> Any:
    """What `part`, of the kind of `trial`, makes of seeded faces (a detector of the photo, a source of its place).

    Plain data: lists, strings, and arrays for tensors. None of an observer, and of a domain of real images.
    """
    ask = _ASKED[trial.kind]
    with torch.no_grad():
        if trial.kind not in _MAY_DRAW:
            return _plain(ask(trial, part))
        with keep_random_states():
            seed_all(0)
            return _plain(ask(trial, part))


def own_answer(trial: Trial) -> Any:
    """What the part that `trial` built answers, asked once."""
    if answer not in trial.known:
        trial.known[answer] = answer(trial, trial.built)
    return trial.known[answer]


def difference(one: Any, other: Any, tolerance: float = 1e-6) -> str:
    """How two answers differ by more than `tolerance`, a share and absolute, in words; "" when they do not."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.shape != other.shape or one.dtype != other.dtype:
            return f"{one.shape} {one.dtype} against {other.shape} {other.dtype}"
        if one.dtype.kind != "f":
            return "" if np.array_equal(one, other) else "values differ"
        close = np.allclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True)
        return "" if close else f"values differ by up to {np.nanmax(np.abs(one - other)):.2g}"
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return next((found for pair in zip(one, other, strict=True) if (found := difference(*pair, tolerance))), "")
    return "" if one == other else f"{one!r:.80} against {other!r:.80}"


def _of_conditioner(_: Trial, part: Any) -> Any:
    return part(*pair(2, 64, 96))


def _of_domain(_: Trial, part: Any) -> Any:
    return None if part.stylise is None else part.stylise(faces(1, 64, 96))


def _of_network(trial: Trial, part: Any) -> Any:
    source, target = pair(2, 64, 96)
    told = trial.told(source, target)
    part.eval()
    if trial.kind == "generator":
        return part(source.image, told)
    return [[verdict.logits, verdict.features, verdict.classes] for verdict in part([source.image], told)]


def _of_loss(trial: Trial, part: Any) -> Any:
    part, judge = copy.deepcopy(part), judge_of(trial)  # it may remember what it sees
    return part(judge.judged(seen(trial, 2, 64, 96).detach()), judge)


def _of_detector(trial: Trial, part: Any) -> Any:
    return [one.points for one in part.detect((GREY if trial.photo is None else trial.photo).copy())]


def _of_source(trial: Trial, part: Any) -> Any:
    if trial.place is not None:
        return listed(trial.place, part)
    with folder_of_photos() as place:
        return listed(place, part)


def _of_metric(trial: Trial, part: Any) -> Any:
    if trial.compares_sets:
        return answer_of_sets(part)
    return part(*pair(2, 64, 96), faces(2, 64, 96, seed=2).image)


_ASKED: dict[str, Callable[[Trial, Any], Any]] = {
    "conditioner": _of_conditioner,
    "domain": _of_domain,
    "generator": _of_network,
    "discriminator": _of_network,
    "loss": _of_loss,
    "detector": _of_detector,
    "source": _of_source,
    "metric": _of_metric,
    "observer": lambda *_: None,
}


_MAY_DRAW = ("generator", "discriminator", "loss")
"""Noise and dropout are allowed in these, and losses that look at a random place."""


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().cpu().float().numpy() if value.is_floating_point() else value.cpu().numpy()
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
