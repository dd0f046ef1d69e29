"""Exported weights -> something to call, without torch: ONNX Runtime, or OpenVINO."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptk.errors import MissingExtra, WeightsError

if TYPE_CHECKING:
    from jaxtyping import Float, Float32, UInt8

__all__ = ["INPUTS", "SCHEMA", "ExportedTranslator"]

INPUTS = ("image", "source_points", "target_points", "domain")
"""What an exported network is given: (1, 3, S, S) in [-1, 1], (1, 68, 2) twice in [0, 1] of the crop, (1,) int64."""

SCHEMA = "ptk.exported/1"

_Run = Callable[[dict[str, np.ndarray]], np.ndarray]


class ExportedTranslator:
    """Weights that `ptk export` wrote, as .onnx or as .xml of OpenVINO, on the CPU.

    `size` is the side of its images in pixels, `domains` the styles that it knows, `detector` the one that found the
    landmarks it learned from, `metadata` what its file says of itself.
    """

    def __init__(self, run: _Run, metadata: Mapping[str, Any]) -> None:
        self._run = run
        self.metadata = dict(metadata)
        self.size = int(metadata["size"])
        self.domains = tuple(str(name) for name in metadata["domains"])
        self.detector = str(metadata.get("data", {}).get("detector", "unknown"))

    @classmethod
    def load(cls, path: str | Path) -> ExportedTranslator:
        """Read an exported file. Raises WeightsError for one that is not, or not whole; MissingExtra for OpenVINO."""
        path = Path(path)
        if not path.is_file():
            raise WeightsError(f"{path}: no such file; give weights.safetensors of a run, or what ptk export made")
        run, said = _openvino(path) if path.suffix == ".xml" else _onnx(path)
        return cls(run, _metadata(path, said))

    def rendered(
        self,
        cut: UInt8[np.ndarray, "size size 3"],
        start: Float[np.ndarray, "68 2"],
        goal: Float[np.ndarray, "68 2"],
        style: str,
    ) -> Float32[np.ndarray, "size size 3"]:
        """The face in `cut`, whose landmarks `start` (in [0, 1] of it) move to `goal`, in `style`; in [0, 255].

        Raises WeightsError for a `style` that the weights do not know.
        """
        if style not in self.domains:
            raise WeightsError(f"style {style}: these weights know {', '.join(self.domains)}")
        given = (
            np.ascontiguousarray(cut.transpose(2, 0, 1)[None], dtype=np.float32) / 127.5 - 1,
            np.asarray(start, dtype=np.float32)[None],
            np.asarray(goal, dtype=np.float32)[None],
            np.array([self.domains.index(style)], dtype=np.int64),
        )
        result = self._run(dict(zip(INPUTS, given, strict=True)))
        return np.asarray((result[0].transpose(1, 2, 0).clip(-1, 1) + 1) * 127.5)


def _onnx(path: Path) -> tuple[_Run, str]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # its warnings are for those who made the file
    # To optimise further takes .17 s of ptk's own weights on two cores, and gains .004 s of the .12 of an edit.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # it raises classes of its own, made at run time
        raise _damaged(path, error) from error
    said = session.get_modelmeta().custom_metadata_map.get("ptk", "")
    return lambda given: np.asarray(session.run(None, given)[0]), said


def _openvino(path: Path) -> tuple[_Run, str]:
    try:
        import openvino
    except ImportError:
        raise MissingExtra("openvino", str(path)) from None
    try:
        core = openvino.Core()
        model = core.read_model(path)
        # Some processors would otherwise round to bfloat16, which shows.
        compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"})
        said = model.get_rt_info("ptk").astype(str) if model.has_rt_info("ptk") else ""
    except Exception as error:
        raise _damaged(path, error) from error
    return lambda given: np.asarray(compiled(given)[0]), said


def _metadata(path: Path, said: str) -> dict[str, Any]:
    try:
        metadata = json.loads(said)
    except ValueError:
        metadata = {}
    if not isinstance(metadata, dict) or metadata.get("schema") != SCHEMA or not {"size", "domains"} <= metadata.keys():
        raise WeightsError(f"{path}: a network, but not one of ptk ({SCHEMA}); make it with ptk export")
    return metadata


def _damaged(path: Path, error: Exception) -> WeightsError:
    reason = " ".join(str(error).split())[:200]
    return WeightsError(f"{path}: not a whole {path.suffix} file of ptk export ({reason}); export it again")
