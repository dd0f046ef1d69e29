"""The recipe's metrics, measured on the images of the sample grid."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import nn

from ptk.data.faceset import FaceSet, find_truths
from ptk.recipe.build import Conditioners
from ptk.registry.failures import name_failures
from ptk.training.grid import Grid, GridRow

__all__ = ["measure"]


@torch.inference_mode()
def measure(
    metrics: Mapping[str, Any], generator: nn.Module, conditioners: Conditioners, faces: FaceSet, grid: Grid
) -> dict[str, float]:
    """The mean of each metric over the rows of `grid`, into every domain whose true image `faces` holds.

    Metrics that look at no true image (`needs_truth = False`) are measured into the other domains, too. Values that are
    not finite (a metric that finds no face) are left out; without any the metric is.
    """
    device = next(generator.parameters()).device
    values: dict[str, list[float]] = {name: [] for name in metrics}
    for row in grid.rows:
        source = faces.faces(torch.tensor([row.source])).to(device)
        for domain, shown in _goals(faces, grid, row):
            if shown is not None:
                asked = metrics
                true = dataclasses.replace(faces.faces(torch.tensor([shown])).to(device), segments=((domain, 1),))
            else:  # the source's image, said to be in `domain`, for metrics that look at no true one
                asked = {name: one for name, one in metrics.items() if not getattr(one, "needs_truth", True)}
                there = torch.full_like(source.domain, domain)
                true = dataclasses.replace(source, domain=there, segments=((domain, 1),))
            if not asked:
                continue
            result = generator(source.image, conditioners(source, true.goal))[0].float()
            for name, metric in asked.items():
                with name_failures(metric, "it"):
                    measured = metric(source, true, result).tolist()
                values[name] += [value for value in measured if abs(value) < float("inf")]
    return {name: sum(those) / len(those) for name, those in values.items() if those}


def _goals(faces: FaceSet, grid: Grid, row: GridRow) -> Iterable[tuple[int, int | None]]:
    """(domain, the row of `faces` that holds the true image, None where it holds none) of every goal of a grid's row.

    Where landmarks move, goals are the renderings of the target's photo that there are, else the other domains.
    """
    if not grid.moves:
        return find_truths(faces, row.source, len(grid.domains))
    shown = torch.nonzero(faces.photo == faces.photo[row.target]).flatten().tolist()
    return [(int(faces.domain[one]), one) for one in shown]
