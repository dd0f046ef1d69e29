"""Photos rendered in another domain, kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from platformdirs import user_cache_path
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from torch import Tensor

import ptk
from ptk.device import resolve_device
from ptk.errors import OutputError, PartError
from ptk.files import replacing
from ptk.registry.failures import describe_part, name_failures
from ptk.registry.registry import load_registry
from ptk.types import Domain, Faces

__all__ = ["DomainPart", "Progress", "render", "stylise"]

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


class DomainPart(Protocol):
    """Which part renders a domain, and how: what a recipe says of the domain `name`."""

    @property
    def name(self) -> str:
        """The domain."""

    @property
    def part(self) -> str:
        """The part, by the name under which it is offered."""

    @property
    def options(self) -> Mapping[str, Any]:
        """The part's options."""


_BATCH = 8

_FARTHEST = 1.5
"""What sharpens or lightens may go a little beyond [-1, 1], and is clipped; beyond this it is of another range."""


def render(
    photos: np.ndarray, points: np.ndarray, use: DomainPart, domain: Domain, progress: Progress = lambda *_: None
) -> np.ndarray:
    """Photos uint8 (N, H, W, 3), landmarks (N, 68, 2) in [0, 1] of them -> the same shape in another domain.

    They come from the cache when they were rendered before.
    """
    # Who renders is part of the key: another version, or a plug-in that is being written, is not served from the cache.
    try:
        source = hashlib.sha256(Path(inspect.getfile(type(domain))).read_bytes()).hexdigest()
    except (OSError, TypeError):  # made in a running process
        source = ""
    maker = [ptk.__version__, load_registry().part("domain", use.part).origin, source]
    words = json.dumps([use.part, dict(use.options), maker, photos.shape], default=str, sort_keys=True)
    pixels = photos.tobytes() + points.astype(np.float32).tobytes()
    key = hashlib.sha256(words.encode() + pixels).hexdigest()[:32]
    cached = user_cache_path("ptk") / "renderings" / f"{key}.safetensors"
    try:
        return np.asarray(load_file(cached)["images"])
    except (OSError, SafetensorError, KeyError):
        pass
    device = resolve_device("auto")
    batches = []
    for start in range(0, len(photos), _BATCH):
        rows = slice(start, start + _BATCH)
        batches.append(stylise(photos[rows], points[rows], domain, device))
        progress(f"rendering {use.name}", min(start + _BATCH, len(photos)), len(photos))
    rendered = np.concatenate(batches)
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with replacing(cached) as temporary:
            save_file({"images": rendered}, temporary)
    except (OSError, OutputError):
        pass  # a cache that cannot be written costs time only
    return rendered


def stylise(photos: np.ndarray, points: np.ndarray, domain: Domain, device: torch.device) -> np.ndarray:
    """Photos uint8 (N, H, W, 3) in another domain, computed on `device` and rounded to the same form.

    `points` (N, 68, 2) are the landmarks in [0, 1] of the photos. Raises PartError, which names the domain and its
    distribution, where that raises something or makes no images in [-1, 1] of the photos' shape.
    """
    assert domain.stylise is not None
    image = torch.from_numpy(photos).to(device).permute(0, 3, 1, 2).float().div(127.5).sub(1)
    where = torch.from_numpy(points.astype(np.float32)).to(device)
    faces = Faces(image=image, points=where, domain=torch.zeros(len(photos), dtype=torch.int64, device=device))
    with torch.inference_mode(), name_failures(domain, "stylise"):
        styled = domain.stylise(faces)
    _check_styled(styled, image, domain)
    styled = styled.float().clamp(-1, 1)
    rendered = styled.add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return np.ascontiguousarray(rendered)  # safetensors stores memory as it lies: a permuted view would come back torn


def _check_styled(styled: object, image: Tensor, domain: Domain) -> None:
    """Raise PartError where `styled` is not what `stylise` must make of `image`."""
    if not isinstance(styled, Tensor):
        fault = f"a tensor, it returned a {type(styled).__name__}"
    elif styled.shape != image.shape:
        fault = f"images {tuple(image.shape)}, it returned {tuple(styled.shape)}"
    elif not styled.is_floating_point():
        fault = f"floating-point images in [-1, 1], it returned {styled.dtype}"
    elif not torch.isfinite(styled).all():
        fault = "finite images, it returned NaN or infinity"
    elif len(styled) and styled.abs().max() > _FARTHEST:
        fault = f"images in [-1, 1], it returned values in [{styled.min().item():.3g}, {styled.max().item():.3g}]"
    else:
        return
    raise PartError(f"{describe_part(domain, f'domain {domain.title}')}: stylise must return {fault}")
