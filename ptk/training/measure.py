"""The recipe's metrics, measured on the people of the sample grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from ptk.data.faceset import FaceSet
from ptk.recipe.build import Conditioners
from ptk.registry.failures import name_failures
from ptk.training.grid import GridRow

__all__ = ["measure"]


@torch.inference_mode()
def measure(
    metrics: Mapping[str, Any],
    generator: nn.Module,
    conditioners: Conditioners,
    faces: FaceSet,
    rows: Sequence[GridRow],
) -> dict[str, float]:
    """The mean of each metric over `rows`, into every domain in which `faces` holds the image that was asked for.

    Values that are not finite (a metric that finds no face) are left out; without any the metric is.
    """
    device = next(generator.parameters()).device
    values: dict[str, list[float]] = {name: [] for name in metrics}
    for row in rows:
        source = faces.faces(torch.tensor([row.source])).to(device)
        for shown in torch.nonzero(faces.photo == faces.photo[row.target]).flatten():
            true = faces.faces(shown[None]).to(device)
            goal = true.goal
            result = generator(source.image, conditioners(source, goal))[0].float()
            for name, metric in metrics.items():
                with name_failures(metric, "it"):
                    measured = metric(source, true, result).tolist()
                values[name] += [value for value in measured if abs(value) < float("inf")]
    return {name: sum(those) / len(those) for name, those in values.items() if those}
