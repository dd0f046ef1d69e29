"""Generator and conditioners of weights as ONNX models."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from ptk.conditioners.landmark_map import LandmarkMap
from ptk.conditioners.motion_field import MotionField
from ptk.editing.exported.mouth_network import CORNER, MOUTH_INPUTS, MOUTH_OUTPUTS
from ptk.editing.exported.planes import LIPS
from ptk.editing.exported.runtime import INPUTS, OUTPUTS
from ptk.editing.learned import source_domain
from ptk.editing.translator import Translator
from ptk.errors import WeightsError
from ptk.recipe.build import Conditioners
from ptk.rendering import MovesPixels, PaintsMouths, Restyles
from ptk.types import PHOTO, Faces, Planes, Target, find_plain

__all__ = ["Traced", "paints_mouths", "trace"]

_OPSET = 20  # the first with GridSample as torch computes it
_SMALLEST = 4  # pixels of a window's side
_NO_OPERATOR = re.compile(r"No ONNX function found for <OpOverload\(op='([\w.]+)'")


@dataclass(frozen=True, eq=False)
class Traced:
    """What of weights is a network: `photo`, `styles`, the step from its result to other domains, or None, and `mouth`.

    The last makes a mouth, in a window that holds it and `margin` pixels around, or is None where `photo` does.
    onnx.ModelProto all. `planes` are the options of conditioners that are drawn outside, by name.
    """

    photo: Any
    styles: Any
    mouth: Any
    margin: int
    planes: Mapping[str, Mapping[str, Any]]


class _Network(nn.Module):
    """Generator and those conditioners that are not drawn outside, as a network of plain tensors."""

    def __init__(self, translator: Translator, planes: Sequence[str], *, restyles: bool = False) -> None:
        super().__init__()
        self.conditioners, self.generator = translator.conditioners, translator.generator
        self._photo = translator.domains.index(source_domain(translator.domains, translator.domains[0]))
        self._planes, self._restyles, self._leads_back = planes, restyles, translator.leads_back

    def forward(
        self, image: Tensor, source_points: Tensor, target_points: Tensor, domain: Tensor, *drawn: Tensor
    ) -> Tensor | tuple[Tensor, Tensor, Tensor]:
        seen, goal = torch.full_like(domain, self._photo), domain
        if self._leads_back:
            seen, goal = domain, torch.zeros_like(domain)
        source = Faces(image=image, points=source_points, domain=seen)
        target = Target(points=target_points, domain=goal)
        given = dict(zip(self._planes, drawn, strict=False))
        parts = self.conditioners.parts.items()
        by_name = {name: given[name] if name in given else part(source, target) for name, part in parts}
        planes = Planes(by_name, target.goal, source)
        if self._restyles:
            restyled: Tensor = cast("Restyles", self.generator).restyle(image, planes)
            return restyled
        generator: Any = self.generator
        if not isinstance(generator, MovesPixels):
            result: Tensor = generator(image, planes)[0]
            return result
        render = cast("Any", generator).render_face if paints_mouths(generator) else generator.render
        made = render(image, planes)
        return made.image, made.flow, made.visibility


class _MouthNetwork(nn.Module):
    """What of a generator makes mouths."""

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, image: Tensor, points: Tensor, lips: Tensor, corner: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        flow, unseen, below = torch.split(lips, [2, 1, 1], dim=1)
        mouth, share = cast("PaintsMouths", self.generator).render_mouth(image, points, (flow, unseen, below), corner)
        return mouth.image, mouth.visibility, share


def paints_mouths(generator: object) -> bool:
    """Whether a generator makes mouths in a step of its own."""
    return isinstance(generator, PaintsMouths) and generator.moves_lips


def trace(weights: Path, translator: Translator) -> Traced:
    """The steps of `translator` as networks for one face at a time, of inputs that the runtime knows.

    Of weights that learned from whole pictures the network takes pictures of any sides, multiples of `multiple`.
    Raises WeightsError that names the part which cannot be exported, and the operator where ONNX has it not; `weights`
    is the file to name in it.
    """
    if translator.hears_landmarks and find_plain(translator.domains) is None:
        raise WeightsError(f"{weights}: knows no style {PHOTO}, so no photo can be edited with it; train with one")
    size, planes = translator.size, _drawn_outside(translator.conditioners)
    channels = {name: count for name, count in translator.conditioners.channels.items() if name in planes}
    given = {**_points(size), **{name: torch.zeros(1, count, size, size) for name, count in channels.items()}}
    outputs = OUTPUTS if isinstance(translator.generator, MovesPixels) else OUTPUTS[:1]
    photo = _traced(weights, translator, _Network(translator, tuple(planes)), given, outputs)
    styles = mouth = None
    if translator.restyles:
        styles = _traced(weights, translator, _Network(translator, tuple(planes), restyles=True), given, OUTPUTS[:1])
    if paints_mouths(translator.generator):
        rows, columns = (torch.export.Dim(name, min=_SMALLEST, max=size) for name in ("rows", "columns"))
        window = torch.zeros(1, 4, size * 3 // 8, size // 2)
        given = {**_points(size), LIPS: window, CORNER: torch.tensor([[1.0, 2.0]])}
        given = {name: given[name] for name in MOUTH_INPUTS}
        sides = (None, None, {2: rows, 3: columns}, None)
        mouth = _traced(weights, translator, _MouthNetwork(translator.generator), given, MOUTH_OUTPUTS, sides)
    return Traced(photo, styles, mouth, getattr(translator.generator, "mouth_margin", 0), planes)


def _points(size: int) -> dict[str, Tensor]:
    draw = torch.Generator().manual_seed(0)
    first, second = (torch.rand(1, 68, 2, generator=draw) for _ in range(2))
    return dict(
        zip(INPUTS, (torch.zeros(1, 3, size, size), first, second, torch.zeros(1, dtype=torch.int64)), strict=True)
    )


def _drawn_outside(conditioners: Conditioners) -> dict[str, dict[str, Any]]:
    """The options of those conditioners that the runtime can draw without torch."""
    found: dict[str, dict[str, Any]] = {}
    for name, part in conditioners.parts.items():
        if type(part) is MotionField:
            found[name] = {"reach": part.reach, "noise": part.noise}
        elif type(part) is LandmarkMap:
            found[name] = {"sigma": part.sigma, "of": part.of}
    return found


def _traced(
    weights: Path,
    translator: Translator,
    network: nn.Module,
    given: Mapping[str, Tensor],
    outputs: Sequence[str],
    shapes: tuple[dict[int, Any] | None, ...] | None = None,
) -> Any:
    program = None
    try:
        with _quiet():
            if shapes is None and translator.multiple:  # whole pictures, and planes, may have any sides of multiples
                height, width = (translator.multiple * torch.export.Dim(name, min=2) for name in ("rows", "columns"))
                sides = {2: height, 3: width}
                shapes = (sides, None, None, None, *(sides for _ in range(len(given) - 4)))
            program = torch.export.export(network.eval(), tuple(given.values()), dynamic_shapes=shapes, strict=False)
            exported = torch.onnx.export(
                program,
                dynamo=True,
                opset_version=_OPSET,
                input_names=list(given),
                output_names=list(outputs),
                verbose=False,
            )
    except Exception as error:  # torch raises one of a dozen kinds, each with a page of advice
        why = _reason(error, translator, program)
        raise WeightsError(f"{weights}: {why}; edit with the weights themselves, or change that part") from error
    assert exported is not None
    return _bare(exported.model_proto)


def _bare(model: Any) -> Any:
    """`model` without torch's notes on where each node comes from: many bytes, and paths of this machine.

    Nor has it inputs that nothing reads: OpenVINO's reader refuses them.
    """
    graph = model.graph
    for noted in (graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del noted.metadata_props[:]
        noted.doc_string = ""
    read = {name for node in graph.node for name in node.input} | {one.name for one in graph.output}
    used = [one for one in graph.input if one.name in read]
    del graph.input[:]
    graph.input.extend(used)
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
        paths = {id(whole.get_submodule(path)): path for path in parts}
        place, path = error.__traceback__, ""  # the innermost of these modules that was running
        while place is not None:
            path = paths.get(id(place.tb_frame.f_locals.get("self")), path)
            place = place.tb_next
        said = " ".join(re.split(r"\.\s|\n\n", str(chain[-1]))[0].split())[:200]
        if "data-dependent" in said:  # torch's word for it
            said = "it computes with values taken out of tensors"
        return f"{parts.get(path, 'its network')} cannot be exported: {said}"
    nodes = (node for graph in (program.graph, program.run_decompositions().graph) for node in graph.nodes)
    stacks = (node.meta.get("nn_module_stack", {}) for node in nodes if str(node.target).startswith(missing))
    inside = [str(path) for path, _ in next(stacks, {}).values()]  # of the modules that the operator is used in
    path = next((path for path in parts if path in inside), "")
    return f"{parts.get(path, 'its network')} cannot be exported: ONNX has no operator for {missing}"


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
