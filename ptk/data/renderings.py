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
from ptk.errors import DataError, OutputError
from ptk.files import replacing
from ptk.recipe.schema import DomainUse
from ptk.types import Domain

__all__ = ["Progress", "render"]

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
        rendered = _stylise(photos, use.name, domain, progress)
    try:
        cached.parent.mkdir(parents=True, exist_ok=True)
        with replacing(cached) as temporary:
            save_file({"images": rendered}, temporary)
    except (OSError, OutputError):
        pass  # a cache that cannot be written costs time only
    return rendered


def _stylise(photos: np.ndarray, name: str, domain: Domain, progress: Progress) -> np.ndarray:
    assert domain.stylise is not None
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rendered = []
    for start in range(0, len(photos), _BATCH):
        batch = torch.from_numpy(photos[start : start + _BATCH]).to(device).permute(0, 3, 1, 2)
        with torch.inference_mode():
            styled = domain.stylise(batch.float().div(127.5).sub(1)).clamp(-1, 1)
        rendered.append(styled.add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy())
        progress(f"rendering {name}", min(start + _BATCH, len(photos)), len(photos))
    return np.ascontiguousarray(np.concatenate(rendered))
