"""Photos rendered in another domain, kept in the user's cache folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import numpy as np
import torch
from platformdirs import user_cache_path
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

import ptk
from ptk.device import resolve_device
from ptk.errors import DataError, OutputError
from ptk.files import replacing
from ptk.recipe.schema import DomainUse
from ptk.types import Domain

__all__ = ["Progress", "render", "stylise"]

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

_BATCH = 8


def render(photos: np.ndarray, use: DomainUse, domain: Domain, progress: Progress = lambda *_: None) -> np.ndarray:
    """Photos uint8 (N, H, W, 3) in another domain, same shape; from the cache when they were rendered before.

    Raises DataError when the domain cannot render photos.
    """
    if domain.stylise is None:
        raise DataError(f"the domain {use.name} cannot be rendered from photos; prepare images of it into the data set")
    words = json.dumps([use.part, dict(use.options), ptk.__version__], default=str, sort_keys=True)
    key = hashlib.sha256(words.encode() + str(photos.shape).encode() + photos.tobytes()).hexdigest()[:32]
    cached = user_cache_path("ptk") / "renderings" / f"{key}.safetensors"
    try:
        return np.asarray(load_file(cached)["images"])
    except (OSError, SafetensorError, KeyError):
        pass
    device = resolve_device("auto")
    batches = []
    for start in range(0, len(photos), _BATCH):
        batches.append(stylise(photos[start : start + _BATCH], domain, device))
        progress(f"rendering {use.name}", min(start + _BATCH, len(photos)), len(photos))
    rendered = np.concatenate(batches)
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with replacing(cached) as temporary:
            save_file({"images": rendered}, temporary)
    except (OSError, OutputError):
        pass  # a cache that cannot be written costs time only
    return rendered


def stylise(photos: np.ndarray, domain: Domain, device: torch.device) -> np.ndarray:
    """Photos uint8 (N, H, W, 3) in another domain, computed on `device` and rounded to the same form."""
    assert domain.stylise is not None
    batch = torch.from_numpy(photos).to(device).permute(0, 3, 1, 2)
    with torch.inference_mode():
        styled = domain.stylise(batch.float().div(127.5).sub(1)).clamp(-1, 1)
    rendered = styled.add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return np.ascontiguousarray(rendered)  # safetensors stores memory as it lies: a permuted view would come back torn
