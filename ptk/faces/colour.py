"""Colour spaces of photos: pixels in the space of an ICC profile to sRGB, and back.

A photo keeps the pixels of its own space; only a copy for the network goes through here. Profiles of matrix and curves
(cameras, screens, editors) are computed in floats, as ICC.1:2022 defines them (annex F.3); profiles with tables go
through LittleCMS at 8 bits.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL import Image, ImageCms

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, Shaped

__all__ = ["convert_image", "from_srgb", "is_srgb", "to_srgb"]

_SRGB_TO_XYZ = np.array(
    [
        [0.436066, 0.385147, 0.143066],
        [0.222488, 0.716873, 0.060608],
        [0.013916, 0.097076, 0.714096],
    ]
)
"""Linear sRGB (IEC 61966-2-1) to XYZ under D50, the white of profiles, as the ICC's own profile of sRGB has it."""

_NODES = 4096  # from 0 to 1
_SAME = 1.5  # levels: profiles that call themselves sRGB round differently, a gamma of 2.2 is 8 levels off in the dark
_TABLES = (b"A2B0", b"D2B0")


class _Space(Protocol):
    """Pixels (..., 3) in [0, 1] of a profile's space to extended sRGB, and back."""

    def to_srgb(self, colours: Float32[np.ndarray, "*batch 3"]) -> Float32[np.ndarray, "*batch 3"]: ...

    def from_srgb(self, colours: Float32[np.ndarray, "*batch 3"]) -> Float32[np.ndarray, "*batch 3"]: ...


def to_srgb(pixels: Shaped[np.ndarray, "height width 3"], icc: bytes | None) -> Shaped[np.ndarray, "height width 3"]:
    """Convert `pixels` in [0, 255] from the space of the profile `icc` to sRGB, as float32.

    Colours that sRGB does not hold come out below 0 or above 255, so that `from_srgb` finds its way back: clip them for
    a network, and add what was clipped to its result. The same array, untouched, where `icc` is None, damaged, not of
    RGB, or sRGB itself.
    """
    space = None if icc is None else _space(icc)
    return pixels if space is None else space.to_srgb(_unit(pixels)) * np.float32(255)


def from_srgb(pixels: Shaped[np.ndarray, "height width 3"], icc: bytes | None) -> Shaped[np.ndarray, "height width 3"]:
    """Convert sRGB `pixels`, about [0, 255], to the space of the profile `icc`, as float32 in [0, 255].

    The inverse of `to_srgb`, whose values beyond [0, 255] it takes. The same array, untouched, where that is.
    """
    space = None if icc is None else _space(icc)
    return pixels if space is None else space.from_srgb(_unit(pixels)) * np.float32(255)


def is_srgb(icc: bytes | None) -> bool:
    """Tell whether pixels with the profile `icc` are taken as sRGB as they are."""
    return icc is None or _space(icc) is None


def convert_image(image: Image.Image, icc: bytes) -> Image.Image:
    """Convert an image of any mode from the space of the profile `icc` to RGB in sRGB, at 8 bits.

    Without the profile where that is damaged or of another space than the pixels.
    """
    if image.mode == "1":
        image = image.convert("L")
    transform = _build_transform(icc, image.mode)
    if transform is None:
        return image.convert("RGB")
    return ImageCms.applyTransform(image, transform) or image


