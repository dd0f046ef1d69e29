"""What is compared with the true image: what the weights made, and what anybody could have done without them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ptk.data.augment import sampled
from ptk.data.bend_photos import Spline
from ptk.dataset.manifest import PHOTO
from ptk.types import Faces

if TYPE_CHECKING:
    from ptk.editing.rendered import Translates
    from ptk.evaluation.people import Shot

__all__ = ["CANDIDATES", "candidates", "face_box", "faces_of", "within", "without_weights"]

CANDIDATES = ("result", "unchanged", "warp", "true")
"""What the weights made; the source as it was; bent by a thin-plate spline to the landmarks asked for; the true image.

In styles the two in the middle start from the source as the style's own filter renders it: they know the style, and the
weights must have learned it. The true image says what the metrics make of a perfect result.
"""

_FOREHEAD = 0.08  # of the crop's side, above the brows
_LEAST = 48  # pixels: what is smaller tells metrics too little


def candidates(translator: Translates, source: Shot, target: Shot, domain: str) -> dict[str, Tensor]:
    """Each of CANDIDATES as an image (1, 3, S, S) in [-1, 1]: the `source` told to look like the `target`.

    In `domain`, in which both must have an image.
    """
    start, goal = (each.points_of(translator.topology) for each in (source, target))
    made = translator.render(source.crop(PHOTO), start, goal, domain).image
    result = torch.tensor(made).permute(2, 0, 1)[None].float().div(127.5).sub(1)
    return {"result": result, **without_weights(source, target, domain)}


def without_weights(source: Shot, target: Shot, domain: str) -> dict[str, Tensor]:
    """What needs no weights, images (1, 3, S, S) in [-1, 1]: CANDIDATES without the first."""
    before, after = (torch.from_numpy(each.points)[None].double() for each in (source, target))
    spline = Spline.between(before, after, source.pad / source.size)
    rendering = torch.tensor(source.images[domain]).permute(2, 0, 1)[None]
    return {
        "unchanged": sampled(rendering, source.pad),
        "warp": sampled(rendering, source.pad, spline=spline).clamp(-1, 1).float(),
        "true": faces_of(target, domain).image,
    }


def faces_of(shot: Shot, domain: str) -> Faces:
    """The one face in `shot`, as it is in `domain`."""
    image = torch.from_numpy(shot.crop(domain)).permute(2, 0, 1)[None].float().div(127.5).sub(1)
    index = torch.tensor([list(shot.images).index(domain)])
    return Faces(image=image, points=torch.from_numpy(shot.points)[None], domain=index)


def face_box(shot: Shot) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around the landmarks of `shot` and the forehead, at least 48 pixels wide."""
    low, high = shot.points.min(0).astype(float), shot.points.max(0).astype(float)
    low[1] -= _FOREHEAD
    sides = []
    for start, end in zip(low[::-1] * shot.size, high[::-1] * shot.size, strict=True):
        lack = max(0.0, _LEAST - (end - start)) / 2
        first = max(0, min(int(start - lack), shot.size - _LEAST))
        sides.append(slice(first, min(shot.size, max(int(np.ceil(end + lack)), first + _LEAST))))
    return sides[0], sides[1]


def within(faces: Faces, box: tuple[slice, slice]) -> Faces:
    """`faces` as they are in the `box` alone."""
    height, width = faces.image.shape[-2:]
    corner = torch.tensor([box[1].start, box[0].start], dtype=torch.float32)
    image = faces.image[..., box[0], box[1]]
    sides = torch.tensor([image.shape[-1], image.shape[-2]], dtype=torch.float32)
    points = (faces.points * torch.tensor([width, height], dtype=torch.float32) - corner) / sides
    return Faces(image=image, points=points, domain=faces.domain)
