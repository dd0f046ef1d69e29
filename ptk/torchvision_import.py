"""Making torchvision importable where torch is a CPU build and torchvision is not."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

__all__ = ["mend_torchvision"]

_kept: list[object] = []
"""A library of operators is forgotten with its last reference."""


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
