"""What metrics of whole sets must hold: descriptions of single images, and a number for two sets of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ptk.testing.assertions import TRIALS, expect, faces, finite
from ptk.testing.contracts.common import DESCRIBED, REPEATED, SENT
from ptk.testing.contracts.metrics import DIRECTION
from ptk.testing.rule import Rule

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]

_MANY = 12  # images of a set on trial: enough for a spread


def _describe(trial: Trial, images: Tensor) -> Tensor:
    said = trial.built.describe(images)
    expect(isinstance(said, Tensor), f"describe must return a tensor, it returned a {type(said).__name__}")
    shape, batch = tuple(said.shape), len(images)
    fits = len(shape) == 2 and shape[0] == batch and said.dtype == torch.float32
    expect(fits, f"descriptions must be ({batch}, K) float32, they are {shape} {said.dtype}")
    finite(said, "descriptions")
    return said  # type: ignore[no-any-return]


def _compare(trial: Trial, made: Tensor, true: Tensor) -> float:
    value = trial.built.compare(made, true)
    expect(isinstance(value, float), f"compare must return a float, it returned a {type(value).__name__}")
    return value  # type: ignore[no-any-return]


def _shapes(trial: Trial) -> None:
    lengths = {_describe(trial, faces(*size).image).shape[1] for size in TRIALS}
    expect(len(lengths) == 1, f"K must be the same for images of any size, it is {sorted(lengths)}")


def _rows(trial: Trial) -> None:
    images = faces(3, 96, 64).image
    both, alone = _describe(trial, images), _describe(trial, images[:1])
    close = torch.allclose(alone, both[:1], rtol=1e-4, atol=1e-5)
    expect(close, "a description must not depend on other images of the batch")


def _untouched(trial: Trial) -> None:
    images = faces(2, 64, 64).image
    before = images.clone()
    described = _describe(trial, images)
    kept = described.clone()
    _compare(trial, described, described)
    expect(torch.equal(images, before), "a metric must leave the images as they are")
    expect(torch.equal(described, kept), "compare must leave the descriptions as they are")


def _best(trial: Trial) -> None:
    images = faces(_MANY, 64, 64).image
    true, lower = _describe(trial, images), trial.built.lower_is_better
    best = _compare(trial, true, true)
    for what, changed in (
        ("noise over them", (images + 0.5 * faces(_MANY, 64, 64, seed=3).image).clamp(-1, 1)),
        ("blur", F.avg_pool2d(images, 9, 1, 4, count_include_pad=False)),
        ("the first of them alone", images[:1].expand(_MANY, -1, -1, -1)),
    ):
        worse = _compare(trial, _describe(trial, changed), true)
        order = "lower" if lower else "higher"
        told = f"{order} is better, but the true images have {best:.4g}, with {what} they have {worse:.4g}"
        expect(best <= worse if lower else best >= worse, told)


def _order(trial: Trial) -> None:
    made, true = (_describe(trial, faces(_MANY, 64, 64, seed=seed).image) for seed in (1, 0))
    one, other = _compare(trial, made, true), _compare(trial, made.flip(0), true)
    close = math.isclose(one, other, rel_tol=0.02, abs_tol=1e-4)  # small differences of float32 sums round by per cents
    expect(close, f"the order of images must not matter; {one:.6g} becomes {other:.6g} from the last to the first")


def _few(trial: Trial) -> None:
    described = _describe(trial, faces(2, 64, 64).image)
    for count in (1, 2):
        _compare(trial, described[:count], described[:count])


RULES = (
    *DESCRIBED,
    DIRECTION,
    Rule("describes images of any size by (B, K) float32", _shapes, at="describe"),
    Rule("describes each image of a batch by itself", _rows, at="describe"),
    Rule("gives a float, or nan, for sets of one and two", _few, at="compare"),
    Rule("is best for the set of true images", _best, at="compare"),
    Rule("does not depend on the order of images", _order, at="compare"),
    Rule("leaves what it is given as it is", _untouched, at="describe"),
    *REPEATED,
    *SENT,
)


def answer(_: Trial, part: Any) -> list[Any]:
    """Descriptions of two sets of seeded images, and the metric's number for them as an array."""
    made, true = (part.describe(faces(_MANY, 64, 64, seed=seed).image) for seed in (2, 1))
    return [made, true, np.asarray(part.compare(made, true), dtype=np.float32)]
