"""What metrics of whole sets say: descriptions of images are collected, and each set compared with the true one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch

from ptk.errors import PtkError
from ptk.registry.failures import describe_part

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["ImageSets", "name_metric"]


class ImageSets:
    """The images seen of each domain and candidate, as `metrics` (name -> metric that compares sets) describe them."""

    def __init__(self, metrics: Mapping[str, Any]) -> None:
        self._metrics = metrics
        self._seen: dict[tuple[str, str, str], list[Tensor]] = defaultdict(list)

    def see(self, domain: str, candidate: str, image: Tensor, face_box: Tensor, *, plain: bool) -> None:
        """Remember `image` (1, 3, H, W) in [-1, 1], of which some metrics see the `face_box` alone.

        What is not `plain`, no photo, is shown to no others. Raises PtkError where a metric fails.
        """
        for name, metric in self._metrics.items():
            boxed = getattr(metric, "of_face_box", False)
            if plain or boxed:
                with name_metric(name, metric):
                    seen = _describe(metric, face_box if boxed else image)
                self._seen[name, domain, candidate].append(seen)

    def compare(self) -> dict[str, dict[str, dict[str, float]]]:
        """Metric -> domain -> candidate -> value of its set beside that of true images, which has none itself.

        Raises PtkError where a metric fails.
        """
        found: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
        for (name, domain, candidate), made in self._seen.items():
            metric, true = self._metrics[name], self._seen.get((name, domain, "true"))
            if true and candidate != "true":
                with name_metric(name, metric):
                    found[name][domain][candidate] = float(metric.compare(torch.cat(made), torch.cat(true)))
        return {name: dict(domains) for name, domains in found.items()}


def _describe(metric: Any, image: Tensor) -> Tensor:
    said: Tensor = metric.describe(image)
    if said.ndim != 2 or len(said) != 1:
        raise ValueError(f"describe must give (1, K) of one image, it gave {tuple(said.shape)}")
    return said


@contextmanager
def name_metric(name: str, metric: Any) -> Iterator[None]:
    """Raise a PtkError that names `metric` for whatever is raised inside: a plug-in's may raise anything."""
    try:
        yield
    except PtkError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())
        raise PtkError(
            f"{describe_part(metric, f'metric {name}')}: {type(error).__name__}: {said}; leave it out with `metric`"
        ) from error
