"""Exported weights -> something to call, without torch: ONNX Runtime, or OpenVINO."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from ptk.editing.exported_metadata import SCHEMA, read_metadata
from ptk.editing.planes import LIPS, PLANES, draw_lips, draw_planes
from ptk.editing.rendered import Rendered, StagedTranslator
from ptk.errors import WeightsError
from ptk.motion.flow import FaceFlow
from ptk.openvino_import import import_openvino

__all__ = ["INPUTS", "OUTPUTS", "SCHEMA", "ExportedTranslator"]

INPUTS = ("image", "source_points", "target_points", "domain")
"""What an exported network may be given: (1, 3, S, S) in [-1, 1], (1, 68, 2) twice in [0, 1] of the crop, (1,) int64.

Beside these there may be planes (1, C, S, S), by the names of `ptk.editing.planes`.
"""

OUTPUTS = ("result", "flow", "visibility")
"""What it gives: the image, and of networks that move pixels what `ptk.types.Rendering` has."""

_Run = Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]


class ExportedTranslator(StagedTranslator):
    """Weights that `ptk export` wrote, as .onnx or as .xml of OpenVINO, on the CPU.

    `size` is the side of its images in pixels, `domains` the styles that it knows, `detector` the one that found the
    landmarks it learned from, `metadata` what its file says of itself.
    """

    def __init__(self, run: _Run, metadata: Mapping[str, Any], styles: Callable[[], _Run] | None = None) -> None:
        self._run = run
        self._open_styles = styles
        self.metadata = dict(metadata)
        self.size = int(metadata["size"])
        self.domains = tuple(str(name) for name in metadata["domains"])
        self.detector = str(metadata.get("data", {}).get("detector", "unknown"))
        self.restyles = styles is not None
        self.hears_landmarks = bool(metadata.get("hears_landmarks", True))
        self.multiple = int(metadata.get("multiple", 0))
        if metadata.get("face_flow") is not None:
            self.face_flow = FaceFlow(**metadata["face_flow"])

    @classmethod
    def load(cls, path: str | Path) -> ExportedTranslator:
        """Read an exported file. Raises WeightsError for one that is not, or not whole; MissingExtra for OpenVINO."""
        path = Path(path)
        if not path.is_file():
            raise WeightsError(f"{path}: no such file; give weights.safetensors of a run, or what ptk export made")
        run, said = _openvino(path) if path.suffix == ".xml" else _onnx(path)
        metadata = read_metadata(path, said)
        styles = metadata.get("styles")
        return cls(run, metadata, None if styles is None else partial(_open_styles, path, path.with_name(str(styles))))

    @cached_property
    def _run_styles(self) -> _Run:
        assert self._open_styles is not None
        return self._open_styles()

    def _render(self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> Rendered:
        planes = draw_planes(self.metadata.get("planes", {}), start, goal, self.size)
        if self.face_flow is not None and self.face_flow.lips:
            planes[LIPS] = draw_lips(planes["motion_field"], start, goal)
        made = self._run(self._inputs(cut, start, goal, style) | planes)
        image = _to_array(made["result"])
        if "flow" not in made:
            return Rendered(image)
        return Rendered(image, np.ascontiguousarray(made["flow"][0].transpose(1, 2, 0)), made["visibility"][0, 0])

    def _restyle(self, photo: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> np.ndarray:
        planes = draw_planes(self.metadata.get("planes", {}), start, goal, self.size)
        return _to_array(self._run_styles(self._inputs(photo, start, goal, style) | planes)["result"])

    def _inputs(self, picture: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> dict[str, np.ndarray]:
        image = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32) / 127.5 - 1
        domain = np.array([self.domains.index(style)], dtype=np.int64)
        return dict(zip(INPUTS, (image, start, goal, domain), strict=True))


def _to_array(image: np.ndarray) -> np.ndarray:
    """An image (1, 3, S, S) in [-1, 1] as (S, S, 3) in [0, 255]."""
    return np.asarray((image[0].transpose(1, 2, 0).clip(-1, 1) + 1) * 127.5)


def _open_styles(network: Path, styles: Path) -> _Run:
    if not styles.is_file():
        raise WeightsError(f"{styles}: no such file, which {network.name} needs for its styles; export it again")
    return (_openvino(styles) if styles.suffix == ".xml" else _onnx(styles))[0]


def _onnx(path: Path) -> tuple[_Run, str]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # its warnings are for those who made the file
    # To optimise further takes .17 s of ptk's own weights on two cores, and gains .004 s of the .12 of an edit.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    # Threads that wait by spinning would take the cores from what is computed between two runs.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        said = session.get_modelmeta().custom_metadata_map.get("ptk", "")
        inputs, outputs = ([one.name for one in those] for those in (session.get_inputs(), session.get_outputs()))
    except Exception as error:  # it raises classes of its own, made at run time; names may be no text
        raise _damaged(path, error) from error
    _check_names(path, inputs, outputs)

    def run(given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = session.run(outputs, {name: given[name] for name in inputs})
        return dict(zip(outputs, map(np.asarray, made), strict=True))

    return _guard(path, run), said


def _openvino(path: Path) -> tuple[_Run, str]:
    openvino = import_openvino(str(path))
    try:
        core = openvino.Core()
        model = core.read_model(path)
        # Some processors would otherwise round to bfloat16, which shows.
        compiled = core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"})
        said = model.get_rt_info("ptk").astype(str) if model.has_rt_info("ptk") else ""
        inputs, outputs = ([one.any_name for one in those] for those in (compiled.inputs, compiled.outputs))
    except Exception as error:
        raise _damaged(path, error) from error
    _check_names(path, inputs, outputs)

    def run(given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = compiled({name: given[name] for name in inputs})
        return {name: np.asarray(made[index]) for index, name in enumerate(outputs)}

    return _guard(path, run), said


def _check_names(path: Path, inputs: Sequence[str], outputs: Sequence[str]) -> None:
    """Raise WeightsError where a network needs what no edit gives, or gives no image."""
    unknown = set(inputs) - {*INPUTS, *PLANES, LIPS}
    if unknown or OUTPUTS[0] not in outputs:
        wrong = f"it needs {', '.join(sorted(unknown))}" if unknown else f"it gives no {OUTPUTS[0]}"
        raise WeightsError(f"{path}: a network, but not one of ptk ({wrong:.80}); make it with ptk export")


def _guard(path: Path, run: _Run) -> _Run:
    """`run`, with WeightsError for what the runtime refuses, and for images of another shape."""

    def guarded(given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        try:
            made = run(given)
        except Exception as error:  # it raises classes of its own, made at run time; KeyError: planes it does not name
            raise _damaged(path, error) from error
        side = given[INPUTS[0]].shape[-2:]
        for name, channels in zip(OUTPUTS, (3, 2, 1), strict=True):
            if name in made and made[name].shape != (1, channels, *side):
                raise _damaged(path, ValueError(f"its {name} is {made[name].shape}, not {(1, channels, *side)}"))
        if ("flow" in made) != ("visibility" in made):
            raise _damaged(path, ValueError("its flow and visibility belong together"))
        return made

    return guarded


def _damaged(path: Path, error: Exception) -> WeightsError:
    reason = " ".join(str(error).split())[:200]
    return WeightsError(f"{path}: not a whole {path.suffix} file of ptk export ({reason}); export it again")
