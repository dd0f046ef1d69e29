"""What metrics must hold: one number a row, best for the true image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ptk.testing.assertions import TRIALS, expect, faces, first, pair
from ptk.testing.contracts.common import DESCRIBED, REPEATED, SENT
from ptk.testing.rule import NotHere, Rule
from ptk.types import Faces

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["DIRECTION", "RULES", "answer"]


def _direction(trial: Trial) -> None:
    lower = getattr(trial.built, "lower_is_better", None)
    expect(isinstance(lower, bool), f"lower_is_better must be True or False, it is {lower!r}")


def _finds_faces(trial: Trial) -> bool:
    """Whether it may say nan: it looks for faces, and the faces on trial are noise."""
    return bool(getattr(trial.built, "finds_faces", False))


def _values(trial: Trial, source: Faces, target: Faces, result: Tensor) -> Tensor:
    values = trial.built(source, target, result)
    expect(isinstance(values, Tensor), f"a metric must return a tensor, it returned a {type(values).__name__}")
    shape, dtype, batch = tuple(values.shape), values.dtype, len(source)
    expect(shape == (batch,) and dtype == torch.float32, f"values must be ({batch},) float32, they are {shape} {dtype}")
    return values  # type: ignore[no-any-return]


def _of_noise(batch: int, height: int, width: int) -> tuple[Faces, Faces, Tensor]:
    source, target, noise = (faces(batch, height, width, seed=seed) for seed in range(3))
    return source, target, noise.image


def _values_of_noise(trial: Trial, size: tuple[int, int, int]) -> Tensor:
    """The values of noise of a size, asked once: a network that describes faces takes a tenth of a second each."""
    if size not in trial.known:
        trial.known[size] = _values(trial, *_of_noise(*size))
    known: Tensor = trial.known[size]
    return known


def _shapes(trial: Trial) -> None:
    for size in TRIALS:
        _values_of_noise(trial, size)


def _finite(trial: Trial) -> None:
    for size in TRIALS:
        values = _values_of_noise(trial, size)
        fine = torch.isfinite(values) | (values.isnan() if _finds_faces(trial) else False)
        expect(fine.all(), f"values of noise must be finite, they are {values.tolist()}")


def _rows(trial: Trial) -> None:
    source, target, noise = _of_noise(3, 96, 64)
    both, alone = _values(trial, source, target, noise), _values(trial, first(source, 1), first(target, 1), noise[:1])
    close = torch.allclose(alone, both[:1], rtol=1e-4, atol=1e-6, equal_nan=_finds_faces(trial))
    expect(close, f"a value must not depend on other rows of the batch; {both[0]:.6g} becomes {alone[0]:.6g} alone")


def _best(trial: Trial) -> None:
    # Source and target are the same, so metrics of who is shown, which look at the source, are at their best, too.
    same = faces(2, 96, 96)
    lower = trial.built.lower_is_better
    best = _values(trial, same, same, same.image)
    if _finds_faces(trial):
        raise NotHere("it looks for faces, and those on trial are noise")
    expect(not torch.isnan(best).any(), f"the value of the true image must be a number, it is {best.tolist()}")
    noise = faces(2, 96, 96, seed=3).image
    for what, changed in (
        ("noise over it", (same.image + 0.3 * noise).clamp(-1, 1)),
        ("less contrast", same.image * 0.6),
        ("blur", F.avg_pool2d(same.image, 9, 1, 4, count_include_pad=False)),
    ):
        worse = _values(trial, same, same, changed)
        good = (best <= worse if lower else best >= worse).all()
        order = "lower" if lower else "higher"
        expect(good, f"{order} is better, but the true image has {best.tolist()}, with {what} it has {worse.tolist()}")


def _bfloat16(trial: Trial) -> None:
    source, target, noise = _of_noise(2, 64, 96)
    values = _values(trial, source, target, noise.to(torch.bfloat16))
    fine = torch.isfinite(values) | (values.isnan() if _finds_faces(trial) else False)
    expect(fine.all(), f"values of a bfloat16 result must be finite, they are {values.tolist()}")


def _untouched(trial: Trial) -> None:
    source, target, noise = _of_noise(1, 64, 64)
    given = (source.image, target.image, noise)
    before = [image.clone() for image in given]
    _values(trial, source, target, noise)
    kept = all(torch.equal(image, copy) for image, copy in zip(given, before, strict=True))
    expect(kept, "a metric must leave the images as they are")


DIRECTION = Rule("says whether lower is better", _direction, at="")

RULES = (
    *DESCRIBED,
    DIRECTION,
    Rule("gives (B,) float32 for any batch and size", _shapes),
    Rule("is finite for noise", _finite),
    Rule("measures each face of a batch by itself", _rows),
    Rule("is best for the true image", _best),
    Rule("takes bfloat16 results", _bfloat16),
    Rule("leaves the images as they are", _untouched),
    *REPEATED,
    *SENT,
)


def answer(_: Trial, part: Any) -> Any:
    """The values of two results."""
    return part(*pair(2, 64, 96), faces(2, 64, 96, seed=2).image)
