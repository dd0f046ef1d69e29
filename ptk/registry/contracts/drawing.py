"""What detectors, conditioners and domains must hold: everything that makes or reads pixels without training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from ptk.registry.contracts.expect import TRIALS, devices, expect, faces, finite, first, mirrored_faces
from ptk.types import Domain, Faces, Landmarks, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import UInt8

__all__ = ["check_conditioner", "check_detector", "check_domain"]

DOMAINS = 3


def check_detector(make: Callable[[], Any], photo: UInt8[np.ndarray, "height width 3"] | None = None) -> None:
    """`detect(uint8 (H, W, 3)) -> list[Landmarks]`, best first; with a `photo` of one face or more it finds one."""
    detector = make()
    empty = np.full((120, 160, 3), 127, np.uint8)
    found = detector.detect(empty)
    expect(found == [], f"a grey image must give [], it gave {found!r:.80}")
    if photo is None:
        return
    before = photo.copy()
    found = detector.detect(photo)
    expect(np.array_equal(photo, before), "detect must leave the image as it is")
    expect(isinstance(found, list) and len(found) > 0, f"a photo of a face must give landmarks, it gave {found!r:.80}")
    height, width = photo.shape[:2]
    for landmarks in found:
        expect(isinstance(landmarks, Landmarks), f"expected ptk.Landmarks, got {type(landmarks).__name__}")
        shape, dtype = landmarks.points.shape, landmarks.points.dtype
        expect(shape == (68, 2) and dtype == np.float32, f"points must be (68, 2) float32, they are {shape} {dtype}")
        expect(bool(np.isfinite(landmarks.points).all()), "points must be finite")
        size = (landmarks.width, landmarks.height)
        expect(size == (width, height), f"width and height must be those of the image {(width, height)}, got {size}")
        inside = ((landmarks.points >= 0) & (landmarks.points <= (width, height))).mean()
        expect(inside > 0.5, f"points must be in pixels of the image; {inside:.0%} of the coordinates lie in it")
    scores = [landmarks.score for landmarks in found]
    expect(scores == sorted(scores, reverse=True), f"the best face must come first, scores were {scores}")
    again = detector.detect(photo)
    expect(np.array_equal(again[0].points, found[0].points), "the same image must give the same points")


def check_conditioner(make: Callable[..., nn.Module]) -> None:
    """`(source, target) -> (B, channels, H, W)` in the size, dtype and device of the image; mirror and batch agree.

    A mirrored face must give mirrored planes; their channels may change places (left eye and right eye) and signs
    (a motion to the left is one to the right).
    """
    conditioner = make(domains=DOMAINS)
    channels = getattr(conditioner, "channels", None)
    expect(isinstance(channels, int) and channels > 0, f"channels must be an int above 0, it is {channels!r}")
    for batch, height, width in TRIALS:
        source, target = (faces(batch, height, width, DOMAINS, seed) for seed in (0, 1))
        planes = conditioner(source, target)
        expected = (batch, channels, height, width)
        expect(tuple(planes.shape) == expected, f"planes must be {expected}, they are {tuple(planes.shape)}")
        finite(planes, "planes")
        expect(torch.equal(planes, conditioner(source, target)), "the same faces must give the same planes")
        mirror = conditioner(mirrored_faces(source), mirrored_faces(target))
        gap = (mirror.abs().sum(1) - planes.flip(-1).abs().sum(1)).abs().max() / planes.abs().max().clamp_min(1e-6)
        expect(gap < 1e-3, f"a mirrored face must give mirrored planes; they differ by {gap:.2g} of their maximum")
    alone = conditioner(first(source, 1), first(target, 1))
    expect(torch.allclose(alone, planes[:1], atol=1e-5), "planes must not depend on other faces of the batch")
    outside = conditioner(source, Target(points=target.points + 2, domain=target.domain))
    finite(outside, "planes for points outside the crop")
    for device in devices():
        for dtype in (torch.float32, torch.float64, torch.bfloat16):
            _check_place(conditioner.to(device), device, dtype)


def _check_place(conditioner: nn.Module, device: str, dtype: torch.dtype) -> None:
    source = faces(1, 64, 64, DOMAINS).to(device)
    source = Faces(image=source.image.to(dtype), points=source.points, domain=source.domain)
    planes = conditioner(source, source)
    expect(planes.dtype == dtype, f"planes must have the image's dtype {dtype}, they have {planes.dtype}")
    expect(planes.device.type == device, f"planes must be on the image's device {device}, they are on {planes.device}")


def check_domain(make: Callable[[], Domain]) -> None:
    """A `Domain` with a title; `stylise`, where there is one, keeps shape, range and dtype and does the same twice."""
    domain = make()
    expect(isinstance(domain, Domain), f"a domain must be a ptk.Domain, it is a {type(domain).__name__}")
    expect(bool(domain.title.strip()), "a domain must have a title")
    if domain.stylise is None:
        return
    source = faces(2, 64, 96)
    image, before = source.image, source.image.clone()
    styled = domain.stylise(source)
    expect(torch.equal(image, before), "stylise must leave its images as they are")
    expect(styled.shape == image.shape, f"styled images must be {tuple(image.shape)}, they are {tuple(styled.shape)}")
    expect(styled.dtype == image.dtype, f"styled images must be {image.dtype}, they are {styled.dtype}")
    expect(styled.device == image.device, f"styled images must be on {image.device}, they are on {styled.device}")
    finite(styled, "styled images")
    low, high = styled.min().item(), styled.max().item()
    expect(low >= -1 and high <= 1, f"styled images must be in [-1, 1], they are in [{low:.3g}, {high:.3g}]")
    expect(torch.equal(styled, domain.stylise(source)), "the same image must give the same styled image")
    alone = domain.stylise(first(source, 1))
    expect(torch.allclose(alone, styled[:1], atol=1e-4), "a styled image must not depend on others of the batch")
