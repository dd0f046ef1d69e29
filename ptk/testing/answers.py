"""What a part answers to a fixed question: the same wherever and whenever it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from ptk.random_states import keep_random_states, seed_all
from ptk.registry.kinds import KINDS

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["answer", "difference", "own_answer"]


def answer(trial: Trial, part: Any) -> Any:
    """What `part`, of the kind of `trial`, makes of seeded faces (a detector of the photo, a source of its place).

    Plain data: lists, strings, and arrays for tensors. None of an observer, and of a domain of real images.
    """
    ask = trial.contract.answer
    with torch.no_grad():
        if not KINDS[trial.kind].may_draw:
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


def _plain(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().cpu().float().numpy() if value.is_floating_point() else value.cpu().numpy()
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
