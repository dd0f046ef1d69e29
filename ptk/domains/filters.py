"""Edge-following filters in NumPy and OpenCV, which the classical styles share.

Images are float32 arrays (H, W) or (H, W, C). Lengths of the styles are in reference pixels, of which the crop around a
face is `REFERENCE` wide: a style multiplies them by its `scale`, so that a face looks the same at every resolution.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float32

__all__ = ["REFERENCE", "Flow", "blur", "blur_widely", "find_edge_flow", "resize", "sample", "smooth_along", "texture"]

REFERENCE = 256
"""The side of a face's crop at which a style's lengths are given."""

_TILE = 512
_WIDE, _NARROW = 16.0, 4.0  # pixels: blurs from the first on are done on means, where they are no less than the second
_GRADIENT_FLOOR = 1e-8


def resize(image: Float32[np.ndarray, "h w c"], height: int, width: int) -> Float32[np.ndarray, "height width c"]:
    """`image` at another size, bicubic and antialiased; the image itself when it has that size."""
    from PIL import Image

    if image.shape[:2] == (height, width):
        return image
    planes = (Image.fromarray(np.ascontiguousarray(image[..., channel])) for channel in range(image.shape[2]))
    return np.stack([np.asarray(plane.resize((width, height), Image.Resampling.BICUBIC)) for plane in planes], axis=-1)


def blur(image: Float32[np.ndarray, "..."], sigma: float) -> Float32[np.ndarray, "..."]:
    """`image` under a Gaussian of `sigma` pixels that ends at 3 `sigma`, reflected at the border."""
    import cv2

    # Reflection needs a kernel that ends inside the image.
    radius = min(math.ceil(3 * sigma), min(image.shape[:2]) - 1)
    size = 2 * max(radius, 1) + 1
    return np.asarray(cv2.GaussianBlur(image, (size, size), sigma, sigmaY=sigma, borderType=cv2.BORDER_REFLECT_101))


def blur_widely(
    image: Float32[np.ndarray, "height width"], sigma: float, origin: tuple[int, int] = (0, 0)
) -> Float32[np.ndarray, "height width"]:
    """What `blur` gives, of wide Gaussians nearly, in a time that does not grow with `sigma`.

    From 16 pixels on the means of four by four pixels, or more, are blurred, and enlarged. `origin` (top, left) is
    where the first pixel lies in a larger picture: means are those of the same pixels there.
    """
    import cv2

    height, width = image.shape
    factor = 1 << int(math.log2(max(sigma / _NARROW, 1.0)))
    if sigma < _WIDE or min(height, width) < 4 * sigma:
        return blur(image, sigma)
    # Reflected, as `blur` does, as far as it looks, and to whole means.
    beyond = factor * math.ceil(3 * sigma / factor)
    top, left = (place % factor + beyond for place in origin)
    bottom, right = (-(before + side) % factor + beyond for before, side in ((top, height), (left, width)))
    whole = cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_REFLECT_101)
    small = cv2.resize(whole, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA)
    # The mean of n pixels has the variance (n^2 - 1) / 12, and so has, about, what enlarges them again.
    rest = math.sqrt(sigma**2 - (factor**2 - 1) / 12 - factor**2 / 6)
    wide = cv2.resize(blur(small, rest / factor), whole.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide[top : top + height, left : left + width])


class Flow(NamedTuple):
    """Where edges run: the unit `tangent` (H, W, 2) as (x, y), and `anisotropy` (H, W) in [0, 1]."""

    tangent: Float32[np.ndarray, "height width 2"]
    anisotropy: Float32[np.ndarray, "height width"]


def find_edge_flow(image: Float32[np.ndarray, "..."], sigma: float) -> Flow:
    """The edge tangent flow of `image` (H, W) or (H, W, C) from its structure tensor, smoothed by `sigma` pixels.

    Kyprianidis and Doellner 2008, "Image abstraction by structure adaptive filtering".
    """
    import cv2

    dx, dy = (
        cv2.Sobel(image, cv2.CV_32F, *order, ksize=3, scale=1 / 8, borderType=cv2.BORDER_REPLICATE).reshape(
            *image.shape[:2], -1
        )
        for order in ((1, 0), (0, 1))
    )
    products = [np.einsum("hwc,hwc->hw", *pair) for pair in ((dx, dx), (dx, dy), (dy, dy))]
    xx, xy, yy = np.moveaxis(blur(np.stack(products, axis=-1), sigma), -1, 0)
    along = np.arctan2(2 * xy, xx - yy) / 2 + np.float32(math.pi / 2)
    anisotropy = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + np.float32(_GRADIENT_FLOOR))
    return Flow(np.stack([np.cos(along), np.sin(along)], axis=-1), anisotropy.clip(0, 1))


def sample(
    image: Float32[np.ndarray, "height width *c"], x: Float32[np.ndarray, "rows columns"], y: np.ndarray
) -> Float32[np.ndarray, "rows columns *c"]:
    """`image` at the pixels (`x`, `y`), bilinear, the border repeated. OpenCV knows places to 1/32 of a pixel."""
    import cv2

    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def smooth_along(
    image: Float32[np.ndarray, "height width"], flow: Flow, sigma: float, steps: int
) -> Float32[np.ndarray, "height width"]:
    """`image` averaged along the flow under a Gaussian of `sigma` pixels, in `steps` steps each way.

    Line integral convolution as in Kang et al. 2007, "Coherent line drawing".
    """
    import cv2

    height, width = image.shape
    stride = np.float32(2 * sigma / steps)
    field = np.dstack([image, flow.tangent])
    # Filled in every step: new memory would take as long as what is computed.
    seen, (value, *turn) = np.empty_like(field), [np.empty_like(image) for _ in range(3)]
    total, weights = image.copy(), 1.0
    for way in (1, -1):
        y, x = np.mgrid[:height, :width].astype(np.float32)
        # Planes apart: interleaved pairs take three times as long.
        along, down = (np.float32(way) * flow.tangent[..., axis] for axis in (0, 1))
        for step in range(1, steps + 1):
            x += stride * along
            y += stride * down
            weight = math.exp(-((step * float(stride)) ** 2) / (2 * sigma**2))
            cv2.remap(field, x, y, cv2.INTER_LINEAR, dst=seen, borderMode=cv2.BORDER_REPLICATE)
            cv2.split(seen, [value, *turn])
            total += np.float32(weight) * value
            weights += weight
            # A tangent has no sign: keep going the way we came.
            sign = np.copysign(np.float32(1), turn[0] * along + turn[1] * down + 0)
            along, down = sign * turn[0], sign * turn[1]
    return total / np.float32(weights)


@lru_cache(maxsize=16)
def _noise_tile(seed: int, along: float, across: float, degrees: float) -> Float32[np.ndarray, "tile tile"]:
    """A periodic tile of Gaussian-filtered noise, its values spread evenly over [0, 1]."""
    frequency = np.fft.fftfreq(_TILE).astype(np.float32)
    fy, fx = np.meshgrid(frequency, frequency, indexing="ij")
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    u, v = fx * cosine + fy * sine, fy * cosine - fx * sine
    response = np.exp(-2 * math.pi**2 * ((along * u) ** 2 + (across * v) ** 2)).astype(np.float32)
    filtered = np.fft.ifft2(np.fft.fft2(_draw_noise(seed)) * response).real
    values = np.empty(_TILE * _TILE, dtype=np.float32)
    values[filtered.ravel().argsort()] = np.linspace(0, 1, _TILE * _TILE, dtype=np.float32)
    return values.reshape(_TILE, _TILE)


def _draw_noise(seed: int) -> Float32[np.ndarray, "tile tile"]:
    """Uniform noise in [0, 1): the numbers of torch's generator on the CPU, 24 bits of a Mersenne twister each.

    Papers and strokes stay those of the data sets that were rendered when they came from torch.
    """
    twister = np.random.RandomState(seed)
    bits = twister.randint(0, 1 << 32, size=_TILE * _TILE, dtype=np.uint32) & np.uint32((1 << 24) - 1)
    return (bits.astype(np.float32) / np.float32(1 << 24)).reshape(_TILE, _TILE)


def texture(
    shape: tuple[int, int],
    scale: float,
    *,
    seed: int,
    along: float,
    across: float,
    degrees: float = 0.0,
    origin: tuple[int, int] = (0, 0),
) -> Float32[np.ndarray, "height width"]:
    """Paper or strokes of `shape` in [0, 1], every value equally frequent, the same every time.

    `along` and `across` are the standard deviations of the grain in reference pixels, `degrees` its direction;
    `origin` (top, left) is where the first pixel lies in a larger picture.
    """
    tile = _noise_tile(seed, along, across, degrees)
    neighbours = []  # after which cell of the periodic tile each row and column lies, and how far, in [0, 1)
    for start, count in zip(origin, shape, strict=True):
        places = np.remainder((np.arange(start, start + count) + 0.5) / scale - 0.5, _TILE)
        cells = np.floor(places)
        neighbours.append((cells.astype(np.int64) % _TILE, (places - cells).astype(np.float32)))
    rows, columns = neighbours
    across_row = _interpolate(tile.T, *columns).T
    return _interpolate(across_row, *rows)


def _interpolate(rows: np.ndarray, cells: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`rows` (tile, N) between each of `cells` and the next, linearly."""
    here, there = rows[cells], rows[(cells + 1) % _TILE]
    return np.asarray(here + share[:, None] * (there - here))
