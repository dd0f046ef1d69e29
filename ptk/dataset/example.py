"""A few people of the bundled sample, to try things on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from ptk.dataset.images import decode
from ptk.dataset.manifest import SAMPLE, read_description, read_manifest
from ptk.types import Faces

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

__all__ = ["people", "portrait", "portraits"]


def people(count: int = 4, size: int = 96) -> Faces:
    """The first `count` people of the sample, neutral, as `size` px crops; `domain` is 0, the photo."""
    entries = [entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral"][:count]
    margin = read_description(SAMPLE).margin
    pad = round(margin * size)
    decoded = [decode(SAMPLE / entry.image, entry, size, margin) for entry in entries]
    pixels = np.stack([one.pixels for one in decoded])[:, pad : pad + size, pad : pad + size]
    return Faces(
        image=torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(127.5).sub(1),
        points=torch.from_numpy(np.stack([one.points for one in decoded])).float(),
        domain=torch.zeros(len(decoded), dtype=torch.int64),
    )


def portrait(size: int = 384) -> UInt8[np.ndarray, "height width 3"]:
    """A photo of one person of the sample, with its margin, enlarged to `size` px: detectors want large faces."""
    from PIL import Image

    entry = next(entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral")
    with Image.open(SAMPLE / entry.image) as image:
        return np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC))


def portraits(
    count: int = 2, size: int = 512
) -> list[tuple[UInt8[np.ndarray, "height width 3"], Float32[np.ndarray, "68 2"]]]:
    """Photos of the first `count` people of the sample, enlarged to `size` px, and their landmarks in pixels."""
    from PIL import Image

    found = []
    for entry in [entry for entry in read_manifest(SAMPLE) if entry.expression == "neutral"][:count]:
        with Image.open(SAMPLE / entry.image) as image:
            scale = np.array([size / image.width, size / image.height])
            pixels = np.asarray(image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC))
        found.append((pixels, (np.array(entry.landmarks) * scale).astype(np.float32)))
    return found