def _unit(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(pixels, dtype=np.float32) / np.float32(255)


@lru_cache(maxsize=16)
def _space(icc: bytes) -> _Space | None:
    """The space of a profile of RGB; None for sRGB, and for what is no such profile."""
    try:
        space = _read_space(icc)
    except (ImageCms.PyCMSError, OSError, ValueError, struct.error, np.linalg.LinAlgError):
        return None
    steps = np.linspace(0, 1, 17, dtype=np.float32)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    return None if np.abs(space.to_srgb(grid) - grid).max() * 255 <= _SAME else space


def _read_space(icc: bytes) -> _Space:
    if icc[16:20] != b"RGB " or icc[36:40] != b"acsp":
        raise ValueError("not a profile of RGB")
    (count,) = struct.unpack(">I", icc[128:132])
    entries = [struct.unpack_from(">4sII", icc, 132 + 12 * number) for number in range(min(count, 100))]
    tags = {name: icc[start : start + size] for name, start, size in entries}
    if any(name in tags for name in _TABLES):
        return _TableSpace(icc)
    curves = [_curve(tags.get(name, b"")) for name in (b"rTRC", b"gTRC", b"bTRC")]
    colorants = [tags.get(name, b"") for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    if any(tag[:4] != b"XYZ " for tag in colorants):
        raise ValueError("no XYZ")
    primaries = [np.array(struct.unpack(">3i", tag[8:20])) / 65536 for tag in colorants]
    matrix = np.linalg.inv(_SRGB_TO_XYZ) @ np.column_stack(primaries)
    if not np.linalg.cond(matrix) < 1000:  # 2.4 for ProPhoto, the widest in use
        raise ValueError("primaries of one colour")
    return _MatrixSpace(np.stack(curves), matrix)


class _MatrixSpace:
    """A tone curve a channel, then a matrix (ICC.1:2022, F.3).

    `curves` (3, n) rise from the encoded to the linear value, both in [0, 1]; `matrix` takes linear colours to linear
    sRGB.
    """

    def __init__(self, curves: Float64[np.ndarray, "3 n"], matrix: Float64[np.ndarray, "3 3"]) -> None:
        kept = curves[:1] if (curves == curves[0]).all() else curves
        steps = np.linspace(0, 1, curves.shape[1])
        self._decode = [_Lookup(partial(np.interp, xp=steps, fp=curve), top=1) for curve in kept]
        self._encode = [_Lookup(partial(np.interp, xp=curve, fp=steps), top=1, root=True) for curve in kept]
        self._matrix = matrix.T.astype(np.float32)
        self._inverse = np.linalg.inv(matrix).T.astype(np.float32)

    def to_srgb(self, colours: Float32[np.ndarray, "*batch 3"]) -> Float32[np.ndarray, "*batch 3"]:
        linear = _each(self._decode, colours.clip(0, 1)) @ self._matrix
        return np.asarray(np.copysign(_srgb_lookups()[1](np.abs(linear)), linear))

    def from_srgb(self, colours: Float32[np.ndarray, "*batch 3"]) -> Float32[np.ndarray, "*batch 3"]:
        linear = np.copysign(_srgb_lookups()[0](np.abs(colours)), colours) @ self._inverse
        return _each(self._encode, linear.clip(0, 1))


class _Lookup:
    """A function of [0, `top`] as a table with linear interpolation.

    Its nodes are evenly spaced; with `root` their square roots are, for functions that are steep at 0.
    """

    def __init__(self, function: Callable[[np.ndarray], Any], top: float, *, root: bool = False) -> None:
        self._root = root
        self._last = round(_NODES * top)
        nodes = np.linspace(0, top, self._last + 1)
        self._table = np.asarray(function(nodes**2 if root else nodes), dtype=np.float32)
        self._rise = np.diff(self._table)

    def __call__(self, values: Float32[np.ndarray, "*shape"]) -> Float32[np.ndarray, "*shape"]:
        place = np.sqrt(values) if self._root else values
        place = np.minimum(place * np.float32(_NODES), np.float32(self._last))
        below = np.minimum(place.astype(np.int32), self._last - 1)
        return self._table.take(below) + (place - below.astype(np.float32)) * self._rise.take(below)


def _each(lookups: list[_Lookup], colours: Float32[np.ndarray, "*batch 3"]) -> Float32[np.ndarray, "*batch 3"]:
    """A lookup for each channel, or one for all."""
    if len(lookups) == 1:
        return lookups[0](colours)
    return np.stack([lookup(colours[..., channel]) for channel, lookup in enumerate(lookups)], axis=-1)


class _TableSpace:
    """A profile with tables: through LittleCMS, whose pixels have 8 bits here and are clipped to what sRGB holds."""

    def __init__(self, icc: bytes) -> None:
        own = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        srgb = ImageCms.createProfile("sRGB")
        self._forth = ImageCms.buildTransform(own, srgb, "RGB", "RGB")
        self._back = ImageCms.buildTransform(srgb, own, "RGB", "RGB")

    def to_srgb(self, colours: Float32[np.ndarray, "*batch 3"]) -> Float32[np.ndarray, "*batch 3"]:
        return self._apply(self._forth, colours)

    def from_srgb(self, colours: Float32[np.ndarray, "*batch 3"]) -> Float32[np.ndarray, "*batch 3"]:
        return self._apply(self._back, colours)

    @staticmethod
    def _apply(transform: ImageCms.ImageCmsTransform, colours: np.ndarray) -> Float32[np.ndarray, "*batch 3"]:
        image = Image.fromarray(np.rint(colours.clip(0, 1) * 255).astype(np.uint8))
        return np.asarray(ImageCms.applyTransform(image, transform), dtype=np.float32) / np.float32(255)


@lru_cache(maxsize=16)
def _build_transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        return ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError):
        return None


def _curve(tag: bytes) -> Float64[np.ndarray, "n"]:
    """The linear values of encoded ones, evenly spaced in [0, 1] (ICC.1:2022, 10.6 and 10.18)."""
    steps = np.linspace(0, 1, _NODES + 1)
    if tag[:4] == b"curv":
        (count,) = struct.unpack(">I", tag[8:12])
        values = np.frombuffer(tag[12 : 12 + 2 * count], ">u2")
        if len(values) != count:
            raise ValueError("a curve cut short")
        if count == 0:
            curve = steps
        elif count == 1:
            curve = steps ** (values[0] / 256)
        else:
            curve = np.interp(steps, np.linspace(0, 1, count), values / 65535)
    elif tag[:4] == b"para":
        curve = _parametric(tag, steps)
    else:
        raise ValueError("no curve")
    rising = np.maximum.accumulate(curve.clip(0, 1))
    if not rising[-1] - rising[0] > 0.5:
        raise ValueError("a curve that does not rise")
    return rising + 1e-6 * steps  # 16 bits are flat in the dark: black must come back as the darkest of those levels


def _parametric(tag: bytes, steps: np.ndarray) -> np.ndarray:
    (kind,) = struct.unpack(">H", tag[8:10])
    if kind > 4:
        raise ValueError("an unknown function")
    count = (1, 3, 4, 5, 7)[kind]
    given = [value / 65536 for value in struct.unpack(f">{count}i", tag[12 : 12 + 4 * count])]
    power, a, b, c, d, e, f = (*given, *(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)[count - 1 :])[:7]
    if kind in (1, 2):  # these begin where a X + b is positive, and have their `c` where others have `e`
        c, d, e, f = 0.0, -b / a if a else 0.0, c, c
    with np.errstate(all="ignore"):  # parameters may be anything
        return np.asarray(np.where(steps >= d, np.maximum(a * steps + b, 0) ** power + e, c * steps + f))


@lru_cache(maxsize=1)
def _srgb_lookups() -> tuple[_Lookup, _Lookup]:
    """Encoded sRGB to linear, and back: to 2 and 4, where no colour of a photo gets."""
    return (
        _Lookup(lambda x: np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4), top=2),
        _Lookup(lambda y: np.where(y <= 0.0031308, 12.92 * y, 1.055 * y ** (1 / 2.4) - 0.055), top=2, root=True),
    )
