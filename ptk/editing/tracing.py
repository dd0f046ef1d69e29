"""Conditioners and generator of weights as one ONNX model."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ptk.editing.runtime import INPUTS
from ptk.editing.translator import Translator
from ptk.errors import WeightsError
from ptk.types import Faces, Target

__all__ = ["traced"]

_OPSET = 20  # the first with GridSample as torch computes it
_NO_OPERATOR = re.compile(r"No ONNX function found for <OpOverload\(op='([\w.]+)'")


class _Whole(nn.Module):
    """Conditioners and generator as one network of plain tensors; the source is taken for a photo."""

    def __init__(self, translator: Translator) -> None:
        super().__init__()
        self.conditioners, self.generator = translator.conditioners, translator.generator
        self._photo = translator.domains.index("photo")

    def forward(self, image: Tensor, source_points: Tensor, target_points: Tensor, domain: Tensor) -> Tensor:
        source = Faces(image=image, points=source_points, domain=torch.full_like(domain, self._photo))
        target = Target(points=target_points, domain=domain)
        result: Tensor = self.generator(image, self.conditioners(source, target))[0]
        return result


def traced(weights: Path, translator: Translator) -> Any:
    """The network as an onnx.ModelProto of inputs `INPUTS` and the output `result`, for one face at a time.

    Raises WeightsError that names the part which cannot be exported, and the operator where ONNX has it not; `weights`
    is the file to name in it.
    """
    if "photo" not in translator.domains:
        raise WeightsError(f"{weights}: knows no style photo, so no photo can be edited with it; train with one")
    size, draw = translator.size, torch.Generator().manual_seed(0)
    given = (
        torch.zeros(1, 3, size, size),
        *(torch.rand(1, 68, 2, generator=draw) for _ in range(2)),
        torch.zeros(1, dtype=torch.int64),
    )
    program = None
    try:
        with _quiet():
            program = torch.export.export(_Whole(translator).eval(), given, strict=False)
            exported = torch.onnx.export(
                program,
                dynamo=True,
                opset_version=_OPSET,
                input_names=list(INPUTS),
                output_names=["result"],
                verbose=False,
            )
    except Exception as error:  # torch raises one of a dozen kinds, each with a page of advice
        why = _reason(error, translator, program)
        raise WeightsError(f"{weights}: {why}; edit with the weights themselves, or change that part") from error
    assert exported is not None
    return _bare(exported.model_proto)


def _bare(model: Any) -> Any:
    """`model` without torch's notes on where each node comes from: many bytes, and paths of this machine."""
    graph = model.graph
    for noted in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del noted.metadata_props[:]
        noted.doc_string = ""
    return model


def _reason(error: Exception, translator: Translator, program: Any) -> str:
    """Which part cannot be exported and why, in one line, from what torch raised."""
    chain: list[BaseException] = [error]
    while chain[-1].__cause__ is not None:
        chain.append(chain[-1].__cause__)
    parts = {f"conditioners.parts.{name}": f"conditioner {name}" for name in translator.conditioners.parts}
    parts["generator"] = f"generator {translator.recipe.generator.name}"
    missing = next((found[1] for one in chain if (found := _NO_OPERATOR.search(str(one)))), None)
    if missing is None or program is None:
        whole = nn.ModuleDict({"conditioners": translator.conditioners, "generator": translator.generator})
        path = _running(error, {id(whole.get_submodule(path)): path for path in parts})
        said = " ".join(re.split(r"\.\s|\n\n", str(chain[-1]))[0].split())[:200]
        if "data-dependent" in said:  # torch's word for it
            said = "it computes with values taken out of tensors"
        return f"{parts.get(path, 'its network')} cannot be exported: {said}"
    path = _using(missing, program, parts)
    return f"{parts.get(path, 'its network')} cannot be exported: ONNX has no operator for {missing}"


def _using(operator: str, program: Any, paths: Iterable[str]) -> str:
    """Which of the modules at `paths` of `program` uses `operator`, perhaps inside of another; "" for none."""
    for whole in (program, program.run_decompositions()):
        for node in whole.graph.nodes:
            if str(node.target).startswith(operator):
                inside = [str(path) for path, _ in node.meta.get("nn_module_stack", {}).values()]
                return next((path for path in paths if path in inside), "")
    return ""


def _running(error: Exception, paths: Mapping[int, str]) -> str:
    """Of the modules with these ids, the path of the one in which `error` was raised; "" for none."""
    place, found = error.__traceback__, ""
    while place is not None:
        found = paths.get(id(place.tb_frame.f_locals.get("self")), found)
        place = place.tb_next
    return found


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what torch's exporter prints of its stages, and of what it cannot do."""
    level = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    out, err = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
