"""Small random changes of place and colour, alike for both halves of a pair, on the device that trains.

What is random is drawn on the CPU, so that a batch is the same on every device; pixels are sampled once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from ptk.data.bend_photos import Spline
from ptk.faces.topologies import IBUG68, Topology
from ptk.faces.topology import MIRROR
from ptk.recipe.schema import AugmentSettings
from ptk.types import Faces, Pair

__all__ = ["Changes", "mirror", "reach", "sampled"]

_SPACING = 4  # pixels between the places where a spline is evaluated; cubic interpolation fills in what is between


@dataclass(frozen=True, eq=False)
class Changes:
    """What is changed in each of B rows, drawn by `drawn` on the CPU.

    `matrix` (B, 3, 3) float64 takes places in [0, 1] of the crop to where they come to lie; `colour` (B, 4) are the
    factors of brightness, contrast and saturation and the turn of the hue in radians. None where nothing is to change.
    """

    matrix: Tensor | None
    colour: Tensor | None

    @classmethod
    def drawn(cls, settings: AugmentSettings, batch: int, random: torch.Generator) -> Changes:
        """Uniformly from what `settings` allow. Takes as many random numbers whatever they are."""
        chance = torch.rand(batch, 8, generator=random, dtype=torch.float64) * 2 - 1
        places = torch.tensor([settings.rotate, settings.scale, settings.shift, settings.shift], dtype=torch.float64)
        colours = [settings.brightness, settings.contrast, settings.saturation, settings.hue]
        colour = chance[:, 4:] * torch.tensor(colours, dtype=torch.float64)
        colour = torch.cat([1 + colour[:, :3], 2 * math.pi * colour[:, 3:]], dim=1)
        return cls(_matrix(chance[:, :4] * places) if places.any() else None, colour if any(colours) else None)

    def of(self, rows: slice) -> Changes:
        """What is changed in these rows."""
        matrix, colour = (None if one is None else one[rows] for one in (self.matrix, self.colour))
        return Changes(matrix, colour)

    def moved(self, points: Tensor) -> Tensor:
        """Where landmarks (B, 68, 2) of the crop come to lie."""
        from kornia.geometry.linalg import transform_points

        return points if self.matrix is None else transform_points(self.matrix, points.double()).to(points.dtype)

    def coloured(self, pair: Pair) -> Pair:
        """Each row's two images in another light, by one and the same function of a pixel."""
        if self.colour is None:
            return pair
        both = torch.cat([pair.a.image, pair.b.image], dim=2)  # as one picture, which has one mean
        first, second = self._coloured(both, self.colour).chunk(2, dim=2)
        return Pair(a=replace(pair.a, image=first.contiguous()), b=replace(pair.b, image=second.contiguous()))

    def coloured_alone(self, faces: Faces) -> Faces:
        """Each row's image in another light."""
        if self.colour is None:
            return faces
        return replace(faces, image=self._coloured(faces.image, self.colour))

    @staticmethod
    def _coloured(image: Tensor, colour: Tensor) -> Tensor:
        from kornia import enhance

        brightness, contrast, saturation, hue = colour.float().to(image.device).unbind(1)
        image = enhance.adjust_contrast(image.add(1).div(2), brightness)  # kornia's name for a factor of brightness
        image = enhance.adjust_contrast_with_mean_subtraction(image, contrast)
        image = enhance.adjust_saturation_with_gray_subtraction(image, saturation)
        return enhance.adjust_hue(image, hue).mul(2).sub(1)


def reach(settings: AugmentSettings) -> float:
    """How far beyond the crop, as a share of its side, the farthest pixel that a change can ask for lies.

    A corner, h = 1/2 from the middle both ways, is first shifted back, to h + shift, then turned back, which puts it
    at most (h + shift)(cos + sin) from the middle in either direction, then divided by the least scale.
    """
    angle = math.radians(settings.rotate)
    return (0.5 + settings.shift) * (math.cos(angle) + math.sin(angle)) / (1 - settings.scale) - 0.5


def _matrix(places: Tensor) -> Tensor:
    """(B, 3, 3) from (B, 4): degrees, how much larger, and the shift in x and y, about the middle of the crop."""
    from kornia.geometry.transform import get_affine_matrix2d

    middle = torch.full((len(places), 2), 0.5, dtype=torch.float64)
    matrix: Tensor = get_affine_matrix2d(places[:, 2:], middle, (1 + places[:, 1:2]).expand(-1, 2), places[:, 0])
    return matrix


def sampled(images: Tensor, pad: int, matrix: Tensor | None = None, spline: Spline | None = None) -> Tensor:
    """The crops of uint8 images (B, 3, S + 2 pad, S + 2 pad), bent by `spline`, then moved by `matrix` (B, 3, 3).

    In [-1, 1]. Every pixel is looked up once, bicubically, in what margin there is; beyond it the border's pixels go
    on. With neither, the crop as it is.
    """
    if matrix is None and spline is None:
        inside = slice(pad, images.shape[-1] - pad)
        return images[..., inside, inside].float().div(127.5).sub(1)
    from kornia.geometry.transform import remap

    size = images.shape[-1] - 2 * pad
    back = None if matrix is None else torch.linalg.inv(matrix).to(images.device)
    places = _places(size, back, images.device)
    if spline is not None:
        coarse = _places(-(-size // _SPACING), back, images.device)
        flat = coarse.flatten(1, 2).expand(len(images), -1, -1)
        away = (spline.to(images.device).at(flat) - flat).reshape(-1, *coarse.shape[1:]).permute(0, 3, 1, 2)
        places = places + nn.functional.interpolate(away, size=(size, size), mode="bicubic").permute(0, 2, 3, 1)
    places = (2 * (places * size + pad) / images.shape[-1] - 1).float().expand(len(images), -1, -1, -1)
    x, y = places.unbind(-1)
    seen = remap(images.float(), x, y, "bicubic", "border", align_corners=False, normalized_coordinates=True)
    return seen.clamp(0, 255).div(127.5).sub(1)


def _places(side: int, back: Tensor | None, device: torch.device) -> Tensor:
    """Where the centres of side x side pixels of a crop were, (B or 1, side, side, 2), in [0, 1] of the crop."""
    from kornia.geometry.linalg import transform_points

    centres = (torch.arange(side, dtype=torch.float64, device=device) + 0.5) / side
    y, x = torch.meshgrid(centres, centres, indexing="ij")
    places = torch.stack([x, y], dim=-1)[None]
    if back is None:
        return places
    moved: Tensor = transform_points(back, places.flatten(1, 2).expand(len(back), -1, -1))
    return moved.reshape(-1, side, side, 2)


def mirror(faces: Faces, flip: Tensor, topology: Topology = IBUG68) -> Faces:
    """Mirror the rows where `flip` (B,) bool, on the CPU: the image, and the landmarks, which change sides.

    `dense` landmarks, those of the `topology`, do, too. Where keys are even numbers, a mirrored image has the odd one
    after.
    """
    key = None if faces.key is None else torch.where(faces.key < 0, faces.key, faces.key + flip)
    flip = flip.to(faces.image.device)

    def swap(points: Tensor, sides: Sequence[int]) -> Tensor:
        swapped = points[:, list(sides)]
        swapped = torch.stack([1 - swapped[..., 0], swapped[..., 1]], dim=-1)
        return torch.where(flip[:, None, None], swapped, points)

    return Faces(
        points=swap(faces.points, MIRROR),
        dense=None if faces.dense is None else swap(faces.dense, topology.mirror),
        domain=faces.domain,
        image=torch.where(flip[:, None, None, None], faces.image.flip(-1), faces.image),
        key=key,
    )
