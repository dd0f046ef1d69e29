"""What domains must hold: a title, and where they have `stylise`, images like those that they were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ptk.testing.assertions import devices, expect, faces, finite, first, in_range
from ptk.testing.contracts.common import DESCRIBED, REPEATED, SENT
from ptk.testing.rule import NotHere, Rule
from ptk.types import Faces

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]

_SIZES = ((2, 64, 96), (1, 96, 64))
"""Fewer than other kinds are tried with: a style may take a second an image."""


def _title(trial: Trial) -> None:
    title = trial.built.title
    expect(isinstance(title, str) and bool(title.strip()), f"a domain must have a title, it is {title!r}")


def _styled(trial: Trial, source: Faces) -> Tensor:
    """What the domain makes of `source`, each question asked once: a style may take a second an image."""
    stylise = trial.built.stylise
    if stylise is None:
        raise NotHere("its images are real ones: it has no stylise")
    key = (source.image.dtype, *source.image.shape, source.points.max().item())
    if key not in trial.known:
        styled = stylise(source)
        expect(isinstance(styled, Tensor), f"stylise must return a tensor, it returned a {type(styled).__name__}")
        trial.known[key] = styled
    known: Tensor = trial.known[key]
    return known


def _shapes(trial: Trial) -> None:
    for size in _SIZES:
        source = faces(*size)
        expected, got = tuple(source.image.shape), tuple(_styled(trial, source).shape)
        expect(got == expected, f"styled images must be {expected}, they are {got}")


def _range(trial: Trial) -> None:
    for size in _SIZES:
        in_range(_styled(trial, faces(*size)), "styled images")


def _untouched(trial: Trial) -> None:
    _styled(trial, faces(*_SIZES[1]))
    source = faces(*_SIZES[1], seed=1)
    image, points = source.image.clone(), source.points.clone()
    trial.built.stylise(source)
    kept = torch.equal(image, source.image) and torch.equal(points, source.points)
    expect(kept, "stylise must leave the image and the points as they are")


def _rows(trial: Trial) -> None:
    both = _styled(trial, faces(*_SIZES[0]))
    alone = trial.built.stylise(first(faces(*_SIZES[0]), 1))
    gap = (both[:1] - alone).abs().max().item()
    expect(gap <= 1e-4, f"a styled image must not depend on others of the batch; it changes by {gap:.2g}")


def _outside(trial: Trial) -> None:
    source = faces(*_SIZES[1])
    outside = Faces(image=source.image, points=source.points + 2, domain=source.domain)
    in_range(_styled(trial, outside), "styled images of faces outside the crop")


def _dtype(trial: Trial) -> None:
    for device in devices():
        for dtype in (torch.float32, torch.float64, torch.bfloat16):
            source = faces(*_SIZES[1])
            source = Faces(image=source.image.to(dtype), points=source.points, domain=source.domain)
            styled = _styled(trial, source) if device == "cpu" else trial.built.stylise(source.to(device))
            expect(styled.dtype == dtype, f"styled images must be {dtype} as they came, they are {styled.dtype}")
            finite(styled, f"styled images in {dtype}")
            where = styled.device.type
            expect(where == device, f"styled images must be on {device}, they are on {where}")


RULES = (
    *DESCRIBED,
    Rule("has a title", _title, at=""),
    Rule("gives images of the same shape for any batch and size", _shapes),
    Rule("gives images in [-1, 1]", _range),
    Rule("leaves the faces that it is given as they are", _untouched),
    Rule("renders each face of a batch by itself", _rows),
    Rule("bears points outside the crop", _outside),
    Rule("keeps the image's dtype (bfloat16, too) and device", _dtype),
    *REPEATED,
    *SENT,
)


def answer(_: Trial, part: Any) -> Any:
    """A styled face; None of a domain of real images."""
    return None if part.stylise is None else part.stylise(faces(1, 64, 96))
