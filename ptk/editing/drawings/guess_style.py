"""What a picture looks like: a photo, or a drawing in one of the styles that lead back to photos."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ptk.domains.filters import blur
from ptk.domains.tiles import scale_pixels
from ptk.types import PHOTO

if TYPE_CHECKING:
    from jaxtyping import Float32, Float64, UInt8

__all__ = ["guess_style", "measure_statistics"]

_FILE = Path(__file__).with_suffix(".json")
"""Made by docs/make_guess_style.py."""

_SIDE = 256
_BINS = 4
_FLAT = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # levels of 255
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


class _Model(NamedTuple):
    """A softmax regression on standardised statistics, and how sure it must be of a drawing."""

    styles: tuple[str, ...]
    mean: Float64[np.ndarray, " n"]
    deviation: Float64[np.ndarray, " n"]
    weights: Float64[np.ndarray, "n styles"]
    bias: Float64[np.ndarray, " styles"]
    sure: float


def guess_style(pixels: UInt8[np.ndarray, "height width 3"]) -> str:
    """The style that a picture is in, "photo" unless another is all but certain.

    Watercolors are not told from photos: that would take some photos for watercolors.
    """
    model = _read_model()
    scores = (measure_statistics(pixels) - model.mean) / model.deviation @ model.weights + model.bias
    shares = np.exp(scores - scores.max())
    best = int(shares.argmax())
    return model.styles[best] if shares[best] / shares.sum() >= model.sure else PHOTO


def measure_statistics(pixels: UInt8[np.ndarray, "height width 3"]) -> Float32[np.ndarray, " n"]:
    """Colours, flatness and edges of a picture with the shorter side at 256 pixels, as far as they tell how it is made.

    Square roots of a histogram of colours; at three widths of blur the shares of pixels with steps below some levels;
    where edges run, in eight directions; and how far from grey colours are.
    """
    height, width = pixels.shape[:2]
    factor = min(_SIDE / min(height, width), 4 * _SIDE / max(height, width))
    small = scale_pixels(pixels, round(height * factor), round(width * factor))
    cells = (small.reshape(-1, 3) // (256 // _BINS)).astype(np.int64) @ (_BINS * _BINS, _BINS, 1)
    colours = np.sqrt(np.bincount(cells, minlength=_BINS**3) / len(cells))
    picture = small.astype(np.float32)
    luma = picture @ _LUMA
    found = [colours]
    for sigma in (0.0, 1.0, 2.0):
        seen = blur(luma, sigma) if sigma else luma
        dy, dx = np.diff(seen, axis=0)[:, :-1], np.diff(seen, axis=1)[:-1]
        steps = np.hypot(dx, dy)
        found.append(np.array([(steps < level).mean() for level in _FLAT]))
        angles = (np.arctan2(dy, dx) % np.pi / np.pi * 8).astype(np.int64).clip(0, 7)
        found.append(np.bincount(angles.ravel(), steps.ravel(), 8) / max(float(steps.sum()), 1e-6))
    chroma = picture.max(axis=2) - picture.min(axis=2)
    found.append(np.array([(chroma < level).mean() for level in _FLAT]))
    found.append(np.quantile(luma, (0.01, 0.1, 0.5, 0.9, 0.99)) / 255)
    return np.concatenate(found).astype(np.float32)


@cache
def _read_model() -> _Model:
    said = json.loads(_FILE.read_text())
    mean, deviation, weights, bias = (np.array(said[name]) for name in ("mean", "deviation", "weights", "bias"))
    return _Model(tuple(said["styles"]), mean, deviation, weights, bias, said["sure"])
