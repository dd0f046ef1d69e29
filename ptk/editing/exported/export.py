"""Weights to hand on: as a network that runs without torch (ONNX, OpenVINO), or in half the room.

What they make is held against what torch makes of the weights themselves before anything is written.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from torch import Tensor

from ptk.compat import import_openvino
from ptk.editing.exported.runtime import SCHEMA
from ptk.editing.exported.tracing import Traced, trace
from ptk.editing.loading import load_translator
from ptk.editing.translator import Translator
from ptk.errors import MissingExtra, OutputError, WeightsError
from ptk.faces.topologies import IBUG68
from ptk.files import write_bytes
from ptk.recipe.weights import read_metadata, read_tensors, write_record, write_weights

if TYPE_CHECKING:
    from ptk.editing.rendered import Translates
    from ptk.recipe.schema import Recipe

__all__ = ["FORMATS", "Exported", "Format", "export", "trial_faces"]

Format = Literal["onnx", "openvino", "safetensors"]
FORMATS: dict[Format, str] = {"onnx": ".onnx", "openvino": ".xml", "safetensors": ".safetensors"}
"""The formats, and how their files' names end."""

_BOUND = 1.0  # of 255 levels: how far results may be from torch's, on average over an image
_SHIFTS = (0.0, 0.06)  # of the crop, a trial face each: landmarks that the network overlooked would show in the second
_SMALLEST = 64  # values: what is smaller than that is not worth storing in half precision


@dataclass(frozen=True)
class Exported:
    """What `export` wrote, and by how many of 255 levels its results differ from torch's: domain -> (mean, most)."""

    files: tuple[Path, ...]
    differences: dict[str, tuple[float, float]]

    @property
    def bytes(self) -> int:
        """How many bytes all files have."""
        return sum(file.stat().st_size for file in self.files)


def export(weights: Path, out: Path, kind: Format = "onnx", *, half: bool = True) -> Exported:
    """Write the network of `weights` (of a run) to `out`: .onnx, .xml with a .bin beside it, or .safetensors.

    With `half` its numbers are stored in half precision; it computes in float32 all the same. Before anything is
    written, results of `trial_faces()` in every domain are held against torch's. Raises WeightsError for weights that
    cannot be exported, or whose results come out otherwise, OutputError, and MissingExtra without the extra `export`.
    """
    if out.suffix != FORMATS[kind]:
        raise OutputError(f"{out}: {kind} needs a name that ends in {FORMATS[kind]}; choose another `out`")
    if out.exists() and out.samefile(weights):
        raise OutputError(f"{out}: are the weights themselves; choose another `out`")
    if not out.parent.is_dir():
        raise OutputError(f"{out}: there is no folder {out.parent}; make it first")
    _check_installed(kind)
    translator = Translator.load(weights, "cpu")
    if translator.topology is not IBUG68:
        name = translator.topology.name
        raise WeightsError(f"{weights}: learned {name}, and exports know the 68 landmarks alone; edit with it as it is")
    with tempfile.TemporaryDirectory(prefix="ptk-export-") as folder:
        draft = Path(folder) / out.name
        if kind == "safetensors":
            _stored(weights, draft, translator.recipe, half)
        else:
            _write_networks(trace(weights, translator), draft, kind, _metadata(weights, translator), half)
        mend = "try `half=False`" if half else "edit with the weights themselves"
        differences = _compared(weights, translator, load_translator(draft, "cpu"), mend)
        files = sorted(Path(folder).iterdir(), key=lambda file: file.name == out.name)
        for file in files:  # the network's own name comes last: whoever sees it finds the others
            write_bytes(out.with_name(file.name), file.read_bytes())
    return Exported(tuple(out.with_name(file.name) for file in files), differences)


