"""Exported weights -> something to call, without torch: ONNX Runtime, or OpenVINO."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from ptk.compat import import_openvino
from ptk.editing.exported.metadata import SCHEMA, read_metadata
from ptk.editing.exported.mouth_network import CORNER, MOUTH_INPUTS, MOUTH_OUTPUTS, find_window, moves_mouth, put_mouth
from ptk.editing.exported.planes import LIPS, PLANES, draw_lips, draw_planes
from ptk.editing.rendered import Rendered, StagedTranslator
from ptk.errors import WeightsError
from ptk.motion.face_geometry.record import read_geometry
from ptk.motion.flow_options import FaceFlow
from ptk.motion.landmark_flow import find_flow
from ptk.motion.sampling import warp_picture
from ptk.threads import map_threads

__all__ = ["INPUTS", "OUTPUTS", "SCHEMA", "ExportedTranslator"]

INPUTS = ("image", "source_points", "target_points", "domain")
"""What an exported network may be given: (1, 3, S, S) in [-1, 1], (1, 68, 2) twice in [0, 1] of the crop, (1,) int64.

Beside these there may be planes (1, C, S, S), by the names of `ptk.editing.exported.planes`.
"""

OUTPUTS = ("result", "flow", "visibility")
"""What it gives: the image, and of networks that move pixels what `ptk.types.Rendering` has."""

_Run = Callable[[Mapping[str, np.ndarray]], dict[str, np.ndarray]]


class ExportedTranslator(StagedTranslator):
    """Weights that `ptk export` wrote, as .onnx or as .xml of OpenVINO, on the CPU.

    `size` is the side of its images in pixels, `domains` the styles that it knows, `detector` the one that found the
    landmarks it learned from, `metadata` what its file says of itself.
    """

    def __init__(
        self,
        run: _Run,
        metadata: Mapping[str, Any],
        styles: Callable[[], _Run] | None = None,
        mouth: Callable[[], _Run] | None = None,
    ) -> None:
        self._run = run
        self._open_styles, self._open_mouth = styles, mouth
        self.metadata = dict(metadata)
        self.size = int(metadata["size"])
        self.domains = tuple(str(name) for name in metadata["domains"])
        self.plain = self.domains.index(metadata.get("plain", self.domains[0]))
        self.geometry = read_geometry(metadata.get("geometry"))
        self.detector = str(metadata.get("data", {}).get("detector", "unknown"))
        self.restyles = styles is not None
        self.hears_landmarks = bool(metadata.get("hears_landmarks", True))
        self.multiple = int(metadata.get("multiple", 0))
        if metadata.get("face_flow") is not None:
            self.face_flow = FaceFlow(**metadata["face_flow"], geometry=self.geometry)

    @classmethod
    def load(cls, path: str | Path) -> ExportedTranslator:
        """Read an exported file. Raises WeightsError for one that is not, or not whole; MissingExtra for OpenVINO."""
        path = Path(path)
        if not path.is_file():
            raise WeightsError(f"{path}: no such file; give weights.safetensors of a run, or what `export` made")
        run, said = _openvino(path) if path.suffix == ".xml" else _onnx(path)
        metadata = read_metadata(path, said)
        styles, mouth = metadata.get("styles"), metadata.get("mouth", {}).get("file")
        openers = (
            None if name is None else partial(_open_beside, path, path.with_name(name), form)
            for name, form in ((styles, _FACE), (mouth, _MOUTH))
        )
        return cls(run, metadata, *openers)

    @cached_property
    def _run_styles(self) -> _Run:
        assert self._open_styles is not None
        return self._open_styles()

    @cached_property
    def _run_mouth(self) -> _Run:
        assert self._open_mouth is not None
        return self._open_mouth()

    def _render(
        self, cut: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str, *, whole: bool, paints: bool = True
    ) -> Rendered:
        given = self._inputs(cut, start, goal, style)
        if self.face_flow is not None and self.face_flow.lips:
            options = self.metadata["planes"]["motion_field"]
            given[LIPS] = draw_lips(find_flow(start, goal, self.size, **options, geometry=self.geometry))
        window = None
        if whole and self._open_mouth is not None and style == self.domains[self.plain]:
            window = find_window(goal, self.size, self.metadata["mouth"]["margin"], self.geometry)
        steps: list[Callable[[], dict[str, np.ndarray]]] = [partial(self._run_face, cut, given, paints=paints)]
        if window is not None:  # at once: neither needs the other's result, and alone neither keeps all cores busy
            lips = np.ascontiguousarray(given[LIPS][:, :, *window])
            corner = np.array([[window[1].start, window[0].start]], dtype=np.float32)
            inside = {**given, LIPS: lips, CORNER: corner}
            steps.append(lambda: self._run_mouth(inside))  # it is opened there, too, the first time
        made, *mouths = map_threads(lambda step: step(), steps)
        if window is not None:
            made = put_mouth(made, mouths[0], lips[:, :2], window)
        image = _to_array(made["result"])
        if "flow" not in made:
            return Rendered(image)
        return Rendered(image, np.ascontiguousarray(made["flow"][0].transpose(1, 2, 0)), made["visibility"][0, 0])

    def _run_face(self, cut: np.ndarray, given: Mapping[str, np.ndarray], *, paints: bool) -> dict[str, np.ndarray]:
        """What the network makes of a face; unless it `paints`, the `cut` moved by the flow that it is told."""
        uses = self.metadata.get("planes", {})
        uses = uses if paints else {"motion_field": uses["motion_field"]}
        planes = draw_planes(uses, given["source_points"], given["target_points"], self.size, self.geometry)
        if paints:
            return self._run({**given, **planes})
        flow = np.ascontiguousarray(planes["motion_field"][0].transpose(1, 2, 0))
        moved = warp_picture(cut.astype(np.float32), flow).transpose(2, 0, 1)[None] / 127.5 - 1
        seen = np.ones((1, 1, self.size, self.size), dtype=np.float32)
        return dict(zip(OUTPUTS, (moved, planes["motion_field"], seen), strict=True))

    @property
    def _is_quick_without_paint(self) -> bool:
        return self.face_flow is not None and "motion_field" in self.metadata.get("planes", {})

    def _leaves_out(self, start: np.ndarray, goal: np.ndarray) -> bool:
        return self._open_mouth is not None and not moves_mouth(start, goal)

    def _restyle(self, photo: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> np.ndarray:
        planes = draw_planes(self.metadata.get("planes", {}), start, goal, self.size, self.geometry)
        return _to_array(self._run_styles(self._inputs(photo, start, goal, style) | planes)["result"])

    def _inputs(self, picture: np.ndarray, start: np.ndarray, goal: np.ndarray, style: str) -> dict[str, np.ndarray]:
        image = np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32) / 127.5 - 1
        domain = np.array([self.domains.index(style)], dtype=np.int64)
        return dict(zip(INPUTS, (image, start, goal, domain), strict=True))


def _to_array(image: np.ndarray) -> np.ndarray:
    """An image (1, 3, S, S) in [-1, 1] as (S, S, 3) in [0, 255]."""
    return np.asarray((image[0].transpose(1, 2, 0).clip(-1, 1) + 1) * 127.5)


@dataclass(frozen=True)
class _Form:
    """What a kind of network may be given, and the channels of what it gives, by name, in sides like those of `like`.

    It gives the first, and all where `whole`.
    """

    inputs: frozenset[str]
    outputs: Mapping[str, int]
    like: str
    whole: bool = False


_FACE = _Form(frozenset({*INPUTS, *PLANES, LIPS}), dict(zip(OUTPUTS, (3, 2, 1), strict=True)), INPUTS[0])
_MOUTH = _Form(frozenset(MOUTH_INPUTS), dict(zip(MOUTH_OUTPUTS, (3, 1, 1), strict=True)), LIPS, whole=True)


def _open_beside(network: Path, path: Path, form: _Form) -> _Run:
    if not path.is_file():
        what = "mouths" if form is _MOUTH else "its styles"
        raise WeightsError(f"{path}: no such file, which {network.name} needs for {what}; export it again")
    return (_openvino(path, form) if path.suffix == ".xml" else _onnx(path, form))[0]


def _onnx(path: Path, form: _Form = _FACE) -> tuple[_Run, str]:
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
    _check_names(path, inputs, outputs, form)

    def run(given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = session.run(outputs, {name: given[name] for name in inputs})
        return dict(zip(outputs, map(np.asarray, made), strict=True))

    return _guard(path, run, form), said


def _openvino(path: Path, form: _Form = _FACE) -> tuple[_Run, str]:
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
    _check_names(path, inputs, outputs, form)

    def run(given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        made = compiled({name: given[name] for name in inputs})
        return {name: np.asarray(made[index]) for index, name in enumerate(outputs)}

    return _guard(path, run, form), said


def _check_names(path: Path, inputs: Sequence[str], outputs: Sequence[str], form: _Form) -> None:
    """Raise WeightsError where a network needs what no edit gives, or gives no image."""
    unknown = set(inputs) - form.inputs
    needed = list(form.outputs) if form.whole else list(form.outputs)[:1]
    missing = [name for name in needed if name not in outputs]
    if unknown or missing:
        wrong = f"it needs {', '.join(sorted(unknown))}" if unknown else f"it gives no {missing[0]}"
        raise WeightsError(f"{path}: a network, but not one of ptk ({wrong:.80}); make it with `export`")


def _guard(path: Path, run: _Run, form: _Form) -> _Run:
    """`run`, with WeightsError for what the runtime refuses, and for images of another shape."""

    def guarded(given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        try:
            made = run(given)
        except Exception as error:  # it raises classes of its own, made at run time; KeyError: planes it does not name
            raise _damaged(path, error) from error
        side = given[form.like].shape[-2:]
        for name, channels in form.outputs.items():
            if name in made and made[name].shape != (1, channels, *side):
                raise _damaged(path, ValueError(f"its {name} is {made[name].shape}, not {(1, channels, *side)}"))
        if not form.whole and ("flow" in made) != ("visibility" in made):
            raise _damaged(path, ValueError("its flow and visibility belong together"))
        return made

    return guarded


def _damaged(path: Path, error: Exception) -> WeightsError:
    reason = " ".join(str(error).split())[:200]
    return WeightsError(f"{path}: not a whole {path.suffix} file of `export` ({reason}); export it again")
