"""What generators must hold: images in [-1, 1], finest first, that listen to the planes."""

from __future__ import annotations

import copy
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor

from ptk.testing.assertions import (
    DOMAINS,
    TRIALS,
    backward,
    expect,
    faces,
    finite,
    first,
    in_range,
    moved,
    on_meta,
    pair,
    pointless_planes,
    reached,
)
from ptk.testing.contracts.common import DESCRIBED, REPEATED_SEEDED, SEEDED, SENT, STORED
from ptk.testing.rule import NotHere, Rule
from ptk.types import Faces, Target

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]

_HEARD = 1e-3
"""By how much of an image's spread it must change. A network that is deaf to its planes changes by rounding, 2e-6."""


def _images(trial: Trial, source: Faces, target: Target) -> list[Tensor]:
    with torch.no_grad():
        pyramid = trial.built(source.image, trial.told(source, target))
    good = isinstance(pyramid, list) and len(pyramid) > 0 and all(isinstance(image, Tensor) for image in pyramid)
    expect(good, f"expected a list of images, got {type(pyramid).__name__}: {pyramid!r:.60}")
    return list(pyramid)


def _of_size(trial: Trial, size: tuple[int, int, int]) -> list[Tensor]:
    """Its images of a batch, a height and a width, made once: a large network takes seconds."""
    if size not in trial.known:
        trial.known[size] = _images(trial, *pair(*size))
    known: list[Tensor] = trial.known[size]
    return known


def _shapes(trial: Trial) -> None:
    for size in TRIALS:
        batch, height, width = size
        for level, image in enumerate(_of_size(trial, size)):
            expected = (batch, 3, height >> level, width >> level)
            expect(tuple(image.shape) == expected, f"image {level} must be {expected}, it is {tuple(image.shape)}")


def _range(trial: Trial) -> None:
    for size in TRIALS:
        for level, image in enumerate(_of_size(trial, size)):
            expect(image.dtype == torch.float32, f"image {level} must be float32 like its input, it is {image.dtype}")
            in_range(image, f"image {level}")


def _rows(trial: Trial) -> None:
    source, target = pair(*TRIALS[-1])
    both, alone = _of_size(trial, TRIALS[-1])[0], _images(trial, first(source, 1), first(target, 1))[0]
    gap = (both[:1] - alone).abs().max().item()
    expect(gap <= 1e-3, f"an image must not depend on others of the batch; it changes by {gap:.2g}")


def _hears(trial: Trial, what: Literal["switching the domain", "moving the landmarks"]) -> None:
    source = faces(1, 64, 64)
    if what == "switching the domain":
        target = Target(points=source.points, domain=(source.domain + 1) % DOMAINS)
    else:
        target = Target(points=source.points * 0.8 + 0.1, domain=source.domain)
    before, after = _images(trial, source, source)[0], _images(trial, source, target)[0]
    change = (after - before).abs()
    for where, part in (("", change), (" in its middle", change[..., 20:44, 20:44])):
        heard = (part.mean() / before.std()).item()
        expect(
            heard > _HEARD,
            f"{what} must change the image{where}, it changes by {heard:.1g} of its spread "
            f"(an instance norm straight after the first convolution subtracts constant planes)",
        )


def _learning(trial: Trial) -> tuple[Any, list[Tensor]]:
    """A copy that learns, and its images: so that what is tried later is not changed."""
    source, target = pair(2, 64, 96)
    generator = copy.deepcopy(trial.built).train()
    return generator, generator(source.image, trial.told(source, target))


def _gradients(trial: Trial) -> None:
    generator, pyramid = _learning(trial)
    backward(torch.stack([level.float().square().mean() for level in pyramid]).sum())
    reached(generator)


def _bfloat16(trial: Trial) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        generator, pyramid = _learning(trial)
    for level, image in enumerate(pyramid):
        good = image.dtype in (torch.float32, torch.bfloat16)
        expect(good, f"image {level} must be float32 or bfloat16 under autocast, it is {image.dtype}")
        in_range(image, f"image {level} under bfloat16 autocast")
    backward(torch.stack([level.float().square().mean() for level in pyramid]).sum())
    for name, parameter in generator.named_parameters():
        if parameter.grad is not None:
            finite(parameter.grad, f"the gradient of {name} under bfloat16 autocast")


def _landmarks(trial: Trial) -> None:
    if trial.looks_at_landmarks:
        raise NotHere("its class says needs_landmarks")
    source, target = pair(2, 64, 96)
    with torch.no_grad():
        pyramid = trial.built(source.image, pointless_planes(trial.told(source, target)))
    blind = all(torch.isfinite(image).all() for image in pyramid)
    expect(blind, "it looks at landmarks, which are NaN on data without faces: its class needs needs_landmarks = True")


def _encode(trial: Trial) -> None:
    if not hasattr(trial.built, "encode"):
        raise NotHere("it has no method encode")
    source, target = pair(2, 64, 96)
    features = copy.deepcopy(trial.built).encode(source.image, trial.told(source, target))
    good = isinstance(features, list) and len(features) > 0 and all(isinstance(one, Tensor) for one in features)
    expect(good, f"encode must give a list of tensors, it gives {features!r:.60}")
    for number, one in enumerate(features):
        expect(len(one) == 2, f"tensor {number} of encode must have a row for each image, it is {tuple(one.shape)}")
        finite(one, f"tensor {number} of encode")
    learns = any(one.requires_grad for one in features)
    expect(learns, "what encode gives must have its graph: losses train the generator through it")


def _meta(trial: Trial) -> None:
    source, target = pair(2, 64, 96)
    told = moved(trial.told(source, target), "meta")
    for level, image in enumerate(on_meta(trial.built)(source.image.to("meta"), told)):
        where = image.device
        expect(where.type == "meta", f"image {level} must be on the device of its input, it is on {where}")


RULES = (
    *DESCRIBED,
    Rule("gives images (B, 3, H/2^k, W/2^k), finest first, for any batch and size", _shapes),
    Rule("gives float32 images in [-1, 1]", _range),
    Rule("renders each face of a batch by itself", _rows),
    Rule("reacts to the domain", partial(_hears, what="switching the domain")),
    Rule("reacts to the landmarks", partial(_hears, what="moving the landmarks")),
    Rule("gradients reach every parameter", _gradients),
    Rule("is finite under bfloat16 autocast, gradients too", _bfloat16),
    Rule("lends its features with their graph", _encode, at="encode"),
    Rule("says that it looks at landmarks", _landmarks, at=""),
    Rule("runs on torch's meta device, on which runs are reckoned", _meta),
    *SEEDED,
    *REPEATED_SEEDED,
    *STORED,
    *SENT,
)


def answer(trial: Trial, part: Any) -> Any:
    """The pyramid of a pair."""
    source, target = pair(2, 64, 96)
    return part.eval()(source.image, trial.told(source, target))