def trial_faces(size: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Faces of the bundled set to try networks on: a cut (size, size, 3) uint8, its landmarks, and where they go."""
    from PIL import Image

    from ptk.dataset.manifest import SAMPLE, read_manifest
    from ptk.faces.crop import Crop

    entries = {entry.photo: entry for entry in read_manifest(SAMPLE)}
    faces = []
    for person, shift in enumerate(_SHIFTS):
        names = (f"p{person:02d}_neutral", f"p{person:02d}_happiness")
        here, there = (np.array(entries[name].landmarks) for name in names)
        crop = Crop.around(here)
        with Image.open(SAMPLE / entries[names[0]].image) as picture:
            cut = crop.cut(np.asarray(picture.convert("RGB")), size)
        faces.append((cut, crop.to_unit(here), crop.to_unit(there) + shift))
    return faces


def _check_installed(kind: Format) -> None:
    from importlib.util import find_spec

    if kind == "safetensors":
        return
    if find_spec("onnxscript") is None:
        raise MissingExtra("export", "`export`")
    if kind == "openvino" and find_spec("openvino") is None:
        raise MissingExtra("openvino", "`export(format=openvino)`")


def _stored(weights: Path, draft: Path, recipe: Recipe, half: bool) -> None:
    """The same weights, for torch, with all that they say of themselves."""
    tensors = read_tensors(weights)
    said = {key: value for key, value in read_metadata(weights).items() if key != "schema"} | write_record(recipe)
    write_weights(draft, {name: _smaller(one) if half else one for name, one in tensors.items()}, said)


def _smaller(tensor: Tensor) -> Tensor:
    """`tensor` in half precision, where it is long enough to be worth it and fits."""
    fits = tensor.numel() >= _SMALLEST and float(tensor.abs().max()) <= np.finfo(np.float16).max
    return tensor.half() if tensor.dtype == torch.float32 and fits else tensor


def _metadata(weights: Path, translator: Translator) -> dict[str, Any]:
    kept = ("recipe", "data", "licence", "plugins", "versions", "step", "grown_from", "untrained")
    said = {key: translator.metadata[key] for key in kept if key in translator.metadata}
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    used = {"schema": SCHEMA, "size": translator.size, "domains": list(translator.domains)}
    used |= write_record(translator.recipe)
    flow = translator.face_flow and {name: getattr(translator.face_flow, name) for name in ("reach", "noise", "lips")}
    heard = {} if translator.hears_landmarks else {"hears_landmarks": False}
    sides = {"multiple": translator.multiple} if translator.multiple else {}
    return {**used, "face_flow": flow, **heard, **sides, **said, "exported_from": {"sha256": digest}}


def _write_networks(traced: Traced, draft: Path, kind: Format, metadata: dict[str, Any], half: bool) -> None:
    metadata = {**metadata, "planes": traced.planes}
    beside = {name: draft.with_name(f"{draft.stem}.{name}{draft.suffix}") for name in ("styles", "mouth")}
    for name, model in (("styles", traced.styles), ("mouth", traced.mouth)):
        if model is not None:
            _written(model, beside[name], kind, metadata, half)
    if traced.styles is not None:
        metadata["styles"] = beside["styles"].name
    if traced.mouth is not None:
        metadata["mouth"] = {"file": beside["mouth"].name, "margin": traced.margin}
    _written(traced.photo, draft, kind, metadata, half)


def _written(model: Any, draft: Path, kind: Format, metadata: dict[str, Any], half: bool) -> None:
    import onnx

    if kind == "openvino":
        openvino = import_openvino("`export(format=openvino)`")
        converted = _converted(openvino, model, metadata)
        converted.set_rt_info(json.dumps(metadata), "ptk")
        try:
            openvino.save_model(converted, draft, compress_to_fp16=half)
        except RuntimeError as error:  # an iostream's, which does not say why
            raise OutputError(f"{draft.parent}: OpenVINO cannot write there ({error}); free space") from error
        return
    if half:
        _halve(model)
    onnx.helper.set_model_props(model, {"ptk": json.dumps(metadata)})
    onnx.save(model, draft)


def _converted(openvino: Any, model: Any, metadata: dict[str, Any]) -> Any:
    """The network for OpenVINO, compiled once to see that it can be. Raises WeightsError, which names its parts."""
    core = openvino.Core()
    try:
        converted = core.read_model(model.SerializeToString(), b"")
        core.compile_model(converted, "CPU")
    except RuntimeError as error:
        recipe = metadata.get("recipe", {})
        reason = str(error).strip().splitlines()[-1].strip("- ")[:200]
        raise WeightsError(
            f"generator {_names(recipe.get('generator'))} or conditioners {_names(recipe.get('conditioners'))}: "
            f"OpenVINO cannot run them ({reason}); export as onnx, or build that part of other operations"
        ) from error
    return converted


def _names(section: Any) -> str:
    """The parts in a section of a recipe."""
    if isinstance(section, list):
        return ", ".join(map(_names, section))
    return ", ".join(section) if isinstance(section, dict) else str(section)


def _halve(model: Any) -> None:
    """Store what was learned in half precision, each with a cast behind it, which is done once at loading.

    Other constants stay as they are: half precision cannot tell pixels of a large image apart.
    """
    import onnx
    from onnx import numpy_helper

    casts = []
    for stored in model.graph.initializer:
        values = numpy_helper.to_array(stored)
        if not stored.name.startswith(("conditioners.", "generator.")):
            continue
        if values.dtype != np.float32 or values.size < _SMALLEST or np.abs(values).max() > np.finfo(np.float16).max:
            continue
        name = stored.name
        stored.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _compared(weights: Path, translator: Translator, exported: Translates, mend: str) -> dict[str, tuple[float, float]]:
    differences = {}
    for domain in translator.domains:
        gaps = []
        for cut, start, goal in trial_faces(translator.size):
            if not translator.multiple:
                mine, theirs = (each.render(cut, start, goal, domain).image for each in (translator, exported))
                gaps.append(np.abs(mine - theirs))
                continue
            for picture in (cut, np.concatenate([cut, cut[: translator.multiple][::-1]])):  # of two shapes
                gaps.append(np.abs(translator.translate(picture, domain) - exported.translate(picture, domain)))
        mean, most = float(np.mean([gap.mean() for gap in gaps])), float(max(gap.max() for gap in gaps))
        if not mean <= _BOUND:
            raise WeightsError(f"{weights}: exported, {domain} differs by {mean:.3g} of 255 levels from torch; {mend}")
        differences[domain] = (mean, most)
    return differences
