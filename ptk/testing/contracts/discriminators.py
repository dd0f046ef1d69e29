"""What discriminators must hold: a verdict a level, and gradients that pass through them to the images."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ptk.registry.parts import options
from ptk.testing.assertions import (
    DOMAINS,
    TRIALS,
    backward,
    expect,
    faces,
    finite,
    moved,
    on_meta,
    pair,
    pointless_planes,
    reached,
)
from ptk.testing.contracts.common import DESCRIBED, REPEATED_SEEDED, SEEDED, SENT, STORED
from ptk.testing.rule import NotHere, Rule
from ptk.types import Verdict

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]


def _judged(trial: Trial, batch: int, height: int, width: int, *, whole: bool = False) -> list[Verdict]:
    source = faces(batch, height, width)
    pyramid = [source.image, F.avg_pool2d(source.image, 2)] if whole else [source.image]
    with torch.no_grad():
        verdicts = trial.built(pyramid, trial.told(source, source))
    good = isinstance(verdicts, list) and len(verdicts) > 0
    expect(good, f"expected a list of ptk.Verdict, got {type(verdicts).__name__}: {verdicts!r:.60}")
    for level, verdict in enumerate(verdicts):
        expect(isinstance(verdict, Verdict), f"level {level} must be a ptk.Verdict, it is a {type(verdict).__name__}")
    return list(verdicts)


def _verdicts(trial: Trial) -> None:
    for size in TRIALS:
        for whole in (False, True):
            for level, verdict in enumerate(_judged(trial, *size, whole=whole)):
                shape, batch = tuple(verdict.logits.shape), size[0]
                fits = len(shape) == 4 and shape[:2] == (batch, 1)
                expect(fits, f"logits of level {level} must be ({batch}, 1, h, w), they are {shape}")
                finite(verdict.logits, f"logits of level {level}")
                for index, feature in enumerate(verdict.features):
                    what = f"feature {index} of level {level}"
                    expect(feature.shape[0] == batch, f"{what} must keep the batch of {batch}")
                    finite(feature, what)
                if verdict.classes is not None:
                    shape, what = tuple(verdict.classes.shape), f"classes of level {level}"
                    expect(shape == (batch, DOMAINS), f"{what} must be ({batch}, {DOMAINS}), they are {shape}")
                    finite(verdict.classes, what)


def _classes(trial: Trial) -> None:
    """A recipe is checked by what the class says, before anything is built."""
    given = any(verdict.classes is not None for verdict in _judged(trial, 2, 64, 96))
    option = options(trial.factory, trial.kind).get("classes")
    said = trial.options.get("classes", option.default) if option else getattr(trial.factory, "gives_classes", False)
    expect(
        given == bool(said),
        "it gives Verdict.classes, so its class needs gives_classes = True, or an option `classes`"
        if given
        else "it says that it gives classes, but Verdict.classes is None at every level",
    )


def _levels(trial: Trial) -> None:
    short, whole = (len(_judged(trial, 2, 64, 96, whole=whole)) for whole in (False, True))
    expect(short == whole, f"expected as many levels for a short pyramid, {whole}, got {short}")


def _learning(trial: Trial) -> tuple[Any, Tensor, list[Verdict]]:
    """A copy that learns, an image, and what it says of it: so that what is tried later is not changed."""
    source = faces(2, 64, 96)
    image = source.image.clone().requires_grad_()
    discriminator = copy.deepcopy(trial.built).train()
    return discriminator, image, discriminator([image], trial.told(source, source))


def _backward(verdicts: list[Verdict]) -> None:
    said = [one for verdict in verdicts for one in (verdict.logits, verdict.classes) if one is not None]
    backward(torch.stack([one.float().square().mean() for one in said]).sum())


def _gradients(trial: Trial) -> None:
    discriminator, _, verdicts = _learning(trial)
    _backward(verdicts)
    reached(discriminator)


def _passes(trial: Trial) -> None:
    _, image, verdicts = _learning(trial)
    _backward(verdicts)
    passed = image.grad is not None and image.grad.abs().max() > 0
    expect(passed, "gradients must pass through it to the images: a generator learns from nothing else")


def _bfloat16(trial: Trial) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        discriminator, image, verdicts = _learning(trial)
    for level, verdict in enumerate(verdicts):
        good = verdict.logits.dtype in (torch.float32, torch.bfloat16)
        dtype = verdict.logits.dtype
        expect(good, f"logits of level {level} must be float32 or bfloat16 under autocast, they are {dtype}")
        finite(verdict.logits, f"logits of level {level} under bfloat16 autocast")
        if verdict.classes is not None:
            finite(verdict.classes, f"classes of level {level} under bfloat16 autocast")
    _backward(verdicts)
    for name, parameter in discriminator.named_parameters():
        if parameter.grad is not None:
            finite(parameter.grad, f"the gradient of {name} under bfloat16 autocast")
    if image.grad is not None:
        finite(image.grad, "the gradient of the image under bfloat16 autocast")


def _landmarks(trial: Trial) -> None:
    if trial.looks_at_landmarks:
        raise NotHere("its class says needs_landmarks")
    source = faces(2, 64, 96)
    with torch.no_grad():
        verdicts = trial.built([source.image], pointless_planes(trial.told(source, source)))
    blind = all(torch.isfinite(verdict.logits).all() for verdict in verdicts)
    expect(blind, "it looks at landmarks, which are NaN on data without faces: its class needs needs_landmarks = True")


def _meta(trial: Trial) -> None:
    source = faces(2, 64, 96)
    told = moved(trial.told(source, source), "meta")
    for level, verdict in enumerate(on_meta(trial.built)([source.image.to("meta")], told)):
        where = verdict.logits.device
        expect(where.type == "meta", f"logits of level {level} must be on the device of the image, they are on {where}")


RULES = (
    *DESCRIBED,
    Rule("gives a ptk.Verdict a level for any batch and size", _verdicts),
    Rule("gives as many levels for a pyramid that ends sooner", _levels),
    Rule("tells the domain where its class says so", _classes),
    Rule("gradients reach every parameter", _gradients),
    Rule("gradients pass through it to the images", _passes),
    Rule("is finite under bfloat16 autocast, gradients too", _bfloat16),
    Rule("says that it looks at landmarks", _landmarks, at=""),
    Rule("runs on torch's meta device, on which runs are reckoned", _meta),
    *SEEDED,
    *REPEATED_SEEDED,
    *STORED,
    *SENT,
)


def answer(trial: Trial, part: Any) -> Any:
    """Logits, features and classes of every level."""
    source, target = pair(2, 64, 96)
    verdicts = part.eval()([source.image], trial.told(source, target))
    return [[verdict.logits, verdict.features, verdict.classes] for verdict in verdicts]
