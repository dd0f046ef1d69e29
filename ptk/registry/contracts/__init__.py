"""What each kind of part must hold. `ptk plugins check` and the tests of every part call the same functions.

A check builds the part, tries it on seeded faces and raises PluginError at the first breach, saying what was expected
and what came. That it passes does not make a part good; that it fails makes recipes fail later, and less clearly.
"""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any

from ptk.errors import PluginError, PtkError
from ptk.registry.contracts.drawing import check_conditioner, check_detector, check_domain
from ptk.registry.contracts.metrics import check_metric
from ptk.registry.contracts.networks import check_discriminator, check_generator, check_loss
from ptk.registry.contracts.observers import check_observer
from ptk.registry.contracts.sources import check_source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import numpy as np
    from jaxtyping import UInt8

    from ptk.registry.parts import Part

__all__ = [
    "check_conditioner",
    "check_detector",
    "check_discriminator",
    "check_domain",
    "check_generator",
    "check_loss",
    "check_metric",
    "check_observer",
    "check_part",
    "check_source",
]


def check_part(
    kind: str,
    part: Part,
    options: Mapping[str, Any] | None = None,
    photo: UInt8[np.ndarray, "height width 3"] | None = None,
    place: Path | None = None,
) -> None:
    """Hold one part, built with `options`, to the contract of its kind.

    A detector is also held to finding a face in `photo`, a source to finding a photo or video in `place`.
    Takes seconds, and for a large network with its default options as much memory as one training step at 96 px.
    Raises PluginError naming the part, its distribution and the breach; MissingExtra when it cannot run here.
    """
    factory = part.load()
    named = inspect.signature(factory).parameters

    def make(**given: Any) -> Any:
        return factory(**{name: value for name, value in given.items() if name in named}, **(options or {}))

    try:
        _check(kind, part, make, photo, place)
    except PluginError as error:
        raise PluginError(f"{kind} {part.name} ({part.origin}): {error}") from error
    except PtkError:
        raise
    except Exception as error:  # a part may raise anything
        what = " ".join(str(error).split()) or "no message"
        raise PluginError(f"{kind} {part.name} ({part.origin}): {type(error).__name__}: {what}") from error


def _check(kind: str, part: Part, make: Any, photo: Any, place: Path | None) -> None:
    if kind == "loss":
        if not part.sides:
            raise PluginError('Part(sides=...) must say whom it can train: "generator", "critic" or both')
        for side in part.sides:
            check_loss(make, side)
        return
    checks: dict[str, Callable[..., None]] = {
        "detector": partial(check_detector, photo=photo),
        "conditioner": check_conditioner,
        "domain": check_domain,
        "generator": check_generator,
        "discriminator": check_discriminator,
        "source": partial(check_source, place=place),
        "metric": check_metric,
        "observer": check_observer,
    }
    checks[kind](make)
