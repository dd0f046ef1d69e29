"""What metrics must hold: one number a row, best for the true image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from ptk.registry.contracts.expect import TRIALS, expect, faces, first

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["check_metric"]


def check_metric(make: Callable[[], Any]) -> None:
    """`(source, target, result) -> (B,)` float32, finite for noise, no better for a changed image than for the true."""
    metric = make()
    lower = getattr(metric, "lower_is_better", None)
    expect(isinstance(lower, bool), f"lower_is_better must be True or False, it is {lower!r}")
    for batch, height, width in TRIALS:
        source, target = (faces(batch, height, width, seed=seed) for seed in (0, 1))
        noise = faces(batch, height, width, seed=2).image
        values = metric(source, target, noise)
        shape, dtype = tuple(values.shape), values.dtype
        expect(shape == (batch,) and dtype == torch.float32, f"must be ({batch},) float32, it is {shape} {dtype}")
        expect(torch.isfinite(values).all(), f"values of noise must be finite, they are {values.tolist()}")
    alone = metric(first(source, 1), first(target, 1), noise[:1])
    expect(torch.allclose(alone, values[:1], rtol=1e-4), "a value must not depend on other rows of the batch")
    same = faces(2, 96, 96)
    best = metric(same, same, same.image)
    changed = metric(same, same, (same.image + 0.3 * (faces(2, 96, 96, seed=3).image)).clamp(-1, 1))
    expect((best <= changed if lower else best >= changed).all(), "no changed image may be better than the true one")
