"""What losses must hold: a float32 scalar whose gradient reaches those that it trains."""

from __future__ import annotations

import copy
import dataclasses
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ptk.errors import PluginError
from ptk.module_state import load_state, read_state
from ptk.random_states import seed_all
from ptk.testing.assertions import (
    TRIALS,
    Judge,
    backward,
    expect,
    faces,
    finite,
    moved,
    on_meta,
    pointless,
    pointless_planes,
)
from ptk.testing.contracts.common import DESCRIBED, REPEATED_SEEDED, SENT
from ptk.testing.rule import NotHere, Rule
from ptk.types import Translation
from ptk.types.translation import declared

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "SIDES", "answer"]

SIDES = ("generator", "critic")


def _seen(trial: Trial, batch: int, height: int, width: int, dtype: torch.dtype = torch.float32) -> Translation:
    """A translation as the loss of a side is given it: a critic's has no graph. The images made are of `dtype`."""
    source, target = (faces(batch, height, width, seed=seed) for seed in (0, 1))
    pyramids = []
    for seed in (2, 3):
        image = faces(batch, height, width, seed=seed).image.to(dtype).requires_grad_()
        pyramids.append([image, F.avg_pool2d(image, 2)])
    planes = trial.told(source, target)
    made = Translation(source=source, target=target, planes=planes, fake=pyramids[0], restored=pyramids[1])
    return made.detach() if trial.side == "critic" else made


def _judge_of(trial: Trial) -> Judge:
    """The networks that a loss is tried with: they have classes and features where it says that it needs them."""
    says = declared(trial.built)
    return Judge(trial.plane_channels, classes=says.needs_classes, features=says.needs_features)


def _value(trial: Trial, translation: Translation, judge: Judge, part: nn.Module | None = None) -> Tensor:
    """What `part` says; without one, a copy of the loss as it was built: losses may remember what they saw."""
    value = (part or copy.deepcopy(trial.built))(judge.judged(translation), judge)
    expect(isinstance(value, Tensor), f"a loss must be a tensor, it is a {type(value).__name__}")
    expect(value.ndim == 0, f"a loss must be a scalar, it is {tuple(value.shape)}")
    finite(value, "a loss")
    return value  # type: ignore[no-any-return]


def _sides(trial: Trial) -> None:
    sides = trial.part.sides
    good = bool(sides) and set(sides) <= set(SIDES)
    expect(good, f'Part(sides=...) must say whom it can train: ("generator",), ("critic",) or both, it is {sides!r}')


def _scalar(trial: Trial) -> None:
    for size in TRIALS:
        value = _value(trial, _seen(trial, *size), _judge_of(trial))
        expect(value.dtype == torch.float32, f"a loss must be float32, it is {value.dtype}")


def _gradients(trial: Trial) -> None:
    if trial.side == "critic":
        what = "the discriminator"
        breach = "a critic's loss must ask the networks to judge: no gradient reached the discriminator"
    else:
        what = "a generated image"
        breach = "no gradient reaches the generated images, nor the generator; something in it is detached"
    for size in TRIALS:
        translation, judge = _seen(trial, *size), _judge_of(trial)
        backward(_value(trial, translation, judge))
        gradients = _trained(trial, translation, judge)
        expect(len(gradients) > 0, breach)
        for gradient in gradients:
            finite(gradient, f"the gradient of {what}")


def _trained(trial: Trial, translation: Translation, judge: Judge) -> list[Tensor]:
    """The gradients that reached what the side of the loss trains: the critic, or images made and what makes others."""
    images, generator = (translation.fake[0], translation.restored[0]), judge.generator.parameters()
    learning = judge.discriminator.parameters() if trial.side == "critic" else (*images, *generator)
    return [one.grad for one in learning if one.grad is not None]


def _own_parameters(trial: Trial) -> None:
    loss = copy.deepcopy(trial.built)
    learning = {name: one for name, one in loss.named_parameters() if one.requires_grad}
    if not learning:
        raise NotHere("it has no parameters of its own")
    backward(_value(trial, _seen(trial, 2, 64, 96), _judge_of(trial), loss))
    for name, parameter in learning.items():
        breach = f"{name} is a parameter that no gradient reaches; what should not train needs requires_grad_(False)"
        expect(parameter.grad is not None, breach)
        finite(parameter.grad, f"the gradient of {name}")


def _state(trial: Trial) -> None:
    """A loss that has seen something, and a new one with its state, say the same of the next images."""
    old, new = copy.deepcopy(trial.built), trial.build(seed=2)
    judge = _judge_of(trial)
    _value(trial, _seen(trial, 2, 64, 96), judge, old)
    try:
        load_state(new, {name: tensor.clone() for name, tensor in read_state(old, "a loss").items()})
    except RuntimeError as error:
        raise PluginError(f"its state_dict does not load into a new one: {error}") from error
    values = []
    for loss in (old, new):
        seed_all(0)
        values.append(_value(trial, _seen(trial, 2, 64, 96), judge, loss))
    expect(
        torch.equal(*values),
        f"a new one with the state_dict of one that was used must say the same, it says {values[1].item():.6g}, not "
        f"{values[0].item():.6g}: what it remembers must be a buffer, or a resumed run is another",
    )


