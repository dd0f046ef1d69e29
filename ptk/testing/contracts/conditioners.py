"""What conditioners must hold: planes of the image's size, dtype and device, of each face by itself."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ptk.testing.assertions import (
    TRIALS,
    backward,
    devices,
    expect,
    faces,
    finite,
    first,
    mirrored_faces,
    on_meta,
    pair,
    reached,
)
from ptk.testing.contracts.common import DESCRIBED, REPEATED, SENT, STORED
from ptk.testing.rule import NotHere, Rule
from ptk.types import Faces, Target

if TYPE_CHECKING:
    from ptk.testing.trial import Trial

__all__ = ["RULES", "answer"]


def _channels(trial: Trial) -> None:
    channels = getattr(trial.built, "channels", None)
    good = isinstance(channels, int) and channels > 0
    expect(good, f"channels must be an int above 0, it is {channels!r}")


def _shapes(trial: Trial) -> None:
    for batch, height, width in TRIALS:
        planes = trial.built(*pair(batch, height, width))
        expected = (batch, trial.built.channels, height, width)
        expect(tuple(planes.shape) == expected, f"planes must be {expected}, they are {tuple(planes.shape)}")
        finite(planes, "planes")


def _mirror(trial: Trial) -> None:
    for size in TRIALS:
        source, target = pair(*size)
        planes: Tensor = trial.built(source, target)
        mirror = trial.built(mirrored_faces(source), mirrored_faces(target))
        gap = (mirror.abs().sum(1) - planes.flip(-1).abs().sum(1)).abs().max() / planes.abs().max().clamp_min(1e-6)
        expect(
            gap < 1e-3,
            f"a mirrored face must give mirrored planes (channels may change places and signs); they differ by "
            f"{gap:.2g} of their maximum",
        )


def _rows(trial: Trial) -> None:
    source, target = pair(3, 96, 64)
    both, alone = trial.built(source, target), trial.built(first(source, 1), first(target, 1))
    gap = (both[:1] - alone).abs().max().item()
    expect(gap <= 1e-5, f"planes must not depend on other faces of the batch; they change by {gap:.2g}")


def _outside(trial: Trial) -> None:
    source, target = pair(2, 64, 96)
    outside = Target(points=target.points + 2, domain=target.domain)
    finite(trial.built(source, outside), "planes for points outside the crop")


def _dtype(trial: Trial) -> None:
    for device in devices():
        part = copy.deepcopy(trial.built).to(device)
        for dtype in (torch.float32, torch.float64, torch.bfloat16):
            source = faces(1, 64, 64).to(device)
            source = Faces(image=source.image.to(dtype), points=source.points, domain=source.domain)
            planes = part(source, source)
            expect(planes.dtype == dtype, f"planes must have the image's dtype {dtype}, they have {planes.dtype}")
            finite(planes, f"planes in {dtype}")
            where = planes.device.type
            expect(where == device, f"planes must be on the image's device {device}, they are on {where}")


def _autocast(trial: Trial) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        planes = trial.built(*pair(1, 64, 64))
    got = planes.dtype
    expect(got == torch.float32, f"planes must have the image's dtype torch.float32 under autocast, too, it is {got}")
    finite(planes, "planes under autocast")


def _meta(trial: Trial) -> None:
    source, target = (one.to("meta") for one in pair(2, 64, 96))
    planes = on_meta(trial.built)(source, target)
    expect(planes.device.type == "meta", f"planes must be on the image's device, they are on {planes.device}")


def _deaf(trial: Trial) -> None:
    if getattr(trial.factory, "needs_landmarks", None) is not False:
        raise NotHere("it does not say needs_landmarks = False")
    source, target = pair(2, 64, 96)
    lost = [replace(one, points=torch.full_like(one.points, float("nan"))) for one in (source, target)]
    same = torch.equal(trial.built(source, target), trial.built(*lost))
    expect(same, "it says needs_landmarks = False, so without landmarks (NaN) its planes must stay as they are")


def _gradients(trial: Trial) -> None:
    part = copy.deepcopy(trial.built)
    if not any(parameter.requires_grad for parameter in part.parameters()):
        raise NotHere("it has no parameters to train")
    backward(part(*pair(2, 64, 96)).square().mean())
    reached(part)


RULES = (
    *DESCRIBED,
    Rule("says how many channels it adds", _channels, at="__init__"),
    Rule("gives planes (B, channels, H, W) for any batch and size", _shapes),
    Rule("gives mirrored planes for a mirrored face", _mirror),
    Rule("draws each face of a batch by itself", _rows),
    Rule("bears points outside the crop", _outside),
    Rule("keeps the image's dtype (bfloat16, too) and device", _dtype),
    Rule("keeps the dtype under bfloat16 autocast", _autocast),
    Rule("runs on torch's meta device, on which runs are reckoned", _meta),
    Rule("looks at no landmarks where it says so", _deaf),
    Rule("gradients reach every parameter", _gradients),
    *REPEATED,
    *STORED,
    *SENT,
)


def answer(_: Trial, part: Any) -> Any:
    """The planes of a pair."""
    return part(*pair(2, 64, 96))
