"""Importing packages that need some help: openvino without its telemetry, torchvision beside a CPU build of torch."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ptk.errors import MissingExtra

__all__ = ["hide_module", "import_openvino", "mend_torchvision"]

_kept: list[object] = []
"""A library of operators is forgotten with its last reference."""


@contextmanager
def hide_module(name: str) -> Iterator[None]:
    """Let `import name` raise ImportError inside, as if it were not installed; one that is loaded already stays."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


def import_openvino(what: str) -> Any:
    """Import openvino so that it contacts nobody; `what` needs it.

    Its import alone looks up an analytics host and keeps a client id in ~/intel, unless the package that does so
    cannot be imported: then openvino takes a stub of its own. Raises MissingExtra.
    """
    try:
        with hide_module("openvino_telemetry"):
            import openvino
    except ImportError as error:
        raise MissingExtra("openvino", what) from error
    return openvino


def mend_torchvision() -> None:
    """Let `import torchvision` succeed; call it before importing timm, torchmetrics or torchvision.

    The wheel of torchvision on the package index wants CUDA; beside a CPU build of torch its operators do not load,
    and importing it fails with "operator torchvision::nms does not exist". Declared without a kernel they are enough
    for everything but calling them. Where the operators load, or torchvision is not installed, nothing is changed.
    """
    if "torchvision" in sys.modules or _kept:
        return
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return

    import torch

    native = [file for file in Path(spec.origin).parent.glob("_C*") if file.suffix in {".so", ".pyd"}]
    try:
        for file in native:
            torch.ops.load_library(file)  # type: ignore[no-untyped-call]
    except OSError:
        declared = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        for name in ("nms", "qnms"):
            declared.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")  # type: ignore[no-untyped-call]
        _kept.append(declared)
