"""What the classical styles share: a base that sees to the contract, and the steps of edge-following filters.

Lengths are in pixels of an image whose shorter side is `REFERENCE`: a style multiplies them by its `scale`, so that a
face looks the same at every resolution.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ptk.types import Domain, Faces

REFERENCE = 256
"""The shorter side at which a style's lengths are given."""

_TILE = 512
_GRADIENT_FLOOR = 1e-8


class OneByOne(Domain):
    """A style that renders every image of a batch by itself: subclasses say how in `_stylise_one`."""

    @torch.no_grad()
    def stylise(self, faces: Faces) -> Tensor:
        """The style's rendering of `faces.image` (B, 3, H, W) in [-1, 1]; same shape, range, dtype and device.

        Arithmetic is float32 whatever the dtype. No result depends on the other images of the batch.
        """
        image = faces.image
        rendered = [self._stylise_one(one[None]) for one in image.float()]
        return torch.cat(rendered).to(image) if rendered else image.clone()

    def _stylise_one(self, image: Tensor) -> Tensor:
        """Render `image` (1, 3, H, W) float32 in [-1, 1]."""
        raise NotImplementedError


class Filter(OneByOne):
    """A style made by image filters: subclasses `paint` an image of at least `REFERENCE` pixels.

    Smaller images are painted at `REFERENCE` and reduced, because strokes of less than a pixel cannot be drawn.
    """

    def paint(self, rgb: Tensor, scale: float) -> Tensor:
        """Render `rgb` (1, 3, h, w) in [0, 1], min(h, w) = `scale` * `REFERENCE`; values beyond [0, 1] are clipped."""
        raise NotImplementedError

    def _stylise_one(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        rgb = (image + 1) / 2
        if min(height, width) < REFERENCE:
            rgb = resized_to_side(rgb, REFERENCE)
        painted = self.paint(rgb.clamp(0, 1), min(rgb.shape[-2:]) / REFERENCE)
        return resized(painted.clamp(0, 1), height, width).clamp(0, 1) * 2 - 1


def resized(image: Tensor, height: int, width: int) -> Tensor:
    """`image` (B, C, h, w) at another size, bicubic and antialiased; the image itself when it has that size."""
    if image.shape[-2:] == (height, width):
        return image
    return F.interpolate(image, (height, width), mode="bicubic", antialias=True)


def resized_to_side(image: Tensor, side: int) -> Tensor:
    """`image` (B, C, h, w) with its shorter side at `side` pixels, in its own proportions."""
    height, width = image.shape[-2:]
    factor = side / min(height, width)
    return resized(image, round(height * factor), round(width * factor))


def blurred(image: Tensor, sigma: float) -> Tensor:
    """`image` (B, C, H, W) under a Gaussian of `sigma` pixels, reflected at the border."""
    from kornia.filters import gaussian_blur2d

    # Reflection needs a kernel that ends inside the image.
    radius = min(math.ceil(3 * sigma), min(image.shape[-2:]) - 1)
    size = 2 * max(radius, 1) + 1
    smooth: Tensor = gaussian_blur2d(image, (size, size), (sigma, sigma))
    return smooth


class Flow(NamedTuple):
    """Where edges run: `angle` (1, 1, H, W) of the tangent in radians (x right, y down) and `anisotropy` in [0, 1]."""

    angle: Tensor
    anisotropy: Tensor


def edge_flow(image: Tensor, sigma: float) -> Flow:
    """The edge tangent flow of `image` (1, C, H, W) from its structure tensor, smoothed by `sigma` pixels.

    Kyprianidis and Doellner 2008, "Image abstraction by structure adaptive filtering".
    """
    from kornia.filters import spatial_gradient

    dx, dy = spatial_gradient(image).unbind(2)
    tensor = torch.cat([part.sum(1, keepdim=True) for part in (dx * dx, dx * dy, dy * dy)], 1)
    xx, xy, yy = blurred(tensor, sigma).unbind(1)
    across = torch.atan2(2 * xy, xx - yy) / 2
    anisotropy = ((xx - yy) ** 2 + 4 * xy**2).sqrt() / (xx + yy + _GRADIENT_FLOOR)
    return Flow((across + math.pi / 2)[:, None], anisotropy.clamp(0, 1)[:, None])


def pixel_grid(image: Tensor) -> Tensor:
    """The (H, W, 2) float32 coordinates (x, y) of the pixels of `image` (B, C, H, W)."""
    height, width = image.shape[-2:]
    y, x = torch.meshgrid(
        torch.arange(height, device=image.device, dtype=torch.float32),
        torch.arange(width, device=image.device, dtype=torch.float32),
        indexing="ij",
    )
    return torch.stack([x, y], -1)


def sampled(image: Tensor, places: Tensor) -> Tensor:
    """`image` (1, C, H, W) at `places` (h, w, 2) in its pixels, bilinear, the border repeated: (1, C, h, w)."""
    height, width = image.shape[-2:]
    size = torch.tensor([width - 1, height - 1], device=image.device, dtype=torch.float32)
    return F.grid_sample(image, (places * (2 / size) - 1)[None], padding_mode="border", align_corners=True)


def smoothed_along(image: Tensor, flow: Flow, sigma: float, steps: int) -> Tensor:
    """`image` (1, C, H, W) averaged along the flow under a Gaussian of `sigma` pixels, in `steps` steps each way.

    Line integral convolution as in Kang et al. 2007, "Coherent line drawing".
    """
    tangents = torch.cat([flow.angle.cos(), flow.angle.sin()], 1)
    stride = 2 * sigma / steps
    total, weights = image.clone(), 1.0
    for way in (1.0, -1.0):
        places = pixel_grid(image)
        heading = way * tangents
        for step in range(1, steps + 1):
            places = places + stride * heading[0].permute(1, 2, 0)
            weight = math.exp(-((step * stride) ** 2) / (2 * sigma**2))
            total = total + weight * sampled(image, places)
            weights += weight
            turn = sampled(tangents, places)
            # A tangent has no sign: keep going the way we came.
            heading = torch.where((turn * heading).sum(1, keepdim=True) < 0, -turn, turn)
    return total / weights


@lru_cache(maxsize=16)
def _noise_tile(seed: int, along: float, across: float, degrees: float) -> Tensor:
    """A (1, 1, _TILE, _TILE) periodic tile of Gaussian-filtered noise, its values spread evenly over [0, 1]."""
    noise = torch.rand(_TILE, _TILE, generator=torch.Generator().manual_seed(seed))
    frequency = torch.fft.fftfreq(_TILE)
    fy, fx = torch.meshgrid(frequency, frequency, indexing="ij")
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    u, v = fx * cosine + fy * sine, fy * cosine - fx * sine
    response = torch.exp(-2 * math.pi**2 * ((along * u) ** 2 + (across * v) ** 2))
    filtered = torch.fft.ifft2(torch.fft.fft2(noise) * response).real
    values = torch.empty(_TILE * _TILE)
    values[filtered.flatten().argsort()] = torch.linspace(0, 1, _TILE * _TILE)
    return values.view(1, 1, _TILE, _TILE)


def texture(image: Tensor, scale: float, *, seed: int, along: float, across: float, degrees: float = 0.0) -> Tensor:
    """Paper or strokes for `image`: (1, 1, H, W) in [0, 1], every value equally frequent, the same every time.

    `along` and `across` are the standard deviations of the grain in reference pixels, `degrees` its direction.
    """
    tile = _noise_tile(seed, along, across, degrees).to(image.device)
    # Positions in reference pixels, wrapped on the tile, whose first row and column are repeated after its last.
    places = torch.remainder((pixel_grid(image) + 0.5) / scale - 0.5, _TILE)
    return sampled(F.pad(tile, (0, 1, 0, 1), mode="circular"), places)