def _bfloat16(trial: Trial) -> None:
    translation, judge = _seen(trial, 2, 64, 96, torch.bfloat16), _judge_of(trial)
    with torch.autocast("cpu", torch.bfloat16):
        value = _value(trial, translation, judge)
    expect(
        value.dtype == torch.float32,
        f"a loss must be float32 under bfloat16 autocast, it is {value.dtype}: sums over images drown in bfloat16; "
        f"call .float() on images and logits first",
    )
    backward(value)
    for gradient in _trained(trial, translation, judge):
        finite(gradient, "a gradient under bfloat16 autocast")


def _zero(trial: Trial) -> None:
    if not declared(trial.built).zero_at_target:
        raise NotHere("its class does not say zero_at_target = True")
    source = faces(2, 64, 64)
    exact = [source.image, F.avg_pool2d(source.image, 3, 2, 1, count_include_pad=False)]
    planes = trial.told(source, source)
    same = Translation(source=source, target=source, planes=planes, fake=exact, restored=exact)
    value = _value(trial, same, _judge_of(trial)).item()
    expect(abs(value) < 1e-6, f"the loss of the real image itself must be 0, it is {value:.3g}")


def _truth(trial: Trial) -> None:
    """Where what was made is the target, and nothing else is: a loss that is 0 there compares with it."""
    if declared(trial.built).needs_truth:
        raise NotHere("its class says needs_truth = True")
    if trial.side == "critic":
        raise NotHere("a critic compares nothing with the truth")
    given = _seen(trial, 2, 64, 64)
    smaller = F.avg_pool2d(given.target.image, 3, 2, 1, count_include_pad=False)
    exact = dataclasses.replace(given, fake=[given.target.image.clone().requires_grad_(), smaller])
    there, elsewhere = (_value(trial, made, _judge_of(trial)).item() for made in (exact, given))
    expect(
        abs(there) > 1e-6 or abs(elsewhere) <= 1e-6,
        "it is 0 where the image made is the target's, so it compares with the truth: its class needs "
        "needs_truth = True, or it would train on a stranger where a recipe says pairs: unpaired",
    )


def _landmarks(trial: Trial) -> None:
    if trial.looks_at_landmarks:
        raise NotHere("its class says needs_landmarks")
    given = _seen(trial, 2, 64, 96)
    source, target = pointless(given.source), pointless(given.target)
    given = dataclasses.replace(given, source=source, target=target, planes=pointless_planes(given.planes))
    judge = _judge_of(trial)
    value = copy.deepcopy(trial.built)(judge.judged(given), judge)
    expect(
        torch.isfinite(value).all(),
        "it looks at landmarks, which are NaN on data without faces: its class needs needs_landmarks, True or the "
        "options with which it does",
    )


def _meta(trial: Trial) -> None:
    given = _seen(trial, 2, 64, 96)
    source, target = given.source.to("meta"), given.target.to("meta")
    fake, restored = ([image.to("meta") for image in made] for made in (given.fake, given.restored))
    judge = _judge_of(trial)
    judge.discriminator, judge.generator = on_meta(judge.discriminator), on_meta(judge.generator)
    planes = moved(given.planes, "meta")
    translation = Translation(source=source, target=target, planes=planes, fake=fake, restored=restored)
    value = on_meta(trial.built)(judge.judged(translation), judge)
    expect(value.device.type == "meta", f"a loss must be on the device of the images, it is on {value.device}")


RULES = (
    *DESCRIBED,
    Rule("says whom it trains", _sides, at=""),
    Rule("is a finite float32 scalar for any batch and size", _scalar),
    Rule("gradients reach what it trains", _gradients),
    Rule("parameters of its own get gradients", _own_parameters),
    Rule("what it remembers goes through a checkpoint", _state),
    Rule("is float32 and finite under bfloat16 autocast, gradients too", _bfloat16),
    Rule("is zero for the true image itself", _zero),
    Rule("says that it needs the truth", _truth, at=""),
    Rule("says that it looks at landmarks", _landmarks, at=""),
    Rule("runs on torch's meta device, on which runs are reckoned", _meta),
    *REPEATED_SEEDED,
    *SENT,
)


def answer(trial: Trial, part: Any) -> Any:
    """The loss of one translation."""
    part, judge = copy.deepcopy(part), _judge_of(trial)  # it may remember what it sees
    return part(judge.judged(_seen(trial, 2, 64, 96).detach()), judge)
